//! Rows of SQLite.
//!
//! There is no protocol whose other end could be spoken, so stored cells are bound as parameters in
//! a database in memory that is this process's own, and selected from it: a compound SELECT takes
//! names and declared types of its columns from its leftmost arm, and gives the values of the other
//! arm as they were bound.
//!
//! What is not carried is [`Column::origin`](sqlx::Column::origin): the table and column that a
//! column was read from.

mod arguments;
mod cells;
mod check;
mod columns;
mod connect;
mod cost;
mod cursor;
mod select;
mod statement;

use std::time::Duration;

use futures_core::future::BoxFuture;
use sqlx::Sqlite;
use sqlx::sqlite::SqliteRow;

use crate::database::ReplayDatabase;
use crate::error::{Malformed, ReplayError, Unfit};
use crate::row_set::RowSet;

impl ReplayDatabase for Sqlite {
    const CODE: u8 = 3;

    fn write_columns(row: &SqliteRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
        columns::write(row, out)
    }

    fn write_row(row: &SqliteRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
        cells::write(row, out)
    }

    fn check(columns: &[u8], rows: &[u8], count: usize) -> Result<(), Malformed> {
        check::check(columns, rows, count)
    }

    fn replay(rows: &RowSet<Self>) -> BoxFuture<'_, Result<Vec<SqliteRow>, ReplayError>> {
        Box::pin(select::replay(rows))
    }

    fn replay_cost(rows: &RowSet<Self>) -> Duration {
        cost::estimate(rows)
    }
}
