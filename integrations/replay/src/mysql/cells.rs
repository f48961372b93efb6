//! The cells of a row, as the packets that the endpoint sends: which of them are NULL, then the
//! others, each framed as its type has it.

use std::num::ParseIntError;
use std::str::Utf8Error;

use sqlx::mysql::{MySql, MySqlRow, MySqlValueRef};
use sqlx::{Column, Decode, Row};

use super::kind::{Framing, Kind};
use super::message::{self, HEADER};
use super::shape::Shape;
use crate::error::Unfit;

/// The bits in front of those of the columns in what says which cells are NULL.
pub(super) const RESERVED: usize = 2;

/// How many bytes say which of so many cells are NULL.
pub(super) const fn nulls_len(columns: usize) -> usize {
    (columns + RESERVED).div_ceil(8)
}

/// Writes the cells of a row.
pub(super) fn write(row: &MySqlRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let columns = row.columns();
    let start = out.len();
    out.extend([0; HEADER + 1]);
    let nulls = out.len();
    out.resize(nulls + nulls_len(columns.len()), 0);
    let mut telling = None;
    for (index, column) in columns.iter().enumerate() {
        let value = row.try_get_raw(index).map_err(|_| Unfit::Type)?;
        let Some(cell) = bytes(value) else {
            out[nulls + (index + RESERVED) / 8] |= 1 << ((index + RESERVED) % 8);
            continue;
        };
        put(Shape::of(column.type_info())?.kind, cell, out)?;
        if telling.is_none_or(|(_, cell)| !is_short(cell)) {
            telling = Some((index, cell));
        }
    }
    if let Some((index, cell)) = telling {
        let value = row.try_get_raw(index).map_err(|_| Unfit::Type)?;
        refuse_text(value, cell)?;
    }
    message::close(out, start);
    Ok(())
}

/// The bytes of a cell as they came, if it is not NULL. (A date of zeros counts as NULL everywhere
/// else.)
fn bytes(value: MySqlValueRef<'_>) -> Option<&[u8]> {
    <&[u8] as Decode<'_, MySql>>::decode(value).ok()
}

fn put(kind: Kind, cell: &[u8], out: &mut Vec<u8>) -> Result<(), Unfit> {
    let fits = match kind.framing() {
        Framing::Fixed(length) => cell.len() == length,
        Framing::Dated(lengths) => is_dated(cell, lengths),
        Framing::Prefixed => {
            message::put_number(out, cell.len());
            true
        }
        Framing::Nothing => return Err(Unfit::Type),
    };
    out.extend(cell);
    // Cells of text have other lengths, as a rule.
    if fits { Ok(()) } else { Err(Unfit::NotPrepared) }
}

/// Whether a cell says its length, and one that has a meaning.
pub(super) fn is_dated(cell: &[u8], lengths: &[u8]) -> bool {
    cell.split_first().is_some_and(|(length, rest)| {
        rest.len() == usize::from(*length) && lengths.contains(length)
    })
}

/// Whether the driver takes all of a cell for a number.
const fn is_short(cell: &[u8]) -> bool {
    matches!(cell.len(), 1..=8)
}

/// Refuses a cell of text. How the cell came is known to the driver alone, but not told; so ask it
/// for a number: of text it reads the digits, and of anything else the bytes.
fn refuse_text(value: MySqlValueRef<'_>, cell: &[u8]) -> Result<(), Unfit> {
    let is_text = match <i64 as Decode<'_, MySql>>::decode(value) {
        // No digits are a number that is made of the same bytes: the last of them is at least 48,
        // and counts 256 times as much as the one before it, not a tenth of it.
        Ok(number) => !is_short(cell) || number.to_le_bytes()[..cell.len()] != *cell,
        Err(error) => error.is::<ParseIntError>() || error.is::<Utf8Error>(),
    };
    if is_text { Err(Unfit::NotPrepared) } else { Ok(()) }
}
