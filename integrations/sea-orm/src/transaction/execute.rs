//! Statements in a transaction.

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sqlx::{AssertSqlSafe, Executor};

use super::CachedTransaction;
use crate::driver::{bound, counted, on, rows};
use crate::error::{of_exec, of_query};
use crate::hooks::Asked;

#[async_trait::async_trait]
impl ConnectionTrait for CachedTransaction {
    fn get_database_backend(&self) -> DbBackend {
        Asked::answer(|| Asked::Transaction(self.at_level()));
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        on!(Session, &mut *self.session().await?, connection => {
            let statement = bound(statement, self.callback()).map_err(of_exec)?;
            counted(connection.run(statement)).await.map_err(of_exec)
        })
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        on!(Session, &mut *self.session().await?, connection => {
            connection.execute(sql).await.map(Into::into).map_err(of_exec)
        })
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on!(Session, &mut *self.session().await?, connection => {
            let statement = bound(statement, self.callback()).map_err(of_query)?;
            let row = connection.run_for_first_row(statement).await;
            row.map(|row| row.map(Into::into)).map_err(of_query)
        })
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on!(Session, &mut *self.session().await?, connection => {
            let statement = bound(statement, self.callback()).map_err(of_query)?;
            let rows = rows(connection.run(statement)).map_ok(Into::into);
            rows.try_collect().await.map_err(of_query)
        })
    }
}
