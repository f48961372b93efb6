//! Tables whose writes are noted by triggers.

use crate::{Dialect, Error, Result};

const MEND: &str = "it is `table` or `schema.table` as the catalog spells it, each of letters, digits, \
    `_`, `-` and spaces";

/// A table of the application, as its catalog spells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watched {
    /// Its schema (in MySQL the database). `None` for one that the connection decides, and always in
    /// SQLite.
    pub schema: Option<String>,
    /// Its name.
    pub table: String,
}

impl Watched {
    /// Reads `table` or `schema.table`. Refuses what would have to be escaped.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = Error::Setting { setting: "table", mend: MEND };
        let (schema, table) = match text.split_once('.') {
            Some((schema, table)) => (Some(schema), table),
            None => (None, text),
        };
        if [schema.unwrap_or("x"), table].into_iter().all(is_plain) {
            return Ok(Self { schema: schema.map(String::from), table: table.into() });
        }
        Err(wrong)
    }

    /// The name with quotes.
    pub(crate) fn quoted(&self, dialect: Dialect) -> String {
        let quote = |name: &str| format!("{quote}{name}{quote}", quote = dialect.quote());
        match &self.schema {
            Some(schema) => quote(schema) + "." + &quote(&self.table),
            None => quote(&self.table),
        }
    }

    /// What tells its triggers from those of other tables, where names of triggers are of a schema.
    pub(crate) fn digest(&self) -> String {
        const START: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        format!("{:016x}", self.table.to_lowercase().bytes().fold(START, step))
    }
}

impl std::fmt::Display for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.table),
            None => f.write_str(&self.table),
        }
    }
}

fn is_plain(name: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ' ');
    (1..=64).contains(&name.chars().count()) && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::Watched;
    use crate::Dialect;

    #[test]
    fn what_would_have_to_be_escaped_is_refused() {
        for text in ["", ".t", "s.", "a.b.c", "t;", "t\"", "t'", "t`", "t\\", "$dogpile$", "t\0"] {
            assert!(Watched::parse(text).is_err(), "{text:?}");
        }
        let table = Watched::parse("Shop.bestellung für").unwrap();
        assert_eq!(table.quoted(Dialect::Postgres), "\"Shop\".\"bestellung für\"");
        assert_eq!(table.to_string(), "Shop.bestellung für");
    }

    #[test]
    fn triggers_of_two_tables_have_two_names() {
        let digest = |text| Watched::parse(text).unwrap().digest();
        assert_ne!(digest("cake"), digest("cakes"));
        assert_eq!(digest("cake"), digest("Cake"));
    }
}
