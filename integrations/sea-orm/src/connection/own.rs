//! What sea-orm's connection has beside its traits: code that calls it compiles with the wrapper.

use sea_orm::{DbBackend, DbErr, SchemaBuilder};

use super::CachedConnection;

impl CachedConnection {
    /// Which database this is.
    pub fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    /// A builder of the schema of entities, for this database.
    pub fn get_schema_builder(&self) -> SchemaBuilder {
        self.inner.get_schema_builder()
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    ///
    /// Those of [`DatabaseConnection::ping`](sea_orm::DatabaseConnection::ping).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.inner.ping().await
    }

    /// Closes the connection: [`close_by_ref`](Self::close_by_ref).
    ///
    /// # Errors
    ///
    /// Those of [`close_by_ref`](Self::close_by_ref).
    ///
    /// # Cancel safety
    ///
    /// May be dropped; the region stays open then.
    pub async fn close(self) -> Result<(), DbErr> {
        self.close_by_ref().await
    }
}
