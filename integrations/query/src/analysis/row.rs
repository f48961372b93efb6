//! The rows a statement is limited to by equality.

use crate::TableName;

/// A statement on one table that touches only rows in which certain columns have certain values.
///
/// Every `column = value` that is `AND`ed at the top of the `WHERE` is a pin, each by itself a true
/// limit. The caller, who knows the primary key, picks the pin it can use:
///
/// ```
/// use dogpile_query::{Analyzer, Dialect, RowValue};
///
/// let analysis = Analyzer::new(Dialect::Postgres)
///     .analyze("SELECT * FROM users WHERE deleted = $1 AND id = $2");
/// let filter = analysis.row().unwrap();
/// assert_eq!(filter.table().name(), "users");
/// assert_eq!(filter.value_of("id"), Some(&RowValue::Placeholder(1)));
/// ```
///
/// An `UPDATE` that assigns a pinned column moves rows to another value: such pins are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFilter {
    pub(crate) table: TableName,
    pub(crate) pins: Box<[ColumnPin]>,
    pub(crate) removes: bool,
}

impl RowFilter {
    /// The one table.
    pub fn table(&self) -> &TableName {
        &self.table
    }

    /// The pinned columns in the order of the text, never empty, each column once.
    pub fn pins(&self) -> &[ColumnPin] {
        &self.pins
    }

    /// Whether the rows are deleted.
    pub fn removes(&self) -> bool {
        self.removes
    }

    /// What a column is pinned to, by its normalised name.
    pub fn value_of(&self, column: &str) -> Option<&RowValue> {
        self.pins.iter().find(|pin| &*pin.column == column).map(|pin| &pin.value)
    }
}

/// One `column = value` of a [`RowFilter`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPin {
    pub(crate) column: Box<str>,
    pub(crate) value: RowValue,
}

impl ColumnPin {
    /// The column, normalised as table names are.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// The value it equals.
    pub fn value(&self) -> &RowValue {
        &self.value
    }
}

/// A value that a column is compared with.
///
/// Whether two different values can match one row depends on the column: `'a' = 'A'` under a
/// case-insensitive collation, `7 = '07'` in MySQL. Use a pin only where the column's type makes
/// equality exact, for example an integer column with an integer value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowValue {
    /// The argument with this index, counted from 0.
    Placeholder(usize),
    /// An integer literal.
    Integer(i64),
    /// A text literal, without its quotes.
    Text(Box<str>),
}
