//! Invalidation by hand: when the transaction commits, and not if it rolls back.

use std::sync::Arc;

use dogpile::{Tag, Tags};
use sea_orm::DbErr;

use super::CachedTransaction;
use super::session::Lent;
use crate::driver::on;

/// One level of a transaction, for whoever does not end it.
pub(crate) struct AtLevel {
    lent: Arc<Lent>,
    level: usize,
}

impl AtLevel {
    pub(crate) async fn invalidate(&self, tags: Tags) -> Result<(), DbErr> {
        let mut session = self.lent.lock(self.level).await?;
        on!(Session, &mut *session, connection => connection.invalidate_at(self.level, tags));
        Ok(())
    }

    pub(crate) async fn invalidate_tables(&self, tables: Vec<String>) -> Result<(), DbErr> {
        let mut session = self.lent.lock(self.level).await?;
        on!(Session, &mut *session, connection => {
            connection.invalidate_tables_at(self.level, tables);
        });
        Ok(())
    }

    pub(crate) async fn on_commit(
        &self,
        callback: impl FnOnce() + Send + Sync + 'static,
    ) -> Result<(), DbErr> {
        let mut session = self.lent.lock(self.level).await?;
        on!(Session, &mut *session, connection => connection.on_commit_at(self.level, callback));
        Ok(())
    }
}

impl CachedTransaction {
    pub(crate) fn at_level(&self) -> AtLevel {
        AtLevel { lent: Arc::clone(&self.lent), level: self.level }
    }

    /// Invalidates `tags` when the transaction commits, and not if it rolls back, or the savepoint
    /// whose handle this is.
    ///
    /// # Errors
    ///
    /// [`DbErr::Conn`] if the transaction around this one has ended.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tags are then invalidated or not.
    pub async fn invalidate(
        &self,
        tags: impl IntoIterator<Item = impl Into<Tag>> + Send,
    ) -> Result<(), DbErr> {
        let tags = tags.into_iter().collect();
        self.at_level().invalidate(tags).await
    }

    /// Invalidates every read of the named tables when the transaction commits, and not if it rolls
    /// back. Each is `name` or `schema.name`.
    ///
    /// # Errors
    ///
    /// [`DbErr::Conn`] if the transaction around this one has ended.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tables are then invalidated or not.
    pub async fn invalidate_tables(
        &self,
        tables: impl IntoIterator<Item = impl AsRef<str>> + Send,
    ) -> Result<(), DbErr> {
        let tables = tables.into_iter().map(|table| table.as_ref().to_owned()).collect();
        self.at_level().invalidate_tables(tables).await
    }

    /// Runs `callback` when the transaction has committed and what it wrote is invalidated; not if it
    /// rolls back, nor if it is dropped.
    ///
    /// On a savepoint it waits for the transaction around it. Callbacks run in the order in which they
    /// were given. Where the outcome of the COMMIT is unknown they do not run.
    ///
    /// # Errors
    ///
    /// [`DbErr::Conn`] if the transaction around this one has ended.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the callback is then run or not.
    pub async fn on_commit(
        &self,
        callback: impl FnOnce() + Send + Sync + 'static,
    ) -> Result<(), DbErr> {
        self.at_level().on_commit(callback).await
    }
}
