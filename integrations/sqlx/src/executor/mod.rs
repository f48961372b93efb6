//! Statements run on a [`CachedPool`](crate::CachedPool) or a
//! [`CachedConnection`](crate::CachedConnection) as on what is inside.

/// The ways in, which differ only in what they run on: take the statement out, and answer or run it.
macro_rules! through_run {
    ($l:lifetime) => {
        fn fetch_many<'e, 'q: 'e, E>(
            self,
            query: E,
        ) -> futures_core::stream::BoxStream<'e, Result<$crate::database::Step<DB>, sqlx::Error>>
        where
            $l: 'e,
            E: 'q + sqlx::Execute<'q, DB>,
        {
            match $crate::statement::Statement::take(query) {
                Ok(statement) => self.answer(statement),
                Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
            }
        }

        fn fetch_optional<'e, 'q: 'e, E>(
            self,
            query: E,
        ) -> futures_core::future::BoxFuture<'e, Result<Option<DB::Row>, sqlx::Error>>
        where
            $l: 'e,
            E: 'q + sqlx::Execute<'q, DB>,
        {
            match $crate::statement::Statement::take(query) {
                Ok(statement) => self.answer_first(statement),
                Err(error) => Box::pin(futures_util::future::ready(Err(error))),
            }
        }

        /// Past the cache, which could not say how many rows the database counts.
        fn execute_many<'e, 'q: 'e, E>(
            self,
            query: E,
        ) -> futures_core::stream::BoxStream<'e, Result<DB::QueryResult, sqlx::Error>>
        where
            $l: 'e,
            E: 'q + sqlx::Execute<'q, DB>,
        {
            match $crate::statement::Statement::take(query) {
                Ok(statement) => $crate::executor::counts::<DB>(self.run(statement)),
                Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
            }
        }
    };
}

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future};
use sqlx::Error;

use crate::database::{CacheDatabase, Step};
use through_run;

mod connection;
mod pool;

/// What the database says at the end of each statement.
fn counts<DB: CacheDatabase>(
    steps: BoxStream<'_, Result<Step<DB>, Error>>,
) -> BoxStream<'_, Result<DB::QueryResult, Error>> {
    steps.try_filter_map(|step| future::ready(Ok(step.left()))).boxed()
}
