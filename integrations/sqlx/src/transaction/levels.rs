//! Transactions without a borrow: for adapters whose transactions are handles that many may hold.
//!
//! Each level is what a [`CachedTransaction`] is, with whoever begins it to see to its end.

use dogpile::Tags;
use sqlx::{Error, SqlStr};

use super::{CachedTransaction, State};
use crate::connection::CachedConnection;
use crate::database::CacheDatabase;

impl<DB: CacheDatabase> CachedConnection<DB> {
    /// Begins a transaction, or a savepoint inside one; with `statement` in place of `BEGIN`.
    ///
    /// # Errors
    ///
    /// Those of [`begin`](Self::begin).
    #[doc(hidden)]
    pub async fn begin_level(&mut self, statement: Option<SqlStr>) -> Result<(), Error> {
        let mut level = CachedTransaction::begin_on(self.into(), statement).await?;
        level.state = State::Ended;
        Ok(())
    }

    /// Commits the innermost level, and invalidates what it wrote if that was the transaction.
    ///
    /// # Errors
    ///
    /// Those of [`CachedTransaction::commit`].
    #[doc(hidden)]
    pub async fn commit_level(&mut self) -> Result<(), Error> {
        self.level().commit().await
    }

    /// Rolls the innermost level back.
    ///
    /// # Errors
    ///
    /// Those of [`CachedTransaction::rollback`].
    #[doc(hidden)]
    pub async fn rollback_level(&mut self) -> Result<(), Error> {
        self.level().rollback().await
    }

    /// Rolls back every level beyond so many, with the next use of the connection.
    #[doc(hidden)]
    pub fn drop_levels(&mut self, beyond: usize) {
        while self.levels() > beyond {
            drop(self.level());
        }
    }

    /// Invalidates `tags` when the transaction commits, unless this level is rolled back; the first is
    /// the transaction.
    #[doc(hidden)]
    pub fn invalidate_at(&mut self, level: usize, tags: Tags) {
        if let Some(layer) = self.layers.at(level) {
            layer.wrote(&tags.with_rows(), false);
        }
    }

    /// [`invalidate_at`](Self::invalidate_at) of every read of the named tables.
    #[doc(hidden)]
    pub fn invalidate_tables_at(
        &mut self,
        level: usize,
        tables: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        let tags = self.pool().write_tags_of(tables);
        self.invalidate_at(level, tags);
    }

    /// Runs `callback` when the transaction has committed, unless this level is rolled back.
    #[doc(hidden)]
    pub fn on_commit_at(&mut self, level: usize, callback: impl FnOnce() + Send + Sync + 'static) {
        if let Some(layer) = self.layers.at(level) {
            layer.on_commit(Box::new(callback));
        }
    }

    /// How many levels are open.
    #[doc(hidden)]
    pub fn levels(&self) -> usize {
        self.layers.depth()
    }

    /// The innermost level, to be ended: dropped, it rolls back.
    #[doc(hidden)]
    pub fn level(&mut self) -> CachedTransaction<'_, DB> {
        CachedTransaction { session: self.into(), state: State::Open }
    }
}
