//! What a function or procedure touches, as its owner says.

use crate::TableName;

/// The tables that a function or a procedure reads and writes.
///
/// ```
/// use dogpile_query::{Analyzer, Dialect, Touches};
///
/// let stock = Touches::nothing().reading("stock").writing("shop.log");
/// let analyzer = Analyzer::builder(Dialect::Postgres).function("take_from_stock", stock).build();
///
/// let call = analyzer.analyze("SELECT take_from_stock(7)");
/// assert_eq!(call.reads()[0].to_string(), "stock");
/// assert_eq!(call.writes()[0].to_string(), "shop.log");
/// assert!(!call.flushes());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    pub(crate) reads: Vec<TableName>,
    pub(crate) writes: Vec<TableName>,
}

impl Touches {
    /// No table: a function of its arguments.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// And reads this table, `name` or `schema.name` in the database's own spelling.
    #[must_use]
    pub fn reading(mut self, table: &str) -> Self {
        self.reads.push(name(table));
        self
    }

    /// And writes this table, `name` or `schema.name` in the database's own spelling.
    #[must_use]
    pub fn writing(mut self, table: &str) -> Self {
        self.writes.push(name(table));
        self
    }
}

fn name(table: &str) -> TableName {
    match table.split_once('.') {
        Some((schema, name)) => TableName::new(Some(schema), name),
        None => TableName::new(None, table),
    }
}
