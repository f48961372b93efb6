//! The columns that tell the rows of a table apart.

use super::kind::{KeyKind, KeyValue};
use crate::{NewRows, RowFilter, RowValue};

/// The key of a table, as its catalog tells it.
///
/// Only for a table whose rows change by statements that name it, and then those rows alone that the
/// statement names: no trigger changes others, no foreign key reaches into it, and no rule or policy
/// looks at other rows.
///
/// ```
/// use dogpile_query::{Analyzer, Dialect, KeyColumn, KeyKind, KeyValue, TableKey};
///
/// let key = TableKey::new([KeyColumn::new("id", KeyKind::INTEGER)]);
/// let analysis = Analyzer::new(Dialect::Postgres).analyze("SELECT * FROM users WHERE id = $1");
/// let argument = |_| Some(KeyValue::Integer(42));
/// assert_eq!(key.row_of(analysis.row().unwrap(), argument).as_deref(), Some("42"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableKey {
    columns: Box<[KeyColumn]>,
    updates_reach: bool,
    deletes_reach: bool,
}

/// One column of a [`TableKey`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyColumn {
    name: Box<str>,
    kind: KeyKind,
}

impl KeyColumn {
    /// A column, by its name as the analysis normalises it.
    pub fn new(name: impl Into<Box<str>>, kind: KeyKind) -> Self {
        Self { name: name.into(), kind }
    }
}

impl TableKey {
    /// A key of these columns, at least one: of no column, no row is ever known.
    pub fn new(columns: impl IntoIterator<Item = KeyColumn>) -> Self {
        let columns = columns.into_iter().collect();
        Self { columns, updates_reach: false, deletes_reach: false }
    }

    /// Says that an `UPDATE`, or a `DELETE`, reaches rows of other tables through a foreign key.
    ///
    /// Default: neither.
    #[must_use]
    pub fn reaching(self, updates: bool, deletes: bool) -> Self {
        Self { updates_reach: updates, deletes_reach: deletes, ..self }
    }

    /// What the one row is called that a read is limited to.
    pub fn row_of(
        &self,
        filter: &RowFilter,
        argument: impl Fn(usize) -> Option<KeyValue>,
    ) -> Option<String> {
        self.written_out(|column| filter.value_of(column), argument)
    }

    /// What the one row is called that an `UPDATE` or `DELETE` touches.
    pub fn row_written(
        &self,
        filter: &RowFilter,
        argument: impl Fn(usize) -> Option<KeyValue>,
    ) -> Option<String> {
        let reaches = if filter.removes() { self.deletes_reach } else { self.updates_reach };
        if reaches { None } else { self.row_of(filter, argument) }
    }

    /// What the rows are called that an `INSERT` adds.
    pub fn rows_added(
        &self,
        new: &NewRows,
        argument: impl Fn(usize) -> Option<KeyValue>,
    ) -> Option<Vec<String>> {
        // To MySQL 0 is a word for the next number.
        let is_given = |value: &KeyValue| *value != KeyValue::Integer(0);
        let row = |row| {
            let given = |index| argument(index).filter(is_given);
            let value_of = |column: &str| {
                new.value_of(row, column).filter(|value| **value != RowValue::Integer(0))
            };
            self.written_out(value_of, given)
        };
        (0..new.len()).map(row).collect()
    }

    fn written_out<'v>(
        &self,
        value_of: impl Fn(&str) -> Option<&'v RowValue>,
        argument: impl Fn(usize) -> Option<KeyValue>,
    ) -> Option<String> {
        let column = |column: &KeyColumn| {
            let value = match value_of(&column.name)? {
                RowValue::Placeholder(index) => argument(*index)?,
                RowValue::Integer(number) => KeyValue::Integer(i128::from(*number)),
                RowValue::Text(text) => KeyValue::Text(text.clone().into()),
            };
            column.kind.write(&value)
        };
        let values: Option<Vec<_>> = self.columns.iter().map(column).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyColumn, TableKey};
    use crate::{Analyzer, Dialect, KeyKind, KeyValue};

    fn key(columns: &[&str]) -> TableKey {
        TableKey::new(columns.iter().map(|name| KeyColumn::new(*name, KeyKind::INTEGER)))
    }

    fn one(_: usize) -> Option<KeyValue> {
        Some(KeyValue::Integer(1))
    }

    fn written(key: &TableKey, sql: &str) -> Option<String> {
        let analysis = Analyzer::new(Dialect::Sqlite).analyze(sql);
        key.row_written(analysis.row()?, one)
    }

    fn added(key: &TableKey, sql: &str) -> Option<Vec<String>> {
        let analysis = Analyzer::new(Dialect::Sqlite).analyze(sql);
        key.rows_added(analysis.new_rows()?, one)
    }

    #[test]
    fn all_columns_of_a_key_must_be_pinned() {
        let both = key(&["a", "b"]);
        assert_eq!(written(&both, "DELETE FROM t WHERE b = ? AND a = 2").as_deref(), Some("2,1"));
        assert_eq!(written(&both, "DELETE FROM t WHERE b = ?"), None);
        assert_eq!(written(&both, "UPDATE t SET b = 3 WHERE a = 1 AND b = 2"), None);
        assert_eq!(written(&key(&[]), "DELETE FROM t WHERE b = ?"), None);
    }

    #[test]
    fn a_write_that_reaches_other_tables_names_no_row() {
        let reaching = key(&["id"]).reaching(false, true);
        assert_eq!(written(&reaching, "UPDATE t SET a = 1 WHERE id = 1").as_deref(), Some("1"));
        assert_eq!(written(&reaching, "DELETE FROM t WHERE id = 1"), None);
    }

    #[test]
    fn rows_are_added_under_the_keys_in_the_text() {
        let id = key(&["id"]);
        let two = "INSERT INTO t (a, id) VALUES (7, 2), (8, ?)";
        assert_eq!(added(&id, two), Some(vec!["2".to_owned(), "1".to_owned()]));
        for unknown in [
            "INSERT INTO t (a) VALUES (7)",
            "INSERT INTO t VALUES (7)",
            "INSERT INTO t (id) VALUES (0)",
            "INSERT INTO t (id) VALUES (NULL)",
            "INSERT INTO t (id) VALUES (1), (1 + 1)",
            "INSERT INTO t (id, rowid) VALUES (1, 2)",
            "INSERT OR REPLACE INTO t (id) VALUES (1)",
            "INSERT INTO t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
            "REPLACE INTO t (id) VALUES (1)",
            "INSERT INTO t (id) SELECT 1",
        ] {
            assert_eq!(added(&id, unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_rowid_is_a_key_by_another_name() {
        assert_eq!(written(&key(&["id"]), "UPDATE t SET rowid = 9 WHERE id = 1"), None);
        assert_eq!(written(&key(&["id"]), "UPDATE t SET \"OID\" = 9 WHERE id = 1"), None);
    }
}
