//! What describes columns, as the packets that the endpoint sends: how many there are, then a
//! definition of each.

use sqlx::mysql::{MySqlColumn, MySqlRow};
use sqlx::{Column, ColumnOrigin, Row};

use super::kind::Kind;
use super::message::{self, HEADER, LONGEST};
use super::shape::Shape;
use crate::error::{Malformed, Unfit};

/// What the driver makes a column of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Definition<'c> {
    name: &'c str,
    /// The table and the column of it. The driver joins the schema to the table.
    origin: Option<(&'c str, &'c str)>,
    shape: Shape,
}

/// Writes the columns of a row.
pub(super) fn write(row: &MySqlRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let columns = row.columns();
    if columns.is_empty() {
        return Err(Unfit::Type);
    }
    write_packet(out, |out| message::put_number(out, columns.len()))?;
    for column in columns {
        let origin = column.origin();
        let definition = Definition::of(column, &origin)?;
        write_packet(out, |out| definition.put(out))?;
    }
    Ok(())
}

/// Checks columns that may be anybody's, and tells the kinds of them.
pub(super) fn check(columns: &[u8]) -> Result<Vec<Kind>, Malformed> {
    let mut kinds = Vec::new();
    walk(columns, |definition| kinds.push(definition.shape.kind))?;
    Ok(kinds)
}

fn write_packet(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) -> Result<(), Unfit> {
    let start = out.len();
    out.extend([0; HEADER]);
    payload(out);
    if out.len() - start - HEADER >= LONGEST {
        return Err(Unfit::TooLarge);
    }
    message::close(out, start);
    Ok(())
}

/// Visits every definition: at least one, as many as there should be, and nothing after them.
fn walk<'c>(mut rest: &'c [u8], mut visit: impl FnMut(Definition<'c>)) -> Result<(), Malformed> {
    let mut number = message::single(&mut rest)?;
    let count = message::take_number(&mut number).filter(|count| *count > 0);
    let count = count.filter(|_| number.is_empty()).ok_or(Malformed::Damaged)?;
    for _ in 0..count {
        let payload = message::single(&mut rest)?;
        visit(Definition::take(payload).ok_or(Malformed::Damaged)?);
    }
    if rest.is_empty() { Ok(()) } else { Err(Malformed::Damaged) }
}

impl<'c> Definition<'c> {
    fn of(column: &'c MySqlColumn, origin: &'c ColumnOrigin) -> Result<Self, Unfit> {
        let origin = match origin {
            ColumnOrigin::Expression => None,
            ColumnOrigin::Table(column) => Some((&*column.table, &*column.name)),
            ColumnOrigin::Unknown => return Err(Unfit::Type),
        };
        let shape = Shape::of(column.type_info())?;
        let definition = Self { name: column.name(), origin, shape };
        definition.possible().ok_or(Unfit::Type)
    }

    /// Itself, if the driver makes a column of it that is the same again: without a name of its own
    /// a column gets that in the table, and without a table it is not of one.
    fn possible(self) -> Option<Self> {
        let possible = self.origin.is_none_or(|(table, name)| {
            !table.is_empty() && (!self.name.is_empty() || name.is_empty())
        });
        (possible && self.shape.flags & !Shape::FLAGS == 0).then_some(self)
    }

    fn put(self, out: &mut Vec<u8>) {
        let Shape { kind, flags, collation, max_size } = self.shape;
        let (table, column) = self.origin.unwrap_or_default();
        out.extend([0; 3]); // catalog, schema, alias of the table
        message::put_text(out, table);
        message::put_text(out, self.name);
        message::put_text(out, column);
        out.push(12); // the length of the rest
        out.extend(collation.to_le_bytes());
        out.extend(max_size.to_le_bytes());
        out.push(kind.number());
        out.extend(flags.to_le_bytes());
        out.extend([0; 3]); // decimals, reserved
    }

    /// What was put, and nothing that could not have been.
    fn take(payload: &'c [u8]) -> Option<Self> {
        let mut rest = payload.strip_prefix(&[0; 3])?;
        let mut text = || str::from_utf8(message::take_bytes(&mut rest)?).ok();
        let (table, name, column) = (text()?, text()?, text()?);
        let [12, a, b, c, d, e, f, kind, g, h, 0, 0, 0] = *rest else {
            return None;
        };
        let shape = Shape {
            kind: Kind::numbered(kind)?,
            flags: u16::from_le_bytes([g, h]),
            collation: u16::from_le_bytes([a, b]),
            max_size: u32::from_le_bytes([c, d, e, f]),
        };
        let origin = match (table, column) {
            ("", "") => None,
            _ => Some((table, column)),
        };
        Self { name, origin, shape }.possible()
    }
}
