//! Transactions: what was written is invalidated at COMMIT, and forgotten at ROLLBACK.

mod layers;
mod session;

use std::fmt;
use std::ops::{Deref, DerefMut};

use dogpile::Tag;
use sqlx::Error;
use sqlx_core::transaction::TransactionManager;

use crate::connection::{CachedConnection, Sending};
use crate::database::CacheDatabase;

pub(crate) use layers::Layers;
pub(crate) use session::Session;

/// A transaction, or a savepoint inside one, whose writes invalidate when it commits.
///
/// It derefs to a [`CachedConnection`], so `&mut *tx` runs statements. Dropped, it rolls back.
///
/// Reads inside never touch what others see: nothing is taken from the region and nothing stored
/// in it. A read that is repeated before the transaction has written anything is answered from the
/// transaction's own memory, as long as nothing it depends on has moved.
pub struct CachedTransaction<'c, DB: CacheDatabase> {
    session: Session<'c, DB>,
    /// Whether a rollback is due when the transaction is dropped.
    open: bool,
}

impl<'c, DB: CacheDatabase> CachedTransaction<'c, DB> {
    pub(crate) async fn begin(session: Session<'c, DB>) -> Result<Self, Error> {
        // Open before the first await: if this future is dropped the server may have begun.
        let mut transaction = Self { session, open: true };
        transaction.session.layers.push();
        transaction.settle().await?;
        DB::TransactionManager::begin(transaction.session.raw()?, None).await?;
        Ok(transaction)
    }

    /// Commits, and invalidates what was written before it returns.
    ///
    /// Where the outcome is unknown (the connection was lost while committing) it counts as
    /// committed. A savepoint hands what it wrote to the transaction around it.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Transaction::commit`].
    ///
    /// # Cancel safety
    ///
    /// Dropped in the middle, the server may have committed: what was written is invalidated at
    /// once, and again when the connection has answered.
    pub async fn commit(mut self) -> Result<(), Error> {
        let tags = self.session.layers.writes_to_publish();
        let mut sending = Sending::new(&mut self.session, tags);
        let committed = DB::TransactionManager::commit(sending.raw()?).await;
        sending.answered().await;
        if committed.is_ok() {
            self.open = false;
            self.session.layers.commit();
        }
        committed
    }

    /// Rolls back; nothing is invalidated.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Transaction::rollback`].
    ///
    /// # Cancel safety
    ///
    /// Dropped in the middle, the transaction is rolled back all the same.
    pub async fn rollback(mut self) -> Result<(), Error> {
        DB::TransactionManager::rollback(self.session.raw()?).await?;
        self.open = false;
        self.forget();
        Ok(())
    }

    /// Drops the level; what a rollback may not have undone is invalidated by the guard's drop.
    fn forget(&mut self) {
        let left = self.session.layers.rollback();
        drop(self.session.pool().region().write_guard(left));
    }

    /// Invalidates `tags` when the transaction commits, and not if it rolls back.
    pub fn invalidate(&mut self, tags: impl IntoIterator<Item = impl Into<Tag>>) {
        if let Some(layer) = self.session.layers.top() {
            layer.wrote(&tags.into_iter().collect());
        }
    }
}

impl<DB: CacheDatabase> Deref for CachedTransaction<'_, DB> {
    type Target = CachedConnection<DB>;

    fn deref(&self) -> &CachedConnection<DB> {
        &self.session
    }
}

impl<DB: CacheDatabase> DerefMut for CachedTransaction<'_, DB> {
    fn deref_mut(&mut self) -> &mut CachedConnection<DB> {
        &mut self.session
    }
}

impl<DB: CacheDatabase> Drop for CachedTransaction<'_, DB> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        // Sent with the next use of the connection, or when it goes back to the pool.
        if let Ok(raw) = self.session.raw() {
            DB::TransactionManager::start_rollback(raw);
        }
        self.forget();
    }
}

impl<DB: CacheDatabase> fmt::Debug for CachedTransaction<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedTransaction")
            .field("connection", &*self.session)
            .finish_non_exhaustive()
    }
}
