//! What describes the columns: a RowDescription, ready to be sent, and then the
//! [types](super::types) that the driver has to be told of.

use bytes::Bytes;
use sqlx::postgres::{PgColumn, PgRow, types::Oid};
use sqlx::{Column, Row};

use super::cells;
use super::message;
use super::reader::Reader;
use super::types;
use crate::error::{Malformed, Unfit};

/// What the driver does not keep of a column: the size of its type and the modifier.
const NOT_KEPT: (i16, i32) = (-1, -1);
const BINARY: i16 = 1;

/// Writes the columns of a row.
pub(super) fn write(row: &PgRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
    if !row.is_empty() {
        // Text comes with types that are numbers, no more; it is the text that is to be blamed.
        cells::raw(row, 0)?;
    }
    let columns = row.columns();
    let count = u16::try_from(columns.len()).map_err(|_| Unfit::TooLarge)?;
    let (mut written, mut defined) = (Vec::new(), Vec::new());
    let begun = message::begin(b'T', out);
    out.extend_from_slice(&count.to_be_bytes());
    for column in columns {
        let oid = types::write(column.type_info(), &mut written, &mut defined)?;
        write_column(column, oid, out);
    }
    message::end(begun, out).ok_or(Unfit::TooLarge)?;
    out.extend_from_slice(&defined);
    Ok(())
}

fn write_column(column: &PgColumn, oid: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(column.name().as_bytes());
    out.push(0);
    let Oid(relation) = column.relation_id().unwrap_or_default();
    out.extend_from_slice(&relation.to_be_bytes());
    out.extend_from_slice(&column.relation_attribute_no().unwrap_or_default().to_be_bytes());
    out.extend_from_slice(&oid.to_be_bytes());
    out.extend_from_slice(&NOT_KEPT.0.to_be_bytes());
    out.extend_from_slice(&NOT_KEPT.1.to_be_bytes());
    out.extend_from_slice(&BINARY.to_be_bytes());
}

/// Splits the columns into the RowDescription and the types.
pub(super) fn split(columns: &Bytes) -> Result<(Bytes, Bytes), Malformed> {
    let mut left = Reader::new(columns);
    message::read(b'T', &mut left)?;
    let at = columns.len() - left.left();
    Ok((columns.slice(..at), columns.slice(at..)))
}

/// The types of the columns, by number, and what defines those that need it.
pub(super) fn read(columns: &[u8]) -> Result<(Vec<u32>, &[u8]), Malformed> {
    let mut left = Reader::new(columns);
    let mut description = message::read(b'T', &mut left)?;
    let mut oids = Vec::new();
    for _ in 0..description.u16()? {
        oids.push(read_column(&mut description)?);
    }
    description.end()?;
    Ok((oids, left.rest()))
}

fn read_column(description: &mut Reader<'_>) -> Result<u32, Malformed> {
    description.terminated()?;
    let (_relation, _attribute) = (description.u32()?, description.i16()?);
    let oid = description.u32()?;
    let not_kept = (description.i16()?, description.i32()?);
    let fine = not_kept == NOT_KEPT && description.i16()? == BINARY;
    fine.then_some(oid).ok_or(Malformed::Damaged)
}
