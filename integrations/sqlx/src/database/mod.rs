//! What differs between the drivers.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt;

use dogpile::DigestHasher;
use dogpile_query::{Analyzer, Dialect, KeyValue, Relations, TableKey, TableName};
use dogpile_replay::ReplayDatabase;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::{Connection, Database, Either, Error, Pool, SqlStr};
use sqlx_core::transaction::TransactionManager;

use crate::server::Told;
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
    ReplayDatabase<
        Connection: Connection<Database = Self>,
        TransactionManager: TransactionManager<Database = Self>,
        Arguments: Clone + Send + Sync,
    > + sealed::Sealed
{
    /// How this database's SQL is read.
    #[doc(hidden)]
    const DIALECT: Dialect;

    /// Which database the pool connects to, as far as results of one must not serve another, and
    /// whether it is a replica.
    #[doc(hidden)]
    fn tell(pool: &Pool<Self>) -> BoxFuture<'_, Result<Told, Error>>;

    /// [`tell`](Self::tell), on this connection of the pool.
    #[doc(hidden)]
    fn tell_on<'c>(
        pool: &'c Pool<Self>,
        connection: &'c mut Self::Connection,
    ) -> BoxFuture<'c, Result<Told, Error>>;

    /// Writes every argument with its type, so that two different lists never write the same.
    #[doc(hidden)]
    fn fingerprint(arguments: &Self::Arguments, hasher: &mut DigestHasher) -> fmt::Result;

    /// What one argument is, counted from 0, where it could be a key and that can be told exactly.
    #[doc(hidden)]
    fn argument(arguments: &Self::Arguments, index: usize) -> Option<KeyValue>;

    /// What the rows of a table are told apart by, as the catalog tells it on this connection.
    #[doc(hidden)]
    fn key_of<'c>(
        connection: &'c mut Self::Connection,
        table: &'c TableName,
    ) -> BoxFuture<'c, Result<Option<TableKey>, Error>>;

    /// All relations that the catalog tells of on this connection.
    #[doc(hidden)]
    fn relations_of<'c>(
        connection: &'c mut Self::Connection,
        analyzer: &'c Analyzer,
    ) -> BoxFuture<'c, Result<Relations, Error>>;

    /// Roughly how many bytes a row takes in memory.
    #[doc(hidden)]
    fn row_bytes(row: &Self::Row) -> usize;

    /// The first cell of a row, if it is a text.
    #[doc(hidden)]
    fn first_text(row: &Self::Row) -> Option<String>;

    /// Runs a statement on a connection.
    #[doc(hidden)]
    fn fetch_many<'c>(
        connection: &'c mut Self::Connection,
        statement: Statement<Self>,
    ) -> BoxStream<'c, Result<Step<Self>, Error>>;

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

/// The methods that only repeat themselves: their bounds cannot be written once for all drivers. What
/// differs between them is in modules of the driver's name.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! through_executor {
    ($own:ident) => {
        fn argument(
            arguments: &Self::Arguments,
            index: usize,
        ) -> Option<dogpile_query::KeyValue> {
            $crate::arguments::$own::value(arguments, index)
        }

        fn key_of<'c>(
            connection: &'c mut Self::Connection,
            table: &'c dogpile_query::TableName,
        ) -> futures_core::future::BoxFuture<
            'c,
            Result<Option<dogpile_query::TableKey>, sqlx::Error>,
        > {
            Box::pin($crate::catalog::keys::$own::key_of(connection, table))
        }

        fn relations_of<'c>(
            connection: &'c mut Self::Connection,
            analyzer: &'c dogpile_query::Analyzer,
        ) -> futures_core::future::BoxFuture<
            'c,
            Result<dogpile_query::Relations, sqlx::Error>,
        > {
            Box::pin($crate::catalog::relations::$own::relations_of(connection, analyzer))
        }

        fn first_text(row: &Self::Row) -> Option<String> {
            sqlx::Row::try_get(row, 0).ok()
        }

        fn fetch_many<'c>(
            connection: &'c mut Self::Connection,
            mut statement: $crate::statement::Statement<Self>,
        ) -> futures_core::stream::BoxStream<'c, Result<$crate::database::Step<Self>, sqlx::Error>>
        {
            let ear = statement.ear.take();
            $crate::hearing::heard(ear, sqlx::Executor::fetch_many(connection, statement))
        }

        fn fetch_optional<'c>(
            connection: &'c mut Self::Connection,
            mut statement: $crate::statement::Statement<Self>,
        ) -> futures_core::future::BoxFuture<'c, Result<Option<Self::Row>, sqlx::Error>> {
            let ear = statement.ear.take();
            $crate::hearing::heard_once(ear, sqlx::Executor::fetch_optional(connection, statement))
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
