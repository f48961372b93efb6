//! A query that was started and waits at the gate: for the database, or for rows from elsewhere.

use std::sync::Arc;

use dogpile::{EntryRef, Key, Reason, Shared, Tags, Value};
use futures_core::future::BoxFuture;
use sqlx::Error;

use super::capture::Capture;
use super::failure::Failure;
use super::options::{Mode, Options};
use super::route::Route;
use super::rules::Rules;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;

/// Created without flight or lease: the callers that this one waited for have all failed.
pub(super) const LEADERS_FAILED: Reason = Reason::new("leaders_failed");

/// A query whose own future was polled up to the gate, and gives `V` once it is let through.
pub(crate) struct HeldBack<'p, 'q, DB: CacheDatabase, V> {
    pub(super) pool: &'p CachedPool<DB>,
    pub(super) capture: Arc<Capture<'q, DB>>,
    pub(super) running: BoxFuture<'q, Result<V, Error>>,
}

/// The entry that may have the answer.
pub(crate) struct Asked<V> {
    pub(super) key: Key,
    pub(super) tags: Tags,
    pub(super) options: Options,
    pub(super) rules: Rules<V>,
    /// Whether only the first row is asked for.
    pub(super) first_only: bool,
}

impl<V> Asked<V> {
    pub(super) fn entry<'r, DB: CacheDatabase>(&'r self, pool: &'r CachedPool<DB>) -> EntryRef<'r> {
        self.options.entry(self.options.region(pool), &self.key, &self.tags)
    }
}

impl<DB: CacheDatabase, V: Send + Sync + 'static> HeldBack<'_, '_, DB, V> {
    /// On the database, past the cache.
    pub(super) async fn run(self) -> Result<Shared<V>, Error> {
        self.capture.release(Route::Pool(self.pool.clone()));
        self.running.await.map(Shared::from)
    }

    /// On the database, after the callers that this one waited for have failed.
    pub(super) async fn run_unlocked(self) -> Result<Shared<V>, Error> {
        let region = self.pool.region();
        region.unlocked(LEADERS_FAILED, self.run()).await
    }

    /// From a region in this process, which keeps the values themselves.
    pub(super) async fn through_values(mut self, asked: &Asked<V>) -> Result<Shared<V>, Error> {
        let capture = Arc::clone(&self.capture);
        let entry = asked.rules.on_values(asked.entry(self.pool)).in_process();
        let (pool, own, running) = (self.pool, &self.capture, &mut self.running);
        let create = move || async move { create(pool, own, running).await };
        let created = match asked.options.mode() {
            Mode::ReadOnly => match entry.get().await {
                Some(value) => return Ok(value),
                None => return self.run().await,
            },
            Mode::Refresh => entry.refresh(|_| capture.weight(), create).await,
            _ => entry.get_or_create(|_| capture.weight(), create).await,
        };
        match created {
            Ok(value) => Ok(value),
            Err(failure) => self.after(failure.shared()).await,
        }
    }

    /// From a region that has a backend, which keeps what serde makes of the values.
    pub(super) async fn through_codec(mut self, asked: &Asked<V>) -> Result<Shared<V>, Error>
    where
        V: Value,
    {
        let entry = asked.rules.on_values(asked.entry(self.pool));
        let (pool, own, running) = (self.pool, &self.capture, &mut self.running);
        let create = move || async move { create(pool, own, running).await };
        let created = match asked.options.mode() {
            Mode::ReadOnly => match entry.get().await {
                Some(value) => return Ok(value),
                None => return self.run().await,
            },
            Mode::Refresh => entry.refresh(create).await,
            _ => entry.get_or_create(create).await,
        };
        match created {
            Ok(value) => Ok(value),
            Err(failure) => self.after(failure.shared()).await,
        }
    }

    /// What the caller gets whose own creation gave no value to keep.
    pub(super) async fn after(self, failure: Failure<Shared<V>>) -> Result<Shared<V>, Error> {
        match failure {
            Failure::Query(error) => Err(error),
            Failure::NotToKeep(rows) => Ok(rows),
            Failure::Cache => self.run_unlocked().await,
        }
    }
}

/// The creator: runs the query on the database.
pub(super) async fn create<DB: CacheDatabase, V>(
    pool: &CachedPool<DB>,
    capture: &Capture<'_, DB>,
    running: &mut BoxFuture<'_, Result<V, Error>>,
) -> Result<V, Failure<V>> {
    pool.refresh_catalog();
    let keep = !pool.server_has_changed().await;
    let trusts = pool.trusts_connections();
    capture.release(Route::Pool(pool.clone()));
    let rows = running.await.map_err(Failure::Query)?;
    match capture.weight() {
        Some(_) if keep && trusts() => Ok(rows),
        _ => Err(Failure::NotToKeep(rows)),
    }
}
