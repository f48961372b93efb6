//! A transaction around a closure, as sea-orm runs it.

use std::fmt::{Debug, Display};
use std::pin::Pin;

use sea_orm::{DbErr, TransactionError};

use super::CachedTransaction;

/// What a callback is doing in the transaction that it was given.
pub(super) type Called<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;

/// Runs `callback` in the transaction that has `begun`.
pub(super) async fn run<F, T, E>(
    begun: Result<CachedTransaction, DbErr>,
    callback: F,
) -> Result<T, TransactionError<E>>
where
    F: for<'c> FnOnce(&'c CachedTransaction) -> Called<'c, T, E> + Send,
    T: Send,
    E: Display + Debug + Send,
{
    let transaction = begun.map_err(TransactionError::Connection)?;
    let result = callback(&transaction).await;
    end(transaction, result).await
}

/// [`run`] with an asynchronous closure.
pub(super) async fn run_async<F, T, E>(
    begun: Result<CachedTransaction, DbErr>,
    callback: F,
) -> Result<T, TransactionError<E>>
where
    F: for<'c> AsyncFnOnce(&'c CachedTransaction) -> Result<T, E> + Send,
    T: Send,
    E: Display + Debug + Send,
{
    let transaction = begun.map_err(TransactionError::Connection)?;
    let result = callback(&transaction).await;
    end(transaction, result).await
}

async fn end<T, E: Display + Debug>(
    transaction: CachedTransaction,
    result: Result<T, E>,
) -> Result<T, TransactionError<E>> {
    let ended = match &result {
        Ok(_) => transaction.commit().await,
        Err(_) => transaction.rollback().await,
    };
    ended.map_err(TransactionError::Connection)?;
    result.map_err(TransactionError::Transaction)
}
