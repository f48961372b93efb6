//! The statements of both: run by the wrapper, and their rows replayed.

use std::pin::Pin;

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use real::sea_query::SelectStatement;
use real::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait};
use sea_schema::Connection;
use sea_schema::sqlx_types::{SqlxError, SqlxRow};

use super::again::again;
use super::{DatabaseConnection, DatabaseTransaction};

type Rows<'a> = BoxStream<'a, Result<QueryResult, DbErr>>;
type Started<'a> = Pin<Box<dyn Future<Output = Result<Rows<'a>, DbErr>> + Send + 'a>>;

macro_rules! statements {
    ($of:ident) => {
        #[async_trait::async_trait]
        impl ConnectionTrait for $of {
            fn get_database_backend(&self) -> DbBackend {
                ConnectionTrait::get_database_backend(&self.0)
            }

            async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                self.0.execute_raw(statement).await
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                self.0.execute_unprepared(sql).await
            }

            async fn query_one_raw(
                &self,
                statement: Statement,
            ) -> Result<Option<QueryResult>, DbErr> {
                let row = self.0.query_one_raw(statement).await?;
                Ok(again(row.into_iter().collect()).await?.pop())
            }

            async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
                again(ConnectionTrait::query_all_raw(&self.0, statement).await?).await
            }

            fn support_returning(&self) -> bool {
                self.0.support_returning()
            }

            fn is_mock_connection(&self) -> bool {
                self.0.is_mock_connection()
            }
        }

        impl StreamTrait for $of {
            type Stream<'a> = Rows<'a>;

            fn get_database_backend(&self) -> DbBackend {
                ConnectionTrait::get_database_backend(&self.0)
            }

            fn stream_raw<'a>(&'a self, statement: Statement) -> Started<'a> {
                Box::pin(async move {
                    let rows: Vec<_> = self.0.stream_raw(statement).await?.try_collect().await?;
                    Ok(stream::iter(again(rows).await?.into_iter().map(Ok)).boxed())
                })
            }
        }

        // What the rows of the schema become is not sea-orm's: they pass.
        #[async_trait::async_trait]
        impl Connection for $of {
            async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, SqlxError> {
                Connection::query_all(&self.0, select).await
            }

            async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, SqlxError> {
                Connection::query_all_raw(&self.0, sql).await
            }
        }
    };
}

statements!(DatabaseConnection);
statements!(DatabaseTransaction);
