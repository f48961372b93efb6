//! What `SchemaBuilder::sync` asks a connection. Its changes are statements like any other: they
//! invalidate by themselves.

use dogpile_sqlx::Unacquired;
use futures_util::TryStreamExt;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, Statement, StatementBuilder};
use sea_schema::Connection;
use sea_schema::sqlx_types::{SqlxError, SqlxRow};

use crate::connection::CachedConnection;
use crate::driver::{Steps, bound, on, rows};
use crate::transaction::CachedTransaction;

/// A row that `sea-schema` reads.
trait Discovered: Send {
    fn discovered(self) -> SqlxRow;
}

macro_rules! discovered {
    ($feature:literal, $database:ident, $row:path) => {
        #[cfg(feature = $feature)]
        impl Discovered for $row {
            fn discovered(self) -> SqlxRow {
                SqlxRow::$database(self)
            }
        }
    };
}

discovered!("sqlx-postgres", Postgres, sqlx::postgres::PgRow);
discovered!("sqlx-mysql", MySql, sqlx::mysql::MySqlRow);
discovered!("sqlx-sqlite", Sqlite, sqlx::sqlite::SqliteRow);

async fn discovered<C: Send, R: Discovered>(
    steps: Steps<'_, C, R>,
) -> Result<Vec<SqlxRow>, SqlxError> {
    let found = rows(steps).map_ok(R::discovered).try_collect().await;
    found.map_err(|error| Unacquired::inside(error).unwrap_or_else(|error| error))
}

#[async_trait::async_trait]
impl Connection for CachedConnection {
    async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = StatementBuilder::build(&select, &self.get_database_backend());
        on!(Pool, &self.pool, pool => {
            discovered(pool.run(bound(statement, self.callback())?)).await
        })
    }

    async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = Statement::from_string(self.get_database_backend(), sql);
        on!(Pool, &self.pool, pool => {
            discovered(pool.run(bound(statement, self.callback())?)).await
        })
    }
}

#[async_trait::async_trait]
impl Connection for CachedTransaction {
    async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = StatementBuilder::build(&select, &self.get_database_backend());
        let mut session = self.session().await.map_err(ended)?;
        on!(Session, &mut *session, connection => {
            discovered(connection.run(bound(statement, self.callback())?)).await
        })
    }

    async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = Statement::from_string(self.get_database_backend(), sql);
        let mut session = self.session().await.map_err(ended)?;
        on!(Session, &mut *session, connection => {
            discovered(connection.run(bound(statement, self.callback())?)).await
        })
    }
}

/// The transaction around this one has ended.
fn ended(error: DbErr) -> SqlxError {
    match error {
        DbErr::Conn(RuntimeErr::Internal(why)) => SqlxError::Protocol(why),
        other => SqlxError::AnyDriverError(Box::new(other)),
    }
}
