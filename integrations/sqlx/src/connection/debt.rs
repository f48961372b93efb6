//! What a connection owes: tags of writes whose answer is still out.
//!
//! When a caller goes away in the middle of a write or a COMMIT, the server may go on: the write can
//! become visible *after* its tags were invalidated. So a write that is dropped invalidates at once,
//! and once more when the connection has answered everything it was sent. Until then the connection
//! is away: whoever uses it next waits for the answer first.

use std::sync::Arc;

use dogpile::{Reason, Tags, WriteGuard};
use sqlx::Error;

use super::CachedConnection;
use super::carrier::run;
use crate::database::CacheDatabase;

/// A write or a COMMIT that is being sent.
pub(crate) struct Sending<'c, DB: CacheDatabase> {
    connection: &'c mut CachedConnection<DB>,
    guard: Option<WriteGuard>,
    ends_transaction: bool,
}

impl<'c, DB: CacheDatabase> Sending<'c, DB> {
    /// A statement that commits by itself: `tags` are owed from now on.
    pub(crate) fn write(connection: &'c mut CachedConnection<DB>, tags: Tags) -> Self {
        Self::new(connection, tags, false)
    }

    /// A COMMIT, or the release of a savepoint.
    pub(crate) fn commit(connection: &'c mut CachedConnection<DB>, tags: Tags) -> Self {
        Self::new(connection, tags, true)
    }

    fn new(connection: &'c mut CachedConnection<DB>, tags: Tags, ends_transaction: bool) -> Self {
        let guard = connection.write_guard(tags);
        Self { connection, guard: Some(guard), ends_transaction }
    }

    /// Lets the transaction that is about to commit carry what is owed, where it can.
    pub(crate) async fn carry(&mut self) {
        let Some(carrier) = self.connection.carrier().map(Arc::clone) else { return };
        let Some(guard) = self.guard.as_mut().filter(|_| carrier.is_ready()) else { return };
        let (Some(script), Ok(raw)) = (carrier.script(guard), self.connection.raw()) else {
            return;
        };
        if run::<DB>(raw, script).await.is_ok() {
            guard.carried();
            return;
        }
        guard.declined(Reason::SCRIPT_FAILED);
        // Where nothing can be taken back the transaction was lost before, and the script is not to
        // blame.
        if run::<DB>(raw, carrier.undo()).await.is_ok() {
            carrier.failed();
        }
    }

    /// Taints what is owed, where the region is fenced: right before it is sent. Where that cannot be
    /// done the write goes on all the same.
    pub(crate) async fn fence(&mut self) {
        if let Some(guard) = &mut self.guard {
            guard.fence().await;
        }
    }

    pub(crate) fn raw(&mut self) -> Result<&mut DB::Connection, Error> {
        self.connection.raw()
    }

    /// The answer is here: invalidates, whatever it was. A write that failed may have happened all
    /// the same, if the connection was lost after it.
    pub(crate) async fn answered(mut self) {
        if let Some(guard) = self.guard.take() {
            // A backend that cannot be reached keeps the debt itself; the write has happened.
            let _ = guard.bump().await;
        }
        if self.connection.changes_schema {
            self.connection.pool.catalog().forget();
        }
    }
}

impl<DB: CacheDatabase> Drop for Sending<'_, DB> {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.bump_now();
            if self.connection.changes_schema {
                self.connection.pool.catalog().distrust();
            }
            self.connection.drain(guard, self.ends_transaction);
        }
    }
}
