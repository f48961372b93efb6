//! The name of a table as a statement spells it, normalised.

use std::fmt;

use sqlparser::ast::{ObjectName, ObjectNamePart};

use crate::Dialect;

/// A table named in a statement, normalised so that all spellings of one name are equal.
///
/// SQLite and MySQL names are lower-cased; PostgreSQL folds what is not quoted. Of a name in three
/// parts the last two are kept. SQLite's default schema `main` is dropped. Which schema a name
/// *without* one stands for is decided by the connection (`search_path`, the current database),
/// not here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    schema: Option<Box<str>>,
    name: Box<str>,
}

impl TableName {
    /// A name from parts that are already in the database's own spelling.
    ///
    /// ```
    /// let name = dogpile_query::TableName::new(Some("sales"), "orders");
    /// assert_eq!(name.to_string(), "sales.orders");
    /// ```
    pub fn new(schema: Option<&str>, name: &str) -> Self {
        Self { schema: schema.map(Into::into), name: name.into() }
    }

    /// The schema (in MySQL the database) written before the name.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The table's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `None` for a name that holds something other than identifiers.
    pub(crate) fn from_object(dialect: Dialect, object: &ObjectName) -> Option<Self> {
        let fold = |part: &ObjectNamePart| part.as_ident().map(|ident| dialect.fold(ident));
        let parts: Option<Vec<_>> = object.0.iter().map(fold).collect();
        Self::from_parts(dialect, &parts?)
    }

    /// From folded parts, the outermost first.
    pub(crate) fn from_parts(dialect: Dialect, parts: &[Box<str>]) -> Option<Self> {
        let (name, outer) = parts.split_last()?;
        let default = |schema: &str| dialect == Dialect::Sqlite && schema == "main";
        let schema = outer.last().filter(|schema| !default(schema)).cloned();
        Some(Self { schema, name: name.clone() })
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}
