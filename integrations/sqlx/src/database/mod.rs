//! What differs between the drivers.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt;

use dogpile::DigestHasher;
use dogpile_query::Dialect;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::{Connection, Database, Either, Error, Pool, SqlStr};
use sqlx_core::transaction::TransactionManager;

use crate::statement::Statement;

/// What a query yields: rows and, at the end of each statement, how many were affected.
pub type Step<DB> = Either<<DB as Database>::QueryResult, <DB as Database>::Row>;

mod sealed {
    pub trait Sealed {}
    #[cfg(feature = "sqlite")]
    impl Sealed for sqlx::Sqlite {}
    #[cfg(feature = "postgres")]
    impl Sealed for sqlx::Postgres {}
    #[cfg(feature = "mysql")]
    impl Sealed for sqlx::MySql {}
}

/// A database whose queries can be cached: `Sqlite`, `Postgres` and `MySql`, each behind the
/// feature of its name.
///
/// Sealed: implemented by this crate only.
pub trait CacheDatabase:
    Database<
        Connection: Connection<Database = Self>,
        TransactionManager: TransactionManager<Database = Self>,
        Arguments: Send + Sync,
    > + sealed::Sealed
{
    /// How this database's SQL is read.
    #[doc(hidden)]
    const DIALECT: Dialect;

    /// Which database the pool connects to, as far as results of one must not serve the other.
    #[doc(hidden)]
    fn identity(pool: &Pool<Self>) -> String;

    /// Writes every argument with its type, so that two different lists never write the same.
    #[doc(hidden)]
    fn fingerprint(arguments: &Self::Arguments, hasher: &mut DigestHasher) -> fmt::Result;

    /// Roughly how many bytes a row takes in memory.
    #[doc(hidden)]
    fn row_bytes(row: &Self::Row) -> usize;

    /// Runs a statement on a connection.
    #[doc(hidden)]
    fn fetch_many<'c>(
        connection: &'c mut Self::Connection,
        statement: Statement<Self>,
    ) -> BoxStream<'c, Result<Step<Self>, Error>>;

    /// Runs a statement on a connection of the pool.
    #[doc(hidden)]
    fn fetch_many_on_pool<'e>(
        pool: &Pool<Self>,
        statement: Statement<Self>,
    ) -> BoxStream<'e, Result<Step<Self>, Error>>;

    /// Runs a statement for its first row.
    #[doc(hidden)]
    fn fetch_optional<'c>(
        connection: &'c mut Self::Connection,
        statement: Statement<Self>,
    ) -> BoxFuture<'c, Result<Option<Self::Row>, Error>>;

    /// Runs a text of any number of statements to its end.
    #[doc(hidden)]
    fn run<'c>(
        connection: &'c mut Self::Connection,
        statement: Statement<Self>,
    ) -> BoxFuture<'c, Result<(), Error>>;

    /// Prepares a statement.
    #[doc(hidden)]
    fn prepare<'c>(
        connection: &'c mut Self::Connection,
        sql: SqlStr,
        parameters: &'c [Self::TypeInfo],
    ) -> BoxFuture<'c, Result<Self::Statement, Error>>;

    /// Describes a statement.
    #[doc(hidden)]
    fn describe<'c>(
        connection: &'c mut Self::Connection,
        sql: SqlStr,
    ) -> BoxFuture<'c, Result<Describe<Self>, Error>>;
}

/// What `Executor::describe` returns.
#[doc(hidden)]
pub type Describe<DB> = sqlx::Describe<DB>;

/// The methods that only repeat themselves: their bounds cannot be written once for all drivers.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! through_executor {
    () => {
        fn fetch_many<'c>(
            connection: &'c mut Self::Connection,
            statement: $crate::statement::Statement<Self>,
        ) -> futures_core::stream::BoxStream<'c, Result<$crate::database::Step<Self>, sqlx::Error>>
        {
            sqlx::Executor::fetch_many(connection, statement)
        }

        fn fetch_many_on_pool<'e>(
            pool: &sqlx::Pool<Self>,
            statement: $crate::statement::Statement<Self>,
        ) -> futures_core::stream::BoxStream<'e, Result<$crate::database::Step<Self>, sqlx::Error>>
        {
            sqlx::Executor::fetch_many(pool, statement)
        }

        fn fetch_optional<'c>(
            connection: &'c mut Self::Connection,
            statement: $crate::statement::Statement<Self>,
        ) -> futures_core::future::BoxFuture<'c, Result<Option<Self::Row>, sqlx::Error>> {
            sqlx::Executor::fetch_optional(connection, statement)
        }

        fn run<'c>(
            connection: &'c mut Self::Connection,
            statement: $crate::statement::Statement<Self>,
        ) -> futures_core::future::BoxFuture<'c, Result<(), sqlx::Error>> {
            Box::pin(async move { sqlx::Executor::execute(connection, statement).await.map(drop) })
        }

        fn prepare<'c>(
            connection: &'c mut Self::Connection,
            sql: sqlx::SqlStr,
            parameters: &'c [Self::TypeInfo],
        ) -> futures_core::future::BoxFuture<'c, Result<Self::Statement, sqlx::Error>> {
            sqlx::Executor::prepare_with(connection, sql, parameters)
        }

        fn describe<'c>(
            connection: &'c mut Self::Connection,
            sql: sqlx::SqlStr,
        ) -> futures_core::future::BoxFuture<
            'c,
            Result<$crate::database::Describe<Self>, sqlx::Error>,
        > {
            sqlx::Executor::describe(connection, sql)
        }
    };
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use through_executor;
