//! Fetching: from the cache, or by running the query's own fetch.

use std::future::poll_fn;
use std::task::Poll;

use dogpile::{Reason, Shared};
use futures_core::future::BoxFuture;
use sqlx::Error;

use super::capture::Capture;
use super::decision::{Decision, decide};
use super::failure::Failure;
use super::gate::Gate;
use super::route::Route;
use super::shape::{All, First, Shape};
use super::{CachedQuery, Target, TypedQuery};
use crate::pool::CachedPool;

impl<Q> CachedQuery<Q> {
    /// All rows, as a copy of one's own.
    ///
    /// # Errors
    ///
    /// Those of the query's own `fetch_all`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn fetch_all<'e>(
        self,
        db: impl Into<Target<'e, Q::Database>>,
    ) -> Result<Vec<Q::Output>, Error>
    where
        Q: TypedQuery<Output: Clone + Sync> + 'e,
    {
        Ok(run::<All, Q>(self, db.into()).await?.into_owned())
    }

    /// All rows, as the value in memory: nothing is copied.
    ///
    /// # Errors
    ///
    /// Those of the query's own `fetch_all`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn fetch_all_shared<'e>(
        self,
        db: impl Into<Target<'e, Q::Database>>,
    ) -> Result<Shared<Vec<Q::Output>>, Error>
    where
        Q: TypedQuery<Output: Sync> + 'e,
    {
        run::<All, Q>(self, db.into()).await
    }

    /// The first row, or `None`. That there is none is remembered too.
    ///
    /// # Errors
    ///
    /// Those of the query's own `fetch_optional`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn fetch_optional<'e>(
        self,
        db: impl Into<Target<'e, Q::Database>>,
    ) -> Result<Option<Q::Output>, Error>
    where
        Q: TypedQuery<Output: Clone + Sync> + 'e,
    {
        Ok(run::<First, Q>(self, db.into()).await?.into_owned())
    }

    /// The first row or `None`, as the value in memory.
    ///
    /// # Errors
    ///
    /// Those of the query's own `fetch_optional`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn fetch_optional_shared<'e>(
        self,
        db: impl Into<Target<'e, Q::Database>>,
    ) -> Result<Shared<Option<Q::Output>>, Error>
    where
        Q: TypedQuery<Output: Sync> + 'e,
    {
        run::<First, Q>(self, db.into()).await
    }

    /// The first row.
    ///
    /// # Errors
    ///
    /// [`Error::RowNotFound`] if there is none, from the cache as from the database, and those of
    /// the query's own `fetch_one`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn fetch_one<'e>(
        self,
        db: impl Into<Target<'e, Q::Database>>,
    ) -> Result<Q::Output, Error>
    where
        Q: TypedQuery<Output: Clone + Sync> + 'e,
    {
        self.fetch_optional(db).await?.ok_or(Error::RowNotFound)
    }
}

/// Created without flight or lease: the callers that this one waited for have all failed.
const LEADERS_FAILED: Reason = Reason::new("leaders_failed");

/// Fetches the part of the result that `S` names, wherever it is.
async fn run<'e, S, Q>(
    query: CachedQuery<Q>,
    target: Target<'e, Q::Database>,
) -> Result<Shared<S::Value<Q::Output>>, Error>
where
    S: Shape<Value<Q::Output>: Send + Sync + 'static>,
    Q: TypedQuery + 'e,
{
    match target {
        Target::Pool(pool) => on_pool::<S, Q>(query, pool).await,
        Target::Connection(connection) => query.in_transaction::<S>(connection).await,
    }
}

/// From the region, or by running the query on the pool.
async fn on_pool<S, Q>(
    query: CachedQuery<Q>,
    pool: &CachedPool<Q::Database>,
) -> Result<Shared<S::Value<Q::Output>>, Error>
where
    S: Shape<Value<Q::Output>: Send + Sync + 'static>,
    Q: TypedQuery,
{
    let CachedQuery { query, options } = query;
    let capture = Capture::new();
    let mut running = S::start(query, Gate::new(&capture));
    if let Some(ended) = poll_once(&mut running).await {
        // An argument could not be encoded: the database was not asked.
        return ended.map(Shared::from);
    }
    let decision =
        capture.read(|statement| decide(pool, &options, S::CODE, Q::mapper(), statement));
    let release = || capture.release(Route::Pool(pool.clone()));
    match decision {
        Some(Decision::Cache(key, tags)) => {
            let entry = options.entry(pool.region(), &key, &tags).in_process();
            let created = entry.get_or_create(
                |_| capture.weight(),
                || {
                    release();
                    async {
                        let rows = running.as_mut().await.map_err(Failure::Query)?;
                        match capture.weight() {
                            Some(_) => Ok(rows),
                            None => Err(Failure::BrokenOff(rows)),
                        }
                    }
                },
            );
            match created.await {
                Ok(value) => return Ok(value),
                Err(Failure::Query(error)) => return Err(error),
                Err(Failure::BrokenOff(rows)) => return Ok(rows.into()),
                Err(Failure::Cache) => {
                    release();
                    let unlocked = pool.region().unlocked(LEADERS_FAILED, running);
                    return unlocked.await.map(Shared::from);
                }
            }
        }
        Some(Decision::Bypass(reason)) => pool.region().bypass(reason),
        None => {}
    }
    release();
    running.await.map(Shared::from)
}

/// Polls a future once; `None` if it is not done.
pub(super) async fn poll_once<T>(future: &mut BoxFuture<'_, T>) -> Option<T> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
