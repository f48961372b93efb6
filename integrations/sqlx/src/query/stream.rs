//! Fetching row by row.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_stream::try_stream;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use sqlx::Error;

use super::capture::Capture;
use super::decision::{Decision, Kept, decide, decide_on};
use super::gate::Gate;
use super::in_transaction::IN_TRANSACTION;
use super::keeping::{Copying, Found, Keeping, Mapped, find};
use super::options::{Mode, Options};
use super::route::Route;
use super::shape::{All, Shape};
use super::{CachedQuery, Target, TypedQuery};
use crate::database::CacheDatabase;
use crate::verify::Place;

impl<Q: TypedQuery> CachedQuery<Q> {
    /// The rows as a stream.
    ///
    /// Rows from the cache are copies. A miss streams from the database at the consumer's pace, so
    /// nobody waits for it; what it yielded is stored if the stream is read to its clean end.
    ///
    /// # Errors
    ///
    /// The stream yields the errors of the query's own `fetch`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// The stream may be dropped at any point: nothing is stored then.
    pub fn fetch<'e>(
        self,
        db: impl Into<Target<'e, Q::Database>>,
    ) -> BoxStream<'e, Result<Q::Output, Error>>
    where
        Q: 'e,
        Q::Output: Clone + Sync,
    {
        self.pass(db.into(), Some(Q::Output::clone))
    }

    /// The rows as a stream, the caller's own where there is no `copy` of them.
    pub(super) fn pass<'e>(
        self,
        target: Target<'e, Q::Database>,
        copy: Option<Copying<Q::Output>>,
    ) -> BoxStream<'e, Result<Q::Output, Error>>
    where
        Q: 'e,
        Q::Output: Sync,
    {
        let capture = Capture::new();
        let rows = self.query.stream(Gate::new(&capture));
        match target {
            Target::Connection(connection) if connection.layers.depth() > 0 => {
                connection.pool().region().bypass(IN_TRANSACTION);
                capture.release(Route::Connection(connection));
                rows
            }
            target => {
                let mapped = Mapped { by: Q::mapper(), copy };
                outside(rows, capture, self.options, mapped, target)
            }
        }
    }
}

/// Outside of a transaction.
fn outside<'e, DB, O>(
    mut rows: BoxStream<'e, Result<O, Error>>,
    capture: Arc<Capture<'e, DB>>,
    mut options: Options,
    mapped: Mapped<O>,
    target: Target<'e, DB>,
) -> BoxStream<'e, Result<O, Error>>
where
    DB: CacheDatabase,
    O: Send + Sync + 'static,
{
    Box::pin(try_stream! {
        if let Some(row) = poll_once(&mut rows).await? {
            yield row;
        }
        let pool = target.pool().clone();
        let kept = mapped.kept(&pool, options.region(&pool));
        let (decision, mut route, is_shared) = match target {
            Target::Pool(pool) => {
                let decision = decide(pool, &mut options, All::CODE, kept, &capture).await;
                (decision, Route::Pool(pool.clone()), true)
            }
            Target::Connection(connection) => {
                let decision = decide_on(connection, &mut options, All::CODE, kept, &capture).await;
                (decision, Route::Connection(connection), false)
            }
        };
        let region = options.region(&pool);
        let trusts = pool.trusts_connections();
        let mut keeping = None;
        match decision {
            Some(Decision::Cache(key, tags)) => {
                // Nobody would refresh a stale value: a stream takes fresh ones only.
                let entry = options.entry(region, &key, &tags).stale_for(Duration::ZERO);
                // On a connection the session may decide what the statement finds.
                let compare = |rows: &_| {
                    if is_shared {
                        capture.compare(&pool, || Place::of(&key, &tags, &options, false), rows);
                    }
                };
                let found = match options.mode() {
                    Mode::Refresh => None,
                    _ => find::<DB, O>(entry.clone(), kept, mapped.view(), compare).await,
                };
                match found {
                    Some(Found::Values(values)) => {
                        // Only what can be copied is kept as values.
                        for row in mapped.copy.iter().flat_map(|copy| values.iter().map(copy)) {
                            yield row;
                        }
                        return;
                    }
                    Some(Found::Rows(replayed)) => route = Route::Rows(replayed),
                    None if options.mode() == Mode::ReadOnly => {}
                    None => {
                        let none_ttl = options.none_ttl;
                        if is_shared {
                            pool.refresh_catalog();
                        }
                        if !(is_shared && pool.server_has_changed().await) {
                            let copy = mapped.copy.filter(|_| matches!(kept, Kept::Values(_)));
                            keeping = Some(Keeping::begin(entry, copy, none_ttl, &capture).await);
                        }
                    }
                }
            }
            Some(Decision::Bypass(reason)) => region.bypass(reason),
            None => {}
        }
        capture.release(route);
        while let Some(row) = rows.try_next().await? {
            if let Some(kept) = &mut keeping {
                kept.saw(&row, &capture);
            }
            yield row;
        }
        if let Some(kept) = keeping.filter(|_| !is_shared || trusts()) {
            kept.store(&pool, &capture).await;
        }
    })
}

/// Polls a stream once. It has nothing to yield before its statement is released, unless an
/// argument could not be encoded.
async fn poll_once<T>(rows: &mut BoxStream<'_, Result<T, Error>>) -> Result<Option<T>, Error> {
    poll_fn(|context| match rows.as_mut().poll_next(context) {
        Poll::Ready(item) => Poll::Ready(item.transpose()),
        Poll::Pending => Poll::Ready(Ok(None)),
    })
    .await
}
