//! Rows: DataRow messages, ready to be sent.

use sqlx::postgres::{PgRow, PgValueFormat, PgValueRef};
use sqlx::{Row, ValueRef};

use super::message;
use crate::error::Unfit;

/// Writes the cells of a row.
pub(super) fn write(row: &PgRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let count = u16::try_from(row.len()).map_err(|_| Unfit::TooLarge)?;
    let begun = message::begin(b'D', out);
    out.extend_from_slice(&count.to_be_bytes());
    for index in 0..row.len() {
        write_cell(row, index, out)?;
    }
    message::end(begun, out).ok_or(Unfit::TooLarge)
}

/// A cell as the server sent it, if it is in the form of the prepared statements.
pub(super) fn raw(row: &PgRow, index: usize) -> Result<PgValueRef<'_>, Unfit> {
    let cell = row.try_get_raw(index).map_err(|_| Unfit::Columns)?;
    if cell.format() == PgValueFormat::Binary { Ok(cell) } else { Err(Unfit::NotPrepared) }
}

fn write_cell(row: &PgRow, index: usize, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let cell = raw(row, index)?;
    if cell.is_null() {
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        return Ok(());
    }
    let bytes = cell.as_bytes().map_err(|_| Unfit::Columns)?;
    let len = i32::try_from(bytes.len()).map_err(|_| Unfit::TooLarge)?;
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}
