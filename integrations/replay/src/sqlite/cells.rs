//! The cells of a row, each behind its storage class.
//!
//! ```text
//! 0 | 1, i64 | 2, f64 | 3, length u32, text | 4, length u32, blob
//! ```

use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, Row, Sqlite, Type, ValueRef};

use super::cursor;
use crate::error::{Malformed, Unfit};

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const REAL: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;

/// A cell as it is stored.
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// Need not be UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

pub(super) fn write(row: &SqliteRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
    for at in 0..row.columns().len() {
        let value = row.try_get_raw(at).map_err(|_| Unfit::Columns)?;
        write_cell(value, out)?;
    }
    Ok(())
}

fn write_cell(value: SqliteValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unfit> {
    if value.is_null() {
        out.push(NULL);
        return Ok(());
    }
    // Of a value that is not NULL this is the storage class, whatever its column was declared as.
    let class = value.type_info().into_owned();
    if class == <i64 as Type<Sqlite>>::type_info() {
        out.push(INTEGER);
        out.extend(decode::<i64>(value)?.to_le_bytes());
    } else if class == <f64 as Type<Sqlite>>::type_info() {
        out.push(REAL);
        out.extend(decode::<f64>(value)?.to_bits().to_le_bytes());
    } else if class == <str as Type<Sqlite>>::type_info() {
        write_bytes(TEXT, value, out)?;
    } else {
        write_bytes(BLOB, value, out)?;
    }
    Ok(())
}

fn write_bytes(class: u8, value: SqliteValueRef<'_>, out: &mut Vec<u8>) -> Result<(), Unfit> {
    // Not borrowed: the driver would from now on refuse to read the cell as anything else.
    let bytes = decode::<Vec<u8>>(value)?;
    let length = u32::try_from(bytes.len()).map_err(|_| Unfit::TooLarge)?;
    out.push(class);
    out.extend(length.to_le_bytes());
    out.extend(bytes);
    Ok(())
}

fn decode<'r, T: Decode<'r, Sqlite>>(value: SqliteValueRef<'r>) -> Result<T, Unfit> {
    // Nothing else can be wrong: it is read as what it is.
    T::decode(value).map_err(|_| Unfit::Lent)
}

/// The next cell, one that SQLite can give.
pub(super) fn next<'a>(bytes: &mut &'a [u8]) -> Result<Cell<'a>, Malformed> {
    let [class] = cursor::array(bytes)?;
    match class {
        NULL => Ok(Cell::Null),
        INTEGER => Ok(Cell::Integer(i64::from_le_bytes(cursor::array(bytes)?))),
        REAL => real(f64::from_bits(u64::from_le_bytes(cursor::array(bytes)?))),
        TEXT => Ok(Cell::Text(cursor::string(bytes)?)),
        BLOB => Ok(Cell::Blob(cursor::string(bytes)?)),
        _ => Err(Malformed::Damaged),
    }
}

const fn real(value: f64) -> Result<Cell<'static>, Malformed> {
    // SQLite has none: it would become NULL.
    if value.is_nan() { Err(Malformed::Damaged) } else { Ok(Cell::Real(value)) }
}
