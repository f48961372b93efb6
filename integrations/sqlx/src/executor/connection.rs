//! Statements run on a [`CachedConnection`] as on the connection inside.

use std::sync::Arc;

use async_stream::try_stream;
use dogpile::Tags;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use sqlx::{Either, Error, Executor, SqlStr};

use crate::connection::{CachedConnection, Carrier, Changing, Sending, Wrapped};
use crate::database::{CacheDatabase, Describe, Step};
use crate::out_of_step::{answer, answers};
use crate::statement::Statement;

impl<'c, DB: CacheDatabase> Executor<'c> for &'c mut CachedConnection<DB> {
    type Database = DB;

    super::through_run!('c);

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, Error>>
    where
        'c: 'e,
    {
        Box::pin(async move {
            self.settle().await?;
            let (raw, awaits) = self.raw_to_ask()?;
            answer::<DB, _>(DB::prepare(raw, sql, parameters), awaits).await
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, Error>>
    where
        'c: 'e,
    {
        Box::pin(async move {
            self.settle().await?;
            let (raw, awaits) = self.raw_to_ask()?;
            answer::<DB, _>(DB::describe(raw, sql), awaits).await
        })
    }
}

impl<DB: CacheDatabase> CachedConnection<DB> {
    /// Runs any statement; what it writes is noted or owed.
    #[doc(hidden)]
    pub fn run(&mut self, statement: Statement<DB>) -> BoxStream<'_, Result<Step<DB>, Error>> {
        let changing = Changing::of(self.pool(), &statement);
        let tags = self.note(&statement);
        if let Some(changing) = changing {
            return self.send_changing(statement, tags, changing);
        }
        if !self.is_settled() || !tags.is_empty() {
            return self.send(statement, tags);
        }
        match self.raw_to_ask() {
            Ok((raw, awaits)) => answers::<DB>(DB::fetch_many(raw, statement), awaits),
            Err(error) => stream::once(future::ready(Err(error))).boxed(),
        }
    }

    /// Runs any statement for its first row.
    #[doc(hidden)]
    pub fn run_for_first_row(
        &mut self,
        statement: Statement<DB>,
    ) -> BoxFuture<'_, Result<Option<DB::Row>, Error>> {
        let changing = Changing::of(self.pool(), &statement);
        let tags = self.note(&statement);
        if let Some(changing) = changing {
            return Box::pin(first_row::<DB>(self.send_changing(statement, tags, changing)));
        }
        if !self.is_settled() || !tags.is_empty() {
            return Box::pin(first_row::<DB>(self.send(statement, tags)));
        }
        match self.raw_to_ask() {
            Ok((raw, awaits)) => answer::<DB, _>(DB::fetch_optional(raw, statement), awaits),
            Err(error) => Box::pin(future::ready(Err(error))),
        }
    }

    /// Runs a statement that commits by itself, and invalidates `tags` before the stream ends.
    pub(crate) fn send(
        &mut self,
        statement: Statement<DB>,
        tags: Tags,
    ) -> BoxStream<'_, Result<Step<DB>, Error>> {
        match self.carrier().map(Arc::clone) {
            Some(carrier) if !tags.is_empty() && self.may_wrap(&carrier, &statement) => {
                self.send_wrapped(statement, carrier, tags)
            }
            _ => self.send_plain(statement, tags),
        }
    }

    /// In a transaction that carries the invalidation.
    fn send_wrapped(
        &mut self,
        statement: Statement<DB>,
        carrier: Arc<Carrier>,
        tags: Tags,
    ) -> BoxStream<'_, Result<Step<DB>, Error>> {
        Box::pin(try_stream! {
            self.settle().await?;
            let refused = match Wrapped::begin(self, carrier, tags.clone()).await {
                Ok(mut wrapped) => {
                    let mut failure = None;
                    {
                        let mut steps = DB::fetch_many(wrapped.raw()?, statement);
                        while let Some(step) = steps.next().await {
                            match step {
                                Ok(step) => yield step,
                                Err(error) => failure = Some(error),
                            }
                        }
                    }
                    wrapped.end(failure).await?;
                    None
                }
                // The server says of the write itself what is to be said.
                Err(Error::Database(_)) => Some(statement),
                Err(error) => Err(error)?,
            };
            if let Some(statement) = refused {
                let mut steps = self.send_plain(statement, tags);
                while let Some(step) = steps.next().await {
                    yield step?;
                }
            }
        })
    }

    fn send_plain(
        &mut self,
        statement: Statement<DB>,
        tags: Tags,
    ) -> BoxStream<'_, Result<Step<DB>, Error>> {
        Box::pin(try_stream! {
            self.settle().await?;
            let mut sending = Sending::write(self, tags);
            sending.fence().await;
            let mut failure = None;
            {
                let mut steps = DB::fetch_many(sending.raw()?, statement);
                while let Some(step) = steps.next().await {
                    match step {
                        Ok(step) => yield step,
                        Err(error) => failure = Some(error),
                    }
                }
            }
            sending.answered().await;
            if let Some(error) = failure {
                Err(error)?;
            }
        })
    }
}

/// The first row of a write that is run to its end: dropped after the first row, a driver would
/// leave the statement unfinished, and the invalidation could come before the commit.
pub(super) async fn first_row<DB: CacheDatabase>(
    mut steps: BoxStream<'_, Result<Step<DB>, Error>>,
) -> Result<Option<DB::Row>, Error> {
    let mut first = None;
    while let Some(step) = steps.try_next().await? {
        if let (Either::Right(row), None) = (step, &first) {
            first = Some(row);
        }
    }
    Ok(first)
}
