//! What differs between the databases.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use futures_core::future::BoxFuture;
use sqlx::{Error, Pool};

use super::sql::Texts;
use crate::database::CacheDatabase;

/// A number, two names and a number.
pub(super) type Quad = (i64, String, String, i64);

/// A database whose log can be read: `Sqlite`, `Postgres` and `MySql`, each behind the feature of its
/// name.
///
/// Sealed: implemented by this crate only.
pub trait RelayDatabase: CacheDatabase + dogpile_migrations::Database + Inside {}

/// The inside of [`RelayDatabase`].
pub trait Inside: sqlx::Database {
    /// Runs a statement, and says how many rows it has touched.
    fn touch(pool: &Pool<Self>, text: String) -> BoxFuture<'_, Result<u64, Error>>;

    /// Runs a statement whose rows are a number, two names and a number.
    fn quads(pool: &Pool<Self>, text: String) -> BoxFuture<'_, Result<Vec<Quad>, Error>>;

    /// Moves the rows of the log that are visible to the feed, with the next numbers, as one. Does
    /// nothing where somebody else does it.
    fn feed<'p>(pool: &'p Pool<Self>, texts: &'p Relayed) -> BoxFuture<'p, Result<(), Error>>;
}

/// The texts, hidden from the signature of [`Inside`].
#[derive(Debug)]
pub struct Relayed(pub(super) Texts);

/// The methods that only repeat themselves.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
macro_rules! statements {
    () => {
        fn touch(
            pool: &sqlx::Pool<Self>,
            text: String,
        ) -> futures_core::future::BoxFuture<'_, Result<u64, sqlx::Error>> {
            Box::pin(async move {
                let done =
                    sqlx::Executor::execute(pool, $crate::relay::database::raw(text)).await?;
                Ok(done.rows_affected())
            })
        }

        fn quads(
            pool: &sqlx::Pool<Self>,
            text: String,
        ) -> futures_core::future::BoxFuture<
            '_,
            Result<Vec<$crate::relay::database::Quad>, sqlx::Error>,
        > {
            Box::pin(async move {
                let rows =
                    sqlx::Executor::fetch_all(pool, $crate::relay::database::raw(text)).await?;
                rows.iter().map(|row| sqlx::FromRow::from_row(row)).collect()
            })
        }
    };
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use statements;

/// A text without parameters, which no pooler has to remember.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) fn raw(text: String) -> sqlx::RawSql {
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
}
