//! The names of the tables.

use crate::{Dialect, Error, Result};

/// The longest prefix and schema in bytes; servers cut names at 63, and indexes need room.
const LONGEST: usize = 32;

const MEND: &str = "it has 1 to 32 characters, each an ASCII letter, a digit or `_`";

/// Where the tables are, and what their names begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) schema: Option<String>,
    pub(crate) prefix: String,
}

impl Names {
    /// Refuses what would have to be escaped. An empty prefix is refused because a table of the
    /// application called `token` would then be taken for ours, and dropped as ours.
    pub(crate) fn validate(&self) -> Result<()> {
        let wrong = |setting| Error::Setting { setting, mend: MEND };
        if !is_plain(&self.prefix) {
            return Err(wrong("prefix"));
        }
        match &self.schema {
            Some(schema) if !is_plain(schema) => Err(wrong("schema")),
            _ => Ok(()),
        }
    }

    /// The name of a table, an index or a trigger, without schema and quotes.
    pub(crate) fn bare(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The same with quotes.
    pub(crate) fn quoted(&self, dialect: Dialect, name: &str) -> String {
        quote(dialect, &self.bare(name))
    }

    /// The same with schema and quotes.
    pub(crate) fn table(&self, dialect: Dialect, name: &str) -> String {
        let quoted = self.quoted(dialect, name);
        match &self.schema {
            Some(schema) => format!("{}.{quoted}", quote(dialect, schema)),
            None => quoted,
        }
    }
}

/// A plain name with quotes, so that words like `order` can be used.
pub(crate) fn quote(dialect: Dialect, name: &str) -> String {
    format!("{quote}{name}{quote}", quote = dialect.quote())
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(schema: Option<&str>, prefix: &str) -> Names {
        Names { schema: schema.map(String::from), prefix: prefix.into() }
    }

    #[test]
    fn what_would_have_to_be_escaped_is_refused() {
        let long = "x".repeat(33);
        for name in ["", "a b", "a\"", "a`", "a'", "a;--", "a.b", "ä", "a\0", "a-b", "$a", &long] {
            assert!(names(None, name).validate().is_err(), "prefix {name:?}");
            assert!(names(Some(name), "ok_").validate().is_err(), "schema {name:?}");
        }
        for name in ["a", "Order", "9_", "_", &long[1..]] {
            assert!(names(Some(name), name).validate().is_ok(), "{name:?}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_name() {
        let error = names(None, "se cret").validate().unwrap_err().to_string();
        assert!(error.contains("prefix") && !error.contains("cret"), "{error}");
    }

    #[test]
    fn a_table_has_schema_prefix_and_quotes() {
        let (plain, own) = (names(None, "p_"), names(Some("order"), "p_"));
        assert_eq!(plain.table(Dialect::Postgres, "entry"), "\"p_entry\"");
        assert_eq!(own.table(Dialect::Sqlite, "entry"), "\"order\".\"p_entry\"");
        assert_eq!(own.table(Dialect::MySql, "entry"), "`order`.`p_entry`");
        assert_eq!(own.quoted(Dialect::MySql, "entry"), "`p_entry`");
    }
}
