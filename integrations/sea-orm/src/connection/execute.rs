//! Statements on a cached connection: the hooks through which all of sea-orm passes.

use dogpile_sqlx::CachedPool;
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sqlx::{AssertSqlSafe, Executor};

use super::CachedConnection;
use crate::driver::{Driver, bound, counted, on, rows};
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
            let statement = bound(statement, self.callback()).map_err(of_exec)?;
            counted(pool.run(statement)).await.map_err(of_exec)
        })
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        on!(Pool, &self.pool, pool => pool.execute(sql).await.map(Into::into).map_err(of_exec))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on!(Pool, &self.pool, pool => self.one_on(pool, statement).await.map_err(of_query))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on!(Pool, &self.pool, pool => self.all_on(pool, statement).await.map_err(of_query))
    }

    fn support_returning(&self) -> bool {
        self.inner().support_returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.inner().is_mock_connection()
    }
}

impl CachedConnection {
    async fn one_on<DB: Driver>(
        &self,
        pool: &CachedPool<DB>,
        statement: Statement,
    ) -> sqlx::Result<Option<QueryResult>> {
        let options = self.reads.of_looked_up(pool, &statement.sql);
        let statement = bound(statement, self.callback())?;
        let row = match options {
            Some(options) => options.with_query(|()| statement).fetch_optional_row(pool).await?,
            None => pool.run_for_first_row(statement).await?,
        };
        Ok(row.map(Into::into))
    }

    async fn all_on<DB: Driver>(
        &self,
        pool: &CachedPool<DB>,
        statement: Statement,
    ) -> sqlx::Result<Vec<QueryResult>> {
        let options = self.reads.of_looked_up(pool, &statement.sql);
        let statement = bound(statement, self.callback())?;
        let rows = match options {
            Some(options) => options.with_query(|()| statement).fetch_all_rows(pool).await?,
            None => rows(pool.run(statement)).try_collect().await?,
        };
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
