//! Transactions of a cached connection.

use std::pin::Pin;

use sea_orm::{
    AccessMode, DbErr, IsolationLevel, TransactionError, TransactionOptions, TransactionTrait,
};

use super::CachedConnection;
use crate::transaction::{CachedTransaction, run, run_async};

#[async_trait::async_trait]
impl TransactionTrait for CachedConnection {
    type Transaction = CachedTransaction;

    async fn begin(&self) -> Result<CachedTransaction, DbErr> {
        self.begin_with_options(TransactionOptions::default()).await
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<CachedTransaction, DbErr> {
        let options = TransactionOptions { isolation_level, access_mode, ..Default::default() };
        self.begin_with_options(options).await
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<CachedTransaction, DbErr> {
        CachedTransaction::begin_on(self, options).await
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c CachedTransaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
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
                &'c CachedTransaction,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        run(self.begin_with_config(isolation_level, access_mode).await, callback).await
    }
}

impl CachedConnection {
    /// Runs `callback` in a transaction, which commits if it returns `Ok` and rolls back otherwise.
    ///
    /// # Errors
    ///
    /// Those of `callback`, and of beginning and ending the transaction.
    pub async fn transaction_async<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c CachedTransaction) -> Result<T, E> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        run_async(self.begin().await, callback).await
    }

    /// [`transaction_async`](Self::transaction_async) with an isolation level and an access mode.
    ///
    /// # Errors
    ///
    /// Those of `callback`, and of beginning and ending the transaction.
    pub async fn transaction_with_config_async<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c CachedTransaction) -> Result<T, E> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        run_async(self.begin_with_config(isolation_level, access_mode).await, callback).await
    }
}
