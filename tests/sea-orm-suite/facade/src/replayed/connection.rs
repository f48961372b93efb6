//! The connection.

use std::fmt::{Debug, Display};
use std::pin::Pin;

use dogpile_sea_orm::CachedConnection;
use real::{
    AccessMode, DbBackend, DbErr, IsolationLevel, SchemaBuilder, TransactionError,
    TransactionOptions, TransactionTrait,
};

use super::transaction::{DatabaseTransaction, run, run_async};

/// A connection every result of which is replayed.
#[derive(Debug, Clone)]
pub struct DatabaseConnection(pub(super) CachedConnection);

impl DatabaseConnection {
    pub(crate) const fn new(db: CachedConnection) -> Self {
        Self(db)
    }

    pub(crate) const fn inner(&self) -> &real::DatabaseConnection {
        self.0.inner()
    }

    pub fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    pub fn get_schema_builder(&self) -> SchemaBuilder {
        self.0.get_schema_builder()
    }

    pub async fn ping(&self) -> Result<(), DbErr> {
        self.0.ping().await
    }

    pub async fn close(self) -> Result<(), DbErr> {
        self.0.close().await
    }

    pub async fn transaction_async<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c DatabaseTransaction) -> Result<T, E> + Send,
        T: Send,
        E: Display + Debug + Send,
    {
        run_async(self.begin().await, callback).await
    }

    pub async fn transaction_with_config_async<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c DatabaseTransaction) -> Result<T, E> + Send,
        T: Send,
        E: Display + Debug + Send,
    {
        run_async(self.begin_with_config(isolation_level, access_mode).await, callback).await
    }
}

#[async_trait::async_trait]
impl TransactionTrait for DatabaseConnection {
    type Transaction = DatabaseTransaction;

    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.0.begin().await.map(DatabaseTransaction)
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<DatabaseTransaction, DbErr> {
        self.0.begin_with_config(isolation_level, access_mode).await.map(DatabaseTransaction)
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<DatabaseTransaction, DbErr> {
        self.0.begin_with_options(options).await.map(DatabaseTransaction)
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c DatabaseTransaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: Display + Debug + Send,
    {
        run(self.begin().await, callback).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c DatabaseTransaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: Display + Debug + Send,
    {
        run(self.begin_with_config(isolation_level, access_mode).await, callback).await
    }
}
