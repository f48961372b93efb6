//! A row set for tests without a server.

use sqlx::MySql;

use super::message::packet;
use crate::row_set::RowSet;

/// One row with the column `n`, `TINYINT UNSIGNED`.
pub(super) fn sample(value: u8) -> RowSet<MySql> {
    let definition = b"\0\0\0\0\x01n\0\x0c\x3f\0\x03\0\0\0\x01\x20\0\0\0\0";
    let columns = [packet(&[1]), packet(definition)].concat();
    RowSet::write(&columns, &packet(&[0, 0, value]), 1).expect("small")
}
