//! Rows of PostgreSQL.
//!
//! The rows are stored as the messages that carried them, and sent by an endpoint that speaks the
//! server's side of the protocol.

mod catalog;
mod cells;
mod check;
mod columns;
mod connect;
mod endpoint;
mod job;
mod message;
mod reader;
mod shape;
mod socket;
mod types;
mod values;

use futures_core::future::BoxFuture;
use sqlx::Postgres;
use sqlx::postgres::PgRow;

use crate::database::ReplayDatabase;
use crate::error::{Malformed, ReplayError, Unfit};
use crate::row_set::RowSet;

impl ReplayDatabase for Postgres {
    const CODE: u8 = 1;

    fn write_columns(row: &PgRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
        columns::write(row, out)
    }

    fn write_row(row: &PgRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
        cells::write(row, out)
    }

    fn check(columns: &[u8], rows: &[u8], count: usize) -> Result<(), Malformed> {
        check::check(columns, rows, count)
    }

    fn replay(rows: &RowSet<Self>) -> BoxFuture<'_, Result<Vec<PgRow>, ReplayError>> {
        Box::pin(connect::replay(rows))
    }
}
