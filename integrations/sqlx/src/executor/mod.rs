//! Statements run on a [`CachedPool`](crate::CachedPool) or a
//! [`CachedConnection`](crate::CachedConnection) as on what is inside.

/// The two ways in, which differ only in what they run on: take the statement out, and run it.
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
                Ok(statement) => self.run(statement),
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
                Ok(statement) => self.run_for_first_row(statement),
                Err(error) => Box::pin(futures_util::future::ready(Err(error))),
            }
        }
    };
}

use through_run;

mod connection;
mod pool;
