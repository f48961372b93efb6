//! Whether bytes are columns and rows.

use super::{cells, columns};
use crate::error::Malformed;

/// Checks every column and every cell, up to the last byte.
///
/// There is nothing in a cell that only some decoders of the driver could read: SQLite allows any
/// storage class in any column, so each of them has to expect each.
pub(super) fn check(described: &[u8], mut rows: &[u8], count: usize) -> Result<(), Malformed> {
    let columns = columns::check(described)?;
    let cells = columns.checked_mul(count).ok_or(Malformed::Damaged)?;
    for _ in 0..cells {
        cells::next(&mut rows)?;
    }
    if rows.is_empty() { Ok(()) } else { Err(Malformed::Damaged) }
}
