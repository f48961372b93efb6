//! The SQL dialects, and how each folds identifiers.

use sqlparser::ast::Ident;
use sqlparser::dialect::{Dialect as Grammar, MySqlDialect, PostgreSqlDialect, SQLiteDialect};

/// PostgreSQL cuts identifiers to this many bytes: two long spellings can be one table.
const POSTGRES_NAME_BYTES: usize = 63;

/// The dialect a statement is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL, with `standard_conforming_strings` on (its default).
    Postgres,
    /// MySQL and MariaDB, without `ANSI_QUOTES` and `NO_BACKSLASH_ESCAPES` (their default).
    MySql,
}

impl Dialect {
    pub(crate) fn grammar(self) -> &'static dyn Grammar {
        match self {
            Self::Sqlite => &SQLiteDialect {},
            Self::Postgres => &PostgreSqlDialect {},
            Self::MySql => &MySqlDialect {},
        }
    }

    /// The one spelling under which all spellings of an identifier meet.
    pub(crate) fn fold(self, ident: &Ident) -> Box<str> {
        self.fold_str(&ident.value, ident.quote_style.is_some())
    }

    pub(crate) fn fold_str(self, value: &str, quoted: bool) -> Box<str> {
        match self {
            Self::Sqlite => value.to_ascii_lowercase().into(),
            // With lower_case_table_names=0 this merges two tables: over-reported, never missed.
            Self::MySql => value.to_lowercase().into(),
            Self::Postgres => {
                let cut = cut_at(value, POSTGRES_NAME_BYTES);
                if quoted { cut.into() } else { cut.to_ascii_lowercase().into() }
            }
        }
    }
}

fn cut_at(value: &str, bytes: usize) -> &str {
    &value[..value.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_follows_the_dialect() {
        assert_eq!(&*Dialect::Sqlite.fold_str("PoSt", true), "post");
        assert_eq!(&*Dialect::MySql.fold_str("PoSt", true), "post");
        assert_eq!(&*Dialect::Postgres.fold_str("PoSt", false), "post");
        assert_eq!(&*Dialect::Postgres.fold_str("PoSt", true), "PoSt");
    }

    #[test]
    fn postgres_cuts_long_names_between_characters() {
        assert_eq!(Dialect::Postgres.fold_str(&"a".repeat(70), false).len(), 63);
        assert_eq!(Dialect::Postgres.fold_str(&"é".repeat(40), true).len(), 62);
    }
}
