//! Connections that may take the answer to one statement for the answer to another.
//!
//! The driver of MySQL does not know what is still to come if whoever sent a statement goes away while
//! it is being prepared: the rest of that answer stays in the stream, and the next statement reads it
//! as its own. So a connection on which such a question was given up is closed, and not used any more.
//! The driver of PostgreSQL counts what is to come, and SQLite's has no stream: a connection of SQLite
//! is never closed for an answer, because it may hold all there is in memory.

use dogpile_query::Dialect;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use sqlx::Error;
use sqlx::pool::PoolConnection;

use crate::database::{CacheDatabase, Step};

/// Whether connections of this database lose their step when a statement is given up.
pub(crate) fn may_lose_step<DB: CacheDatabase>() -> bool {
    DB::DIALECT == Dialect::MySql
}

/// A question of ours on a connection, given up where this is dropped before the answer.
pub(crate) struct Asking<'c, DB: CacheDatabase> {
    connection: &'c mut PoolConnection<DB>,
    is_long: bool,
    is_answered: bool,
}

impl<'c, DB: CacheDatabase> Asking<'c, DB> {
    pub(crate) const fn on(connection: &'c mut PoolConnection<DB>) -> Self {
        Self { connection, is_long: false, is_answered: false }
    }

    /// The same where the answer may be long. A driver that counts what is to come would read all of it
    /// before the connection is of use again: it is closed as well.
    pub(crate) const fn at_length(connection: &'c mut PoolConnection<DB>) -> Self {
        Self { connection, is_long: true, is_answered: false }
    }

    pub(crate) fn connection(&mut self) -> &mut DB::Connection {
        self.connection
    }

    pub(crate) fn answered(mut self) {
        self.is_answered = true;
    }
}

impl<DB: CacheDatabase> Drop for Asking<'_, DB> {
    fn drop(&mut self) {
        let is_streamed = DB::DIALECT != Dialect::Sqlite;
        let closes = may_lose_step::<DB>() || self.is_long && is_streamed;
        if !self.is_answered && closes {
            self.connection.close_on_drop();
        }
    }
}

/// The answer to a statement of the caller's; `awaits` is left true where nobody waits for it.
pub(crate) fn answer<'c, DB: CacheDatabase, T: 'c>(
    answer: BoxFuture<'c, T>,
    awaits: &'c mut bool,
) -> BoxFuture<'c, T> {
    if !may_lose_step::<DB>() {
        return answer;
    }
    *awaits = true;
    Box::pin(answer.inspect(|_| *awaits = false))
}

/// The same of many: once the first has come, the driver knows what is still to come.
pub(crate) fn answers<'c, DB: CacheDatabase>(
    steps: BoxStream<'c, Result<Step<DB>, Error>>,
    awaits: &'c mut bool,
) -> BoxStream<'c, Result<Step<DB>, Error>> {
    if !may_lose_step::<DB>() {
        return steps;
    }
    *awaits = true;
    Box::pin(steps.inspect(|_| *awaits = false))
}
