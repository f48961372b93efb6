//! Statements run on a [`CachedPool`] as on the pool inside.

use async_stream::try_stream;
use dogpile::{Tag, Tags};
use dogpile_query::TransactionText;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use sqlx::{Error, Execute, Executor, SqlStr};

use super::connection::first_row;
use crate::database::{CacheDatabase, Describe, Step};
use crate::pool::CachedPool;
use crate::statement::Statement;

impl<'p, DB: CacheDatabase> Executor<'p> for &CachedPool<DB> {
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step<DB>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, DB>,
    {
        match Statement::take(query) {
            Ok(statement) => self.run(statement),
            Err(error) => stream::once(future::ready(Err(error))).boxed(),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, DB>,
    {
        match Statement::take(query) {
            Ok(statement) => self.run_for_first_row(statement),
            Err(error) => Box::pin(future::ready(Err(error))),
        }
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, Error>>
    where
        'p: 'e,
    {
        let pool = self.clone();
        Box::pin(async move {
            let mut connection = pool.acquire_raw().await?;
            DB::prepare(&mut connection, sql, parameters).await
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, Error>>
    where
        'p: 'e,
    {
        let pool = self.clone();
        Box::pin(async move {
            let mut connection = pool.acquire_raw().await?;
            DB::describe(&mut connection, sql).await
        })
    }
}

impl<DB: CacheDatabase> CachedPool<DB> {
    /// Runs any statement on a connection of the pool; what it writes is invalidated.
    pub(crate) fn run<'e>(
        &self,
        statement: Statement<DB>,
    ) -> BoxStream<'e, Result<Step<DB>, Error>> {
        match self.send(&statement) {
            None => DB::fetch_many_on_pool(self.inner(), statement),
            Some(sent) => write(self.clone(), statement, sent),
        }
    }

    /// Runs any statement for its first row.
    pub(crate) fn run_for_first_row<'e>(
        &self,
        statement: Statement<DB>,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>> {
        let sent = self.send(&statement);
        let pool = self.clone();
        Box::pin(async move {
            if let Some(sent) = sent {
                return first_row::<DB>(write(pool, statement, sent)).await;
            }
            let mut connection = pool.acquire_raw().await?;
            DB::fetch_optional(&mut connection, statement).await
        })
    }

    /// What is to be done about a statement that is about to be sent; `None` for a plain read.
    fn send(&self, statement: &Statement<DB>) -> Option<Sent> {
        let analysis = self.analyzer().analyze(statement.sql.as_str());
        let mut tags = analysis.write_tags().clone();
        let ends = analysis.transaction() == Some(TransactionText::Ends);
        if ends {
            // What was read meanwhile may have been uncommitted.
            tags.insert(Tag::all_tables());
        }
        if analysis.transaction() == Some(TransactionText::Begins) {
            self.begin_text_transaction();
        }
        (!tags.is_empty()).then_some(Sent { tags, ends })
    }
}

/// A statement that invalidates.
struct Sent {
    tags: Tags,
    /// It ends a transaction that was begun by SQL text.
    ends: bool,
}

/// A write on a connection of its own.
fn write<'e, DB: CacheDatabase>(
    pool: CachedPool<DB>,
    statement: Statement<DB>,
    sent: Sent,
) -> BoxStream<'e, Result<Step<DB>, Error>> {
    Box::pin(try_stream! {
        let mut connection = pool.acquire().await?;
        let mut steps = connection.send(statement, sent.tags);
        while let Some(step) = steps.try_next().await? {
            yield step;
        }
        if sent.ends {
            pool.end_text_transaction();
        }
    })
}
