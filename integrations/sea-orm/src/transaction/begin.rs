//! How a transaction begins: with the isolation level and access mode of its options.

use std::sync::Arc;

use dogpile_query::Dialect;
use dogpile_sqlx::CachedConnection as Connection;
use sea_orm::{DbErr, TransactionOptions};
use sqlx::{AssertSqlSafe, Error, Executor, SqlSafeStr, SqlStr};

use super::CachedTransaction;
use super::session::Lent;
use crate::connection::CachedConnection;
use crate::driver::{Driver, on};
use crate::error::{of_exec, of_query};

impl CachedConnection {
    /// Begins on a connection of its own.
    pub(super) async fn begin_level(
        &self,
        options: TransactionOptions,
    ) -> Result<CachedTransaction, DbErr> {
        let mut session = self.pool.acquire().await.map_err(of_query)?;
        let begun: Result<(), DbErr> =
            on!(Session, &mut session, connection => begin(connection, options).await);
        begun?;
        let (lent, backend) = (Arc::new(Lent::new(session)), self.get_database_backend());
        let callback = self.callback().cloned();
        Ok(CachedTransaction { lent, backend, level: 1, open: true, callback })
    }
}

impl CachedTransaction {
    /// Begins a savepoint.
    pub(super) async fn begin_level(&self, options: TransactionOptions) -> Result<Self, DbErr> {
        let mut session = self.session().await?;
        let level = 1 + on!(Session, &*session, connection => connection.levels());
        // Its drop rolls back what has begun, should this end half-way.
        let (lent, callback) = (Arc::clone(&self.lent), self.callback.clone());
        let inside = Self { lent, backend: self.backend, level, open: true, callback };
        let begun: Result<(), DbErr> =
            on!(Session, &mut *session, connection => begin(connection, options).await);
        begun?;
        drop(session);
        Ok(inside)
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
