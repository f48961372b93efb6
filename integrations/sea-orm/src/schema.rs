//! What `SchemaBuilder::sync` asks a connection. Its changes are statements like any other: they
//! invalidate by themselves.

use futures_util::TryStreamExt;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, Statement, StatementBuilder};
use sea_schema::Connection;
use sea_schema::sqlx_types::{SqlxError, SqlxRow};
use sqlx::Executor;

use crate::connection::CachedConnection;
use crate::driver::{Driver, bound, on};
use crate::transaction::CachedTransaction;

/// A driver whose rows `sea-schema` reads.
trait Discovered: Driver {
    fn row(row: Self::Row) -> SqlxRow;
}

macro_rules! discovered {
    ($feature:literal, $database:ident) => {
        #[cfg(feature = $feature)]
        impl Discovered for sqlx::$database {
            fn row(row: Self::Row) -> SqlxRow {
                SqlxRow::$database(row)
            }
        }
    };
}

discovered!("sqlx-postgres", Postgres);
discovered!("sqlx-mysql", MySql);
discovered!("sqlx-sqlite", Sqlite);

async fn rows<'c, DB: Discovered>(
    executor: impl Executor<'c, Database = DB>,
    statement: Statement,
) -> Result<Vec<SqlxRow>, SqlxError> {
    bound::<DB>(statement).fetch(executor).map_ok(DB::row).try_collect().await
}

#[async_trait::async_trait]
impl Connection for CachedConnection {
    async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = StatementBuilder::build(&select, &self.get_database_backend());
        on!(Pool, &self.pool, pool => rows(pool, statement).await)
    }

    async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = Statement::from_string(self.get_database_backend(), sql);
        on!(Pool, &self.pool, pool => rows(pool, statement).await)
    }
}

#[async_trait::async_trait]
impl Connection for CachedTransaction {
    async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = StatementBuilder::build(&select, &self.get_database_backend());
        let mut session = self.session().await.map_err(ended)?;
        on!(Session, &mut *session, connection => rows(connection, statement).await)
    }

    async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, SqlxError> {
        let statement = Statement::from_string(self.get_database_backend(), sql);
        let mut session = self.session().await.map_err(ended)?;
        on!(Session, &mut *session, connection => rows(connection, statement).await)
    }
}

/// The transaction around this one has ended.
fn ended(error: DbErr) -> SqlxError {
    match error {
        DbErr::Conn(RuntimeErr::Internal(why)) => SqlxError::Protocol(why),
        other => SqlxError::AnyDriverError(Box::new(other)),
    }
}
