//! Which tables a rule is for.

use std::fmt;

use crate::TableName;

/// Names tables: `orders`, `shop.orders`, `log_*`, `shop.log_*`, `shop.*` or `*`.
///
/// Upper and lower case are the same. A pattern without a schema names the tables of every schema. A
/// table that a statement names without a schema may be in any: it is taken for the one that a full
/// name stands for (`shop.orders`), but not for one of a whole schema (`shop.*`).
///
/// Of two patterns that name one table the longer is the one that says more of its name: the full
/// name, then the longer beginning; and of these the one with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePattern {
    schema: Option<Box<str>>,
    name: Name,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Full(Box<str>),
    /// What it begins with, which may be nothing.
    Beginning(Box<str>),
}

/// How much a pattern says of a table that it names: a longer one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Length {
    is_full: bool,
    bytes: usize,
    has_schema: bool,
}

impl TablePattern {
    /// How much it says of `table`; `None` if it does not name it.
    pub(super) fn length(&self, table: &TableName) -> Option<Length> {
        let is_full = matches!(self.name, Name::Full(_));
        let schemas_meet = match (&self.schema, table.schema()) {
            (None, _) => true,
            (Some(schema), Some(own)) => own.eq_ignore_ascii_case(schema),
            (Some(_), None) => is_full,
        };
        let bytes = self.name.length(table.name()).filter(|_| schemas_meet)?;
        // Nobody knows which of several full names a table without a schema stands for: all count.
        let has_schema = self.schema.is_some() && table.schema().is_some();
        Some(Length { is_full, bytes, has_schema })
    }
}

impl Name {
    /// How many bytes of `table` it says; `None` if that is another table.
    fn length(&self, table: &str) -> Option<usize> {
        let (said, of) = match self {
            Self::Full(name) => (name, Some(table)),
            Self::Beginning(name) => (name, table.get(..name.len())),
        };
        of.filter(|of| of.eq_ignore_ascii_case(said)).map(|_| said.len())
    }
}

impl From<&str> for TablePattern {
    fn from(text: &str) -> Self {
        let (schema, name) = match text.rsplit_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, text),
        };
        let name = match name.strip_suffix('*') {
            Some(beginning) => Name::Beginning(beginning.into()),
            None => Name::Full(name.into()),
        };
        // `*.orders` says no more than `orders`.
        let schema = schema.filter(|schema| *schema != "*").map(Into::into);
        Self { schema, name }
    }
}

impl From<String> for TablePattern {
    fn from(text: String) -> Self {
        Self::from(&*text)
    }
}

impl From<&String> for TablePattern {
    fn from(text: &String) -> Self {
        Self::from(&**text)
    }
}

/// The table of that name, whatever characters are in it.
impl From<TableName> for TablePattern {
    fn from(table: TableName) -> Self {
        let name = Name::Full(table.name().into());
        Self { schema: table.schema().map(Into::into), name }
    }
}

impl fmt::Display for TablePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        match &self.name {
            Name::Full(name) => f.write_str(name),
            Name::Beginning(name) => write!(f, "{name}*"),
        }
    }
}
