//! The connections that rows are replayed through.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use super::columns;
use crate::error::ReplayError;

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 48;

/// Rows that may wait to be read: all that one statement gives, so that SQLite never waits.
pub(super) const ROWS: usize = 2048;

/// A database of its own, in memory, that nothing is ever written to.
pub(super) async fn open() -> Result<SqliteConnection, ReplayError> {
    let options = SqliteConnectOptions::new()
        .filename(":memory:")
        .statement_cache_capacity(STATEMENTS)
        .row_buffer_size(ROWS)
        .busy_timeout(Duration::ZERO)
        .thread_name(|id| format!("replay-{id}"))
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(ReplayError::Driver)?;
    connection.execute(AssertSqlSafe(columns::table())).await.map_err(ReplayError::Driver)?;
    Ok(connection)
}
