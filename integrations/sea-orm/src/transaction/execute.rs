//! Statements in a transaction.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sqlx::{AssertSqlSafe, Executor};

use super::CachedTransaction;
use crate::driver::{bound, on};
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
            let done = bound(statement).execute(connection).await;
            done.map(Into::into).map_err(of_exec)
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
            let row = bound(statement).fetch_optional(connection).await;
            row.map(|row| row.map(Into::into)).map_err(of_query)
        })
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on!(Session, &mut *self.session().await?, connection => {
            let rows = bound(statement).fetch_all(connection).await.map_err(of_query)?;
            Ok(rows.into_iter().map(Into::into).collect())
        })
    }
}
