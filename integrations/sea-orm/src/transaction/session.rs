//! The connection that the handles of a transaction share.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{DbErr, RuntimeErr};
use tokio::sync::{Mutex, MutexGuard};

use crate::driver::{Session, on};

/// A connection lent to the levels of a transaction. It goes back to its pool with the last of them.
#[derive(Debug)]
pub(super) struct Lent {
    session: Mutex<Session>,
    /// The lowest level whose handle was dropped while the connection was in use: whoever uses it
    /// next rolls back.
    abandoned: AtomicUsize,
}

/// Nothing was abandoned.
const NONE: usize = usize::MAX;

impl Lent {
    pub(super) fn new(session: Session) -> Self {
        Self { session: Mutex::new(session), abandoned: AtomicUsize::new(NONE) }
    }

    /// The connection, for the handle of `level`.
    pub(super) async fn lock(&self, level: usize) -> Result<MutexGuard<'_, Session>, DbErr> {
        let mut session = self.session.lock().await;
        self.roll_back_abandoned(&mut session);
        if on!(Session, &*session, connection => connection.levels()) < level {
            let why = "the transaction around this one has ended".to_owned();
            return Err(DbErr::Conn(RuntimeErr::Internal(why)));
        }
        Ok(session)
    }

    /// The handle of `level` is gone, and it was not ended: it is rolled back, with what is inside.
    pub(super) fn abandon(&self, level: usize) {
        self.abandoned.fetch_min(level, Ordering::AcqRel);
        if let Ok(mut session) = self.session.try_lock() {
            self.roll_back_abandoned(&mut session);
        }
    }

    fn roll_back_abandoned(&self, session: &mut Session) {
        let level = self.abandoned.swap(NONE, Ordering::AcqRel);
        if level != NONE {
            on!(Session, session, connection => connection.drop_levels(level.saturating_sub(1)));
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        on!(Session, self.session.get_mut(), connection => connection.drop_levels(0));
    }
}
