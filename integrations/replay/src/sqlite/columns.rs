//! What describes the columns: what the driver made of their declared types, and their names.
//!
//! ```text
//! columns u16 | for each: declared u8 | length of the name u32 | name
//! ```

use std::fmt::Write;

use sqlx::sqlite::{SqliteRow, SqliteTypeInfo};
use sqlx::{Column, Row, Sqlite, Type, TypeInfo};

use super::cursor;
use crate::error::{Malformed, Unfit};

/// SQLite's own limit, unless it was built with another.
pub(super) const MOST_COLUMNS: usize = 2000;

/// All names together, in bytes. SQLite's limit on the text of a statement is a million.
const MOST_NAMES: usize = 250_000;

/// What the driver takes a declared type for. It knows no more of it than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declared {
    /// Not declared, or as something that the driver does not know: `NUMERIC`, `DECIMAL(10, 2)`.
    Nothing,
    Integer,
    /// Told apart from `Integer` by the driver, though both go by one name.
    Int4,
    Real,
    Text,
    Blob,
    Boolean,
    Date,
    Time,
    Datetime,
}

impl Declared {
    /// Never reorder them: the place in here is what is stored.
    const ALL: [Self; 10] = [
        Self::Nothing,
        Self::Integer,
        Self::Int4,
        Self::Real,
        Self::Text,
        Self::Blob,
        Self::Boolean,
        Self::Date,
        Self::Time,
        Self::Datetime,
    ];

    fn of(info: &SqliteTypeInfo) -> Option<Self> {
        if *info == <i32 as Type<Sqlite>>::type_info() {
            return Some(Self::Int4);
        }
        Self::ALL.into_iter().find(|declared| {
            let name = declared.sql();
            *declared != Self::Int4 && info.name() == if name.is_empty() { "NULL" } else { name }
        })
    }

    /// How it is declared.
    const fn sql(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Integer => "INTEGER",
            Self::Int4 => "INT4",
            Self::Real => "REAL",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
            Self::Boolean => "BOOLEAN",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::Datetime => "DATETIME",
        }
    }

    const fn code(self) -> u8 {
        self as u8
    }

    fn decode(code: u8) -> Result<Self, Malformed> {
        Self::ALL.get(usize::from(code)).copied().ok_or(Malformed::Damaged)
    }
}

/// A table that has a column of each declared type.
pub(super) fn table() -> String {
    let mut sql = String::from("CREATE TABLE cells (");
    for (at, declared) in Declared::ALL.into_iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(sql, "{comma}c{} {}", declared.code(), declared.sql());
    }
    sql.push(')');
    sql
}

/// One column as it is described.
pub(super) struct Described<'a> {
    declared: Declared,
    name: &'a str,
}

impl Described<'_> {
    /// Adds the column to the select list of that table.
    pub(super) fn select(&self, sql: &mut String) {
        let _ = write!(sql, "c{} AS \"", self.declared.code());
        for (at, part) in self.name.split('"').enumerate() {
            sql.push_str(if at == 0 { "" } else { "\"\"" });
            sql.push_str(part);
        }
        sql.push('"');
    }
}

pub(super) fn write(row: &SqliteRow, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let columns = row.columns();
    let names: usize = columns.iter().map(|column| column.name().len()).sum();
    let count = u16::try_from(columns.len()).map_err(|_| Unfit::TooLarge)?;
    if columns.len() > MOST_COLUMNS || names > MOST_NAMES {
        return Err(Unfit::TooLarge);
    }
    out.extend(count.to_le_bytes());
    for column in columns {
        let declared = Declared::of(column.type_info()).ok_or(Unfit::Type)?;
        let name = column.name().as_bytes();
        let length = u32::try_from(name.len()).map_err(|_| Unfit::TooLarge)?;
        out.push(declared.code());
        out.extend(length.to_le_bytes());
        out.extend(name);
    }
    Ok(())
}

/// How many columns are said to be described.
pub(super) fn count(bytes: &mut &[u8]) -> Result<usize, Malformed> {
    Ok(usize::from(u16::from_le_bytes(cursor::array(bytes)?)))
}

/// The next column. Its name is one that SQLite can give.
pub(super) fn next<'a>(bytes: &mut &'a [u8]) -> Result<Described<'a>, Malformed> {
    let [code] = cursor::array(bytes)?;
    let declared = Declared::decode(code)?;
    let name = str::from_utf8(cursor::string(bytes)?).map_err(|_| Malformed::Damaged)?;
    // A name is a string of C. With a NUL in it the statement would end there.
    if name.contains('\0') {
        return Err(Malformed::Damaged);
    }
    Ok(Described { declared, name })
}

/// Checks all columns, and says how many there are.
pub(super) fn check(mut bytes: &[u8]) -> Result<usize, Malformed> {
    let most = bytes.len();
    let count = count(&mut bytes)?;
    if count == 0 || count > MOST_COLUMNS || most > MOST_NAMES + 2 + 5 * count {
        return Err(Malformed::Damaged);
    }
    for _ in 0..count {
        next(&mut bytes)?;
    }
    if bytes.is_empty() { Ok(count) } else { Err(Malformed::Damaged) }
}
