//! The rows that an `INSERT` adds, as far as its text tells.

use super::RowValue;
use crate::TableName;

/// What a plain `INSERT INTO table (columns) VALUES ..` adds: new rows, and nothing else.
///
/// An insert that may meet a row that is there (`ON CONFLICT`, `REPLACE`, `IGNORE`) is none of these.
///
/// ```
/// use dogpile_query::{Analyzer, Dialect, RowValue};
///
/// let analysis = Analyzer::new(Dialect::Postgres)
///     .analyze("INSERT INTO users (id, name) VALUES (7, lower($1))");
/// let new = analysis.new_rows().unwrap();
/// assert_eq!(new.value_of(0, "id"), Some(&RowValue::Integer(7)));
/// assert_eq!(new.value_of(0, "name"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRows {
    pub(crate) table: TableName,
    pub(crate) columns: Box<[Box<str>]>,
    pub(crate) rows: Box<[Box<[Option<RowValue>]>]>,
}

impl NewRows {
    /// The one table.
    pub fn table(&self) -> &TableName {
        &self.table
    }

    /// How many there are, at least one.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// What is given for a column of a row, by the column's normalised name; `None` where nothing is,
    /// or something that only the database can work out.
    pub fn value_of(&self, row: usize, column: &str) -> Option<&RowValue> {
        let place = self.columns.iter().position(|own| &**own == column)?;
        self.rows.get(row)?.get(place)?.as_ref()
    }
}
