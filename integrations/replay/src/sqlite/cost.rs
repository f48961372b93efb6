//! What a replay takes.

use std::time::Duration;

use sqlx::Sqlite;

use super::columns;
use crate::row_set::RowSet;

/// The way to the connection's thread and back: 5 µs on a machine that is idle, 50 on a busy one.
const BASE: Duration = Duration::from_micros(25);

/// Binding a cell, and reading it again: 130 to 300 ns.
const PER_CELL: Duration = Duration::from_nanos(200);

/// Bytes are copied a few times.
const PER_KILOBYTE: Duration = Duration::from_nanos(100);

pub(super) fn estimate(rows: &RowSet<Sqlite>) -> Duration {
    let columns = columns::count(&mut &rows.columns()[..]).unwrap_or(0);
    let cells = u32::try_from(rows.len().saturating_mul(columns)).unwrap_or(u32::MAX);
    let kilobytes = u32::try_from(rows.bytes().len() / 1024).unwrap_or(u32::MAX);
    BASE.saturating_add(PER_CELL.saturating_mul(cells))
        .saturating_add(PER_KILOBYTE.saturating_mul(kilobytes))
}
