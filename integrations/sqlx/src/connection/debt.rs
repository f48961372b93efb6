//! What a connection owes: tags of writes whose answer is still out.
//!
//! When a caller goes away in the middle of a write or a COMMIT, the server may go on: the write can
//! become visible *after* its tags were invalidated. So a write that is dropped invalidates at once,
//! and once more when the connection has answered everything it was sent: before its next use, or
//! in the background if there is none.

use std::time::Duration;

use dogpile::{Tags, WriteGuard};
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Error};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::CachedConnection;
use crate::database::CacheDatabase;

/// How long a connection gets to answer what was sent before its caller went away.
const DRAIN_LIMIT: Duration = Duration::from_secs(60);

/// A write or a COMMIT that is being sent.
pub(crate) struct Sending<'c, DB: CacheDatabase>(&'c mut CachedConnection<DB>);

impl<'c, DB: CacheDatabase> Sending<'c, DB> {
    /// Owes `tags` from now on.
    pub(crate) fn new(connection: &'c mut CachedConnection<DB>, tags: Tags) -> Self {
        connection.owed = Some(connection.pool.region().write_guard(tags));
        Self(connection)
    }

    pub(crate) fn raw(&mut self) -> Result<&mut DB::Connection, Error> {
        self.0.raw()
    }

    /// The answer is here: invalidates, whatever it was. A write that failed may have happened all
    /// the same, if the connection was lost after it.
    pub(crate) async fn answered(self) {
        if let Some(guard) = self.0.owed.take() {
            // A backend that cannot be reached keeps the debt itself; the write has happened.
            let _ = guard.bump().await;
        }
    }
}

impl<DB: CacheDatabase> Drop for Sending<'_, DB> {
    fn drop(&mut self) {
        if let Some(guard) = &self.0.owed {
            guard.bump_now();
        }
    }
}

impl<DB: CacheDatabase> CachedConnection<DB> {
    pub(super) const fn owes(&self) -> bool {
        self.owed.is_some()
    }

    /// Waits for the answer to what an earlier caller sent and did not wait for.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        if let (Some(guard), Some(raw)) = (&self.owed, &mut self.raw) {
            let answered = timeout(DRAIN_LIMIT, raw.ping()).await;
            guard.bump_now();
            answered.unwrap_or(Err(Error::PoolTimedOut))?;
            if let Some(paid) = self.owed.take() {
                paid.discard();
            }
        }
        Ok(())
    }
}

impl<DB: CacheDatabase> Drop for CachedConnection<DB> {
    fn drop(&mut self) {
        let (Some(guard), Some(raw)) = (self.owed.take(), self.raw.take()) else { return };
        if Handle::try_current().is_ok() {
            drop(self.pool.region().spawn(drain(raw, guard)));
        }
    }
}

/// Waits until the connection has answered, lets the guard invalidate, gives the connection back.
async fn drain<DB: CacheDatabase>(mut raw: PoolConnection<DB>, guard: WriteGuard) {
    // A connection that cannot answer is broken: what it was sent has happened, or never will.
    let _ = timeout(DRAIN_LIMIT, raw.ping()).await;
    let _ = guard.bump().await;
}
