//! Statements run on a [`CachedPool`] as on the pool inside.

use std::sync::Arc;

use async_stream::try_stream;
use dogpile::{Tag, Tags};
use dogpile_query::{Analysis, TransactionText};
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sqlx::{Error, Executor, SqlStr};

use super::connection::first_row;
use crate::connection::Changing;
use crate::database::{CacheDatabase, Describe, Step};
use crate::pool::CachedPool;
use crate::statement::Statement;

impl<'p, DB: CacheDatabase> Executor<'p> for &CachedPool<DB> {
    type Database = DB;

    super::through_run!('p);

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
    #[doc(hidden)]
    pub fn run<'e>(&self, statement: Statement<DB>) -> BoxStream<'e, Result<Step<DB>, Error>> {
        match self.debt_of(&statement) {
            None => read(self.clone(), statement),
            Some(debt) => write(self.clone(), statement, debt),
        }
    }

    /// Runs any statement for its first row.
    #[doc(hidden)]
    pub fn run_for_first_row<'e>(
        &self,
        statement: Statement<DB>,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>> {
        let debt = self.debt_of(&statement);
        let pool = self.clone();
        Box::pin(async move {
            if let Some(debt) = debt {
                return first_row::<DB>(write(pool, statement, debt)).await;
            }
            let mut connection = pool.acquire_raw().await?;
            DB::fetch_optional(&mut connection, statement).await
        })
    }

    /// What is owed for a statement that is about to be sent; `None` for a plain read.
    fn debt_of(&self, statement: &Statement<DB>) -> Option<Debt> {
        let analysis = self.analyzer().analyze(statement.sql.as_str());
        let (writes, text) = (!analysis.write_tags().is_empty(), analysis.transaction());
        let changing = Changing::of(self, statement).filter(Changing::lasts);
        let owes = writes || text.is_some() || changing.is_some();
        owes.then_some(Debt { analysis, text, changing })
    }
}

/// What a statement that is not a plain read leaves behind.
struct Debt {
    analysis: Arc<Analysis>,
    /// Whether it begins or ends a transaction by its text.
    text: Option<TransactionText>,
    changing: Option<Changing>,
}

impl Debt {
    /// The tags of what `statement` writes, worked out when the connection is there: taking it, the
    /// pool may have learnt what the rows of the table are told apart by.
    fn tags<DB: CacheDatabase>(&self, pool: &CachedPool<DB>, statement: &Statement<DB>) -> Tags {
        let mut tags = pool.written(&self.analysis, statement);
        if self.text == Some(TransactionText::Ends) {
            // What was read meanwhile may have been uncommitted.
            tags.insert(Tag::all_tables());
        }
        tags
    }
}

/// A plain read on a connection of its own.
fn read<'e, DB: CacheDatabase>(
    pool: CachedPool<DB>,
    statement: Statement<DB>,
) -> BoxStream<'e, Result<Step<DB>, Error>> {
    Box::pin(try_stream! {
        let mut connection = pool.acquire_raw().await?;
        let mut steps = DB::fetch_many(&mut connection, statement);
        while let Some(step) = steps.try_next().await? {
            yield step;
        }
    })
}

/// A write on a connection of its own.
fn write<'e, DB: CacheDatabase>(
    pool: CachedPool<DB>,
    statement: Statement<DB>,
    debt: Debt,
) -> BoxStream<'e, Result<Step<DB>, Error>> {
    Box::pin(try_stream! {
        let was_open = pool.in_text_transaction();
        if debt.text == Some(TransactionText::Begins) {
            pool.set_text_transaction(true);
        }
        let mut connection = pool.acquire_to_write().await?;
        let tags = debt.tags(&pool, &statement);
        connection.mark(&debt.analysis);
        let mut steps = match debt.changing {
            Some(changing) => connection.send_changing(statement, tags, changing),
            None => connection.send(statement, tags),
        };
        let mut failure = None;
        while let Some(step) = steps.next().await {
            match step {
                Ok(step) => yield step,
                Err(error) => failure = Some(error),
            }
        }
        match (debt.text, failure) {
            (Some(TransactionText::Begins), Some(error)) => {
                pool.set_text_transaction(was_open);
                Err(error)?;
            }
            (_, Some(error)) => Err(error)?,
            (Some(TransactionText::Ends), None) => pool.set_text_transaction(false),
            _ => {}
        }
    })
}
