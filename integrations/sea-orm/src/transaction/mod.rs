//! Transactions of sea-orm: handles on one connection, which knows what each level has written.

mod begin;
mod begins;
mod execute;
mod invalidate;
mod run;
mod session;

use std::fmt;
use std::sync::Arc;

use sea_orm::{DbBackend, DbErr, TransactionSession};

use crate::driver::{Session, on};
use crate::error::of_query;
use crate::metric::Callback;
pub(crate) use invalidate::AtLevel;
use session::Lent;
use tokio::sync::MutexGuard;

/// A transaction, or a savepoint inside one, whose writes invalidate when it commits.
///
/// Dropped, it rolls back. Reads inside see what the transaction has written, and nothing of them
/// reaches others.
pub struct CachedTransaction {
    lent: Arc<Lent>,
    backend: DbBackend,
    /// Which level of the connection this is, counted from 1.
    level: usize,
    open: bool,
    /// Hears of the statements.
    pub(crate) callback: Option<Callback>,
}

impl CachedTransaction {
    pub(crate) const fn callback(&self) -> Option<&Callback> {
        self.callback.as_ref()
    }

    pub(crate) async fn session(&self) -> Result<MutexGuard<'_, Session>, DbErr> {
        self.lent.lock(self.level).await
    }

    /// Commits, and invalidates what was written before it returns.
    ///
    /// Where the outcome is unknown it counts as committed. A savepoint hands what it wrote to the
    /// transaction around it; savepoints inside that were not committed are rolled back.
    ///
    /// # Errors
    ///
    /// Those of [`DatabaseTransaction::commit`](sea_orm::DatabaseTransaction::commit).
    ///
    /// # Cancel safety
    ///
    /// Dropped in the middle, the server may have committed: what was written is invalidated.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        let lent = Arc::clone(&self.lent);
        let mut session = lent.lock(self.level).await?;
        // From here on the level ends, whatever becomes of this future.
        self.open = false;
        on!(Session, &mut *session, connection => {
            connection.drop_levels(self.level);
            connection.commit_level().await.map_err(of_query)
        })
    }

    /// Rolls back; nothing is invalidated.
    ///
    /// # Errors
    ///
    /// Those of [`DatabaseTransaction::rollback`](sea_orm::DatabaseTransaction::rollback).
    ///
    /// # Cancel safety
    ///
    /// Dropped in the middle, it is rolled back all the same.
    pub async fn rollback(mut self) -> Result<(), DbErr> {
        let lent = Arc::clone(&self.lent);
        let mut session = lent.lock(self.level).await?;
        self.open = false;
        on!(Session, &mut *session, connection => {
            connection.drop_levels(self.level);
            connection.rollback_level().await.map_err(of_query)
        })
    }
}

#[async_trait::async_trait]
impl TransactionSession for CachedTransaction {
    async fn commit(self) -> Result<(), DbErr> {
        Self::commit(self).await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        Self::rollback(self).await
    }
}

impl fmt::Debug for CachedTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedTransaction")
            .field("lent", &self.lent)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

impl Drop for CachedTransaction {
    fn drop(&mut self) {
        if self.open {
            self.lent.abandon(self.level);
        }
    }
}
