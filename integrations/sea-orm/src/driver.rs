//! What the three drivers have in common, and which of them a connection uses.

use dogpile::Region;
use dogpile_sqlx::{CacheDatabase, CachedConnection, CachedPool, Statement as Bound};
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future};
use sea_orm::sea_query::Values;
use sea_orm::{
    DatabaseConnection, DatabaseConnectionType, DbErr, ExecResult, QueryResult, Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Either, Error};
use sqlx_core::arguments::ImmutableArguments;

use crate::error::unsupported;
use crate::metric::{self, Callback};

/// A database that sea-orm reaches through sqlx.
pub(crate) trait Driver:
    CacheDatabase<Row: Into<QueryResult> + Unpin + 'static, QueryResult: Into<ExecResult>>
{
    /// Binds values as sea-orm does.
    fn bind(values: SqlxValues) -> Self::Arguments;
}

macro_rules! driver {
    ($feature:literal, $database:ident) => {
        #[cfg(feature = $feature)]
        impl Driver for sqlx::$database {
            fn bind(values: SqlxValues) -> Self::Arguments {
                sqlx::IntoArguments::<Self>::into_arguments(values)
            }
        }
    };
}

driver!("sqlx-postgres", Postgres);
driver!("sqlx-mysql", MySql);
driver!("sqlx-sqlite", Sqlite);

/// A statement of sea-orm with its values bound; `callback` hears of it when it is sent.
pub(crate) fn bound<DB: Driver>(
    statement: Statement,
    callback: Option<&Callback>,
) -> Result<Bound<DB>, Error> {
    let ear = metric::ear(callback, &statement);
    let values = SqlxValues(statement.values.unwrap_or_else(|| Values(Vec::new())));
    let arguments = ImmutableArguments(DB::bind(values));
    let query = sqlx::query_with(AssertSqlSafe(statement.sql), arguments);
    Ok(Bound::take(query)?.heard_by(ear))
}

/// What a statement yields: rows and, at its end, how many it has affected.
pub(crate) type Steps<'s, C, R> = BoxStream<'s, Result<Either<C, R>, Error>>;

/// How many rows a statement has affected.
pub(crate) async fn counted<C, R>(steps: Steps<'_, C, R>) -> Result<ExecResult, Error>
where
    C: Default + Extend<C> + Into<ExecResult>,
{
    let counts = steps.try_filter_map(|step| future::ready(Ok(step.left())));
    counts.try_collect().await.map(C::into)
}

/// The rows of a statement.
pub(crate) fn rows<'s, C: Send + 's, R: Send + 's>(
    steps: Steps<'s, C, R>,
) -> BoxStream<'s, Result<R, Error>> {
    steps.try_filter_map(|step| future::ready(Ok(step.right()))).boxed()
}

/// The pool of a connection.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    #[cfg(feature = "sqlx-postgres")]
    Postgres(CachedPool<sqlx::Postgres>),
    #[cfg(feature = "sqlx-mysql")]
    MySql(CachedPool<sqlx::MySql>),
    #[cfg(feature = "sqlx-sqlite")]
    Sqlite(CachedPool<sqlx::Sqlite>),
}

/// The connection of a transaction.
#[derive(Debug)]
pub(crate) enum Session {
    #[cfg(feature = "sqlx-postgres")]
    Postgres(CachedConnection<sqlx::Postgres>),
    #[cfg(feature = "sqlx-mysql")]
    MySql(CachedConnection<sqlx::MySql>),
    #[cfg(feature = "sqlx-sqlite")]
    Sqlite(CachedConnection<sqlx::Sqlite>),
}

/// Does `$work` with what is in `$any`, a [`Pool`] or a [`Session`], whatever its driver.
macro_rules! on {
    ($of:ident, $any:expr, $it:ident => $work:expr) => {
        match $any {
            #[cfg(feature = "sqlx-postgres")]
            $crate::driver::$of::Postgres($it) => $work,
            #[cfg(feature = "sqlx-mysql")]
            $crate::driver::$of::MySql($it) => $work,
            #[cfg(feature = "sqlx-sqlite")]
            $crate::driver::$of::Sqlite($it) => $work,
        }
    };
}

pub(crate) use on;

/// The [`Pool`] that `$work` makes of the one in `$pool`, whatever its driver.
macro_rules! with {
    ($pool:expr, $it:ident => $work:expr) => {
        match $pool {
            #[cfg(feature = "sqlx-postgres")]
            $crate::driver::Pool::Postgres($it) => $crate::driver::Pool::Postgres($work),
            #[cfg(feature = "sqlx-mysql")]
            $crate::driver::Pool::MySql($it) => $crate::driver::Pool::MySql($work),
            #[cfg(feature = "sqlx-sqlite")]
            $crate::driver::Pool::Sqlite($it) => $crate::driver::Pool::Sqlite($work),
        }
    };
}

pub(crate) use with;

impl Pool {
    /// The pool inside of `connection`, with a cache in `region`.
    pub(crate) fn of(connection: &DatabaseConnection, region: Region) -> Result<Self, DbErr> {
        match &connection.inner {
            #[cfg(feature = "sqlx-postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = connection.get_postgres_connection_pool().clone();
                Ok(Self::Postgres(CachedPool::new(pool, region).marking_unacquired()))
            }
            #[cfg(feature = "sqlx-mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                let pool = connection.get_mysql_connection_pool().clone();
                Ok(Self::MySql(CachedPool::new(pool, region).marking_unacquired()))
            }
            #[cfg(feature = "sqlx-sqlite")]
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                let pool = connection.get_sqlite_connection_pool().clone();
                Ok(Self::Sqlite(CachedPool::new(pool, region).marking_unacquired()))
            }
            other => Err(unsupported(other)),
        }
    }

    /// Takes a connection for a transaction.
    pub(crate) async fn acquire(&self) -> Result<Session, Error> {
        match self {
            #[cfg(feature = "sqlx-postgres")]
            Self::Postgres(pool) => pool.acquire().await.map(Session::Postgres),
            #[cfg(feature = "sqlx-mysql")]
            Self::MySql(pool) => pool.acquire().await.map(Session::MySql),
            #[cfg(feature = "sqlx-sqlite")]
            Self::Sqlite(pool) => pool.acquire().await.map(Session::Sqlite),
        }
    }
}
