//! Statements on a cached connection: the hooks through which all of sea-orm passes.

use dogpile_sqlx::CachedPool;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sqlx::{AssertSqlSafe, Executor};

use super::{CachedConnection, Reads};
use crate::driver::{Driver, bound, on};
use crate::error::{of_exec, of_query};
use crate::hooks::Asked;

#[async_trait::async_trait]
impl ConnectionTrait for CachedConnection {
    fn get_database_backend(&self) -> DbBackend {
        Asked::answer(|| Asked::Connection(Box::new(self.clone())));
        self.inner().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        on!(Pool, &self.pool, pool => {
            let done = bound(statement).execute(pool).await;
            done.map(Into::into).map_err(of_exec)
        })
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        on!(Pool, &self.pool, pool => pool.execute(sql).await.map(Into::into).map_err(of_exec))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on!(Pool, &self.pool, pool => one(pool, statement, &self.reads).await.map_err(of_query))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on!(Pool, &self.pool, pool => all(pool, statement, &self.reads).await.map_err(of_query))
    }

    fn support_returning(&self) -> bool {
        self.inner().support_returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.inner().is_mock_connection()
    }
}

async fn one<DB: Driver>(
    pool: &CachedPool<DB>,
    statement: Statement,
    reads: &Reads,
) -> sqlx::Result<Option<QueryResult>> {
    let options = reads.of_looked_up(pool, &statement.sql);
    let query = bound::<DB>(statement);
    let row = match options {
        Some(options) => options.with_query(|()| query).fetch_optional_row(pool).await?,
        None => query.fetch_optional(pool).await?,
    };
    Ok(row.map(Into::into))
}

async fn all<DB: Driver>(
    pool: &CachedPool<DB>,
    statement: Statement,
    reads: &Reads,
) -> sqlx::Result<Vec<QueryResult>> {
    let options = reads.of_looked_up(pool, &statement.sql);
    let query = bound::<DB>(statement);
    let rows = match options {
        Some(options) => options.with_query(|()| query).fetch_all_rows(pool).await?,
        None => query.fetch_all(pool).await?,
    };
    Ok(rows.into_iter().map(Into::into).collect())
}
