//! Fetching row by row.

use std::any::TypeId;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_stream::try_stream;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use sqlx::Error;

use super::capture::Capture;
use super::decision::{Decision, decide};
use super::gate::Gate;
use super::options::Options;
use super::route::Route;
use super::shape::{All, Shape};
use super::{CachedQuery, Target, TypedQuery};
use crate::database::CacheDatabase;
use crate::pool::CachedPool;

impl<Q> CachedQuery<Q> {
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
        Q: TypedQuery<Output: Clone + Sync> + 'e,
    {
        match db.into() {
            Target::Pool(pool) => {
                let capture = Capture::new();
                let rows = self.query.stream(Gate::new(&capture));
                on_pool(rows, capture, self.options, Q::mapper(), pool)
            }
            Target::Connection(connection) => {
                connection.pool().region().bypass(connection.bypass_reason());
                let capture = Capture::new();
                capture.release(Route::Connection(connection));
                self.query.stream(Gate::new(&capture))
            }
        }
    }
}

fn on_pool<'e, DB, O>(
    mut rows: BoxStream<'e, Result<O, Error>>,
    capture: Arc<Capture<'e, DB>>,
    options: Options,
    mapper: Option<TypeId>,
    pool: &'e CachedPool<DB>,
) -> BoxStream<'e, Result<O, Error>>
where
    DB: CacheDatabase,
    O: Clone + Send + Sync + 'static,
{
    Box::pin(try_stream! {
        if let Some(row) = poll_once(&mut rows).await? {
            yield row;
        }
        let decision = capture.read(|statement| {
            decide(pool, &options, All::CODE, mapper, statement)
        });
        let mut observed = None;
        match decision {
            Some(Decision::Cache(key, tags)) => {
                let entry = options.entry(pool.region(), &key, &tags);
                // Nobody would refresh a stale value: a stream takes fresh ones only.
                let fresh = entry.clone().stale_for(Duration::ZERO).in_process();
                if let Some(cached) = fresh.get::<Vec<O>>().await {
                    for row in cached.iter() {
                        yield row.clone();
                    }
                    return;
                }
                observed = Some((entry.observe().await, Vec::new()));
            }
            Some(Decision::Bypass(reason)) => pool.region().bypass(reason),
            None => {}
        }
        capture.release(Route::Pool(pool.clone()));
        while let Some(row) = rows.try_next().await? {
            // What is too large to be stored is not kept either.
            observed = observed.filter(|(observed, _)| observed.fits(capture.bytes()));
            if let Some((_, kept)) = &mut observed {
                kept.push(row.clone());
            }
            yield row;
        }
        if let (Some((observed, kept)), Some(weight)) = (observed, capture.weight()) {
            observed.store_weighing(kept, weight).await;
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
