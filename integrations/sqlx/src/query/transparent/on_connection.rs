//! The steps of a plain read on a connection that is in no transaction.

use std::time::Duration;

use async_stream::try_stream;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use sqlx::{Either, Error};

use crate::connection::CachedConnection;
use crate::database::{CacheDatabase, Step};
use crate::query::capture::Capture;
use crate::query::decision::{Decision, Kept, decide_on};
use crate::query::keeping::{Found, Keeping, find};
use crate::query::options::Options;
use crate::query::shape::{All, Shape};
use crate::statement::Statement;

/// From the cache, or as the database says them.
pub(super) fn steps<DB: CacheDatabase>(
    connection: &mut CachedConnection<DB>,
    statement: Statement<DB>,
) -> BoxStream<'_, Result<Step<DB>, Error>> {
    Box::pin(try_stream! {
        let (pool, capture) = (connection.pool().clone(), Capture::<DB>::new());
        capture.put(statement);
        let (mut options, mut keeping) = (Options::of_plain(), None::<Keeping<()>>);
        match decide_on(connection, &mut options, All::CODE, Kept::Cells, &capture).await {
            Some(Decision::Cache(key, tags)) => {
                // Nobody would refresh a stale value: fresh ones only.
                let entry = options.entry(pool.region(), &key, &tags).stale_for(Duration::ZERO);
                if let Some(Found::Rows(rows)) =
                    find::<DB, ()>(entry.clone(), Kept::Cells, None, |_| ()).await
                {
                    for row in rows {
                        yield Either::Right(row);
                    }
                    yield Either::Left(DB::QueryResult::default());
                    return;
                }
                let none_ttl = options.none_ttl;
                keeping = Some(Keeping::begin(entry, None, none_ttl, &capture).await);
            }
            Some(Decision::Bypass(reason)) => pool.region().bypass(reason),
            None => {}
        }
        let Some(statement) = capture.take() else { return };
        let mut steps = connection.run(statement);
        while let Some(step) = steps.try_next().await? {
            capture.saw(&step);
            if let (Either::Right(_), Some(keeping)) = (&step, &mut keeping) {
                keeping.saw(&(), &capture);
            }
            yield step;
        }
        if let Some(keeping) = keeping {
            keeping.store(&pool, &capture).await;
        }
    })
}
