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
use super::carrier::{is_conflict, run};
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
    ///
    /// An error says that the transaction is gone: the server has chosen it to end a deadlock with.
    pub(crate) async fn carry(&mut self) -> Result<(), Error> {
        let Some(carrier) = self.connection.carrier().map(Arc::clone) else { return Ok(()) };
        let guard = self.guard.as_mut().filter(|_| carrier.is_ready());
        let (Some(guard), Ok(raw)) = (guard, self.connection.raw()) else { return Ok(()) };
        let Some(script) = carrier.script(guard) else { return Ok(()) };
        let Err(error) = run::<DB>(raw, script).await else {
            guard.carried();
            return Ok(());
        };
        guard.declined(Reason::SCRIPT_FAILED);
        let is_undone = run::<DB>(raw, carrier.undo()).await.is_ok();
        match (is_undone, is_conflict(&error)) {
            (true, false) => carrier.failed(),
            (false, true) => return Err(error),
            // The script is not to blame for others in its way, nor for a transaction that was lost
            // before it.
            (true, true) | (false, false) => {}
        }
        Ok(())
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
