//! How a transaction begins: with the isolation level and access mode of its options.

use std::pin::Pin;
use std::sync::Arc;

use dogpile_query::Dialect;
use dogpile_sqlx::CachedConnection as Connection;
use sea_orm::{
    AccessMode, DbErr, IsolationLevel, TransactionError, TransactionOptions, TransactionTrait,
};
use sqlx::{AssertSqlSafe, Error, Executor, SqlSafeStr, SqlStr};

use super::CachedTransaction;
use super::run::{run, run_async};
use super::session::Lent;
use crate::connection::CachedConnection;
use crate::driver::{Driver, on};
use crate::error::{of_exec, of_query};

impl CachedTransaction {
    /// Begins on a connection of its own.
    pub(crate) async fn begin_on(
        db: &CachedConnection,
        options: TransactionOptions,
    ) -> Result<Self, DbErr> {
        let mut session = db.pool.acquire().await.map_err(of_query)?;
        let begun: Result<(), DbErr> =
            on!(Session, &mut session, connection => begin(connection, options).await);
        begun?;
        let lent = Arc::new(Lent::new(session));
        Ok(Self { lent, backend: db.get_database_backend(), level: 1, open: true })
    }

    /// Begins a savepoint.
    async fn begin_inside(&self, options: TransactionOptions) -> Result<Self, DbErr> {
        let mut session = self.session().await?;
        let level = 1 + on!(Session, &*session, connection => connection.levels());
        // Its drop rolls back what has begun, should this end half-way.
        let inside =
            Self { lent: Arc::clone(&self.lent), backend: self.backend, level, open: true };
        let begun: Result<(), DbErr> =
            on!(Session, &mut *session, connection => begin(connection, options).await);
        begun?;
        drop(session);
        Ok(inside)
    }

    /// Runs `callback` in a savepoint, which is committed if it returns `Ok` and rolled back otherwise.
    ///
    /// # Errors
    ///
    /// Those of `callback`, and of beginning and ending the savepoint.
    pub async fn transaction_async<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c Self) -> Result<T, E> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        run_async(self.begin().await, callback).await
    }

    /// [`transaction_async`](Self::transaction_async) with an isolation level and an access mode.
    ///
    /// # Errors
    ///
    /// Those of `callback`, and of beginning and ending the savepoint.
    pub async fn transaction_with_config_async<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c Self) -> Result<T, E> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        run_async(self.begin_with_config(isolation_level, access_mode).await, callback).await
    }
}

#[async_trait::async_trait]
impl TransactionTrait for CachedTransaction {
    type Transaction = Self;

    async fn begin(&self) -> Result<Self, DbErr> {
        self.begin_inside(TransactionOptions::default()).await
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<Self, DbErr> {
        let options = TransactionOptions { isolation_level, access_mode, ..Default::default() };
        self.begin_inside(options).await
    }

    async fn begin_with_options(&self, options: TransactionOptions) -> Result<Self, DbErr> {
        self.begin_inside(options).await
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
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
        F: for<'c> FnOnce(&'c Self) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        run(self.begin_with_config(isolation_level, access_mode).await, callback).await
    }
}

/// Begins the next level, as sea-orm does on this database.
async fn begin<DB: Driver>(
    connection: &mut Connection<DB>,
    options: TransactionOptions,
) -> Result<(), DbErr> {
    let is_inside = connection.levels() > 0;
    let modes = modes::<DB>(&options);
    match DB::DIALECT {
        // Of the next transaction, so it comes before.
        Dialect::MySql => {
            say(connection, modes).await.map_err(of_exec)?;
            connection.begin_level(None).await.map_err(of_query)
        }
        // A savepoint has no modes: the server says so.
        Dialect::Postgres if is_inside => {
            connection.begin_level(None).await.map_err(of_query)?;
            say(connection, modes).await.map_err(of_exec)
        }
        _ if is_inside => connection.begin_level(None).await.map_err(of_query),
        _ => connection.begin_level(begin_with::<DB>(&options)).await.map_err(of_query),
    }
}

async fn say<DB: Driver>(
    connection: &mut Connection<DB>,
    modes: Option<String>,
) -> Result<(), Error> {
    let Some(modes) = modes else { return Ok(()) };
    connection.execute(AssertSqlSafe(format!("SET TRANSACTION {modes}"))).await.map(drop)
}

/// The isolation level and the access mode, where the database has them.
fn modes<DB: Driver>(options: &TransactionOptions) -> Option<String> {
    let isolation = options.isolation_level.map(|level| format!("ISOLATION LEVEL {level}"));
    let access = options.access_mode.map(|mode| mode.to_string());
    let modes: Vec<_> = isolation.into_iter().chain(access).collect();
    if modes.is_empty() {
        return None;
    }
    if DB::DIALECT == Dialect::Sqlite {
        tracing::warn!("SQLite has neither isolation levels nor access modes of transactions");
        return None;
    }
    Some(modes.join(", "))
}

/// The statement that begins a transaction, where it is not the driver's own.
fn begin_with<DB: Driver>(options: &TransactionOptions) -> Option<SqlStr> {
    let modes = modes::<DB>(options);
    let with = match DB::DIALECT {
        Dialect::Sqlite => options.sqlite_transaction_mode.map(|m| m.sqlite_keyword().to_owned()),
        _ => modes,
    };
    with.map(|with| AssertSqlSafe(format!("BEGIN {with}")).into_sql_str())
}
