//! What the tables are called.

use dogpile::Result;

use crate::error::wrong;

/// The longest prefix, and the longest schema, in bytes.
const LONGEST: usize = 32;

/// The names of the tables, quoted, as they stand in statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tables {
    pub(crate) entry: String,
    pub(crate) register: String,
    pub(crate) token: String,
    pub(crate) lease: String,
}

impl Tables {
    /// Those with this prefix, in this schema or where the connection looks for them.
    pub(crate) fn new(schema: Option<&str>, prefix: &str, quote: char) -> Result<Self> {
        check(prefix, "the prefix")?;
        schema.map_or(Ok(()), |schema| check(schema, "the schema"))?;
        let schema = schema.map(|schema| format!("{quote}{schema}{quote}.")).unwrap_or_default();
        let table = |name: &str| format!("{schema}{quote}{prefix}{name}{quote}");
        Ok(Self {
            entry: table("entry"),
            register: table("register"),
            token: table("token"),
            lease: table("lease"),
        })
    }
}

/// A name that is the same quoted and unquoted, in every database, and ends no quote.
fn check(name: &str, what: &str) -> Result<()> {
    let fits = !name.is_empty() && name.len() <= LONGEST;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits && is_plain {
        return Ok(());
    }
    Err(wrong(format!("{what} has 1 to {LONGEST} ASCII letters, digits and _; write dogpile_")))
}

#[cfg(test)]
mod tests {
    use super::Tables;

    #[test]
    fn names_are_quoted_and_nothing_ends_the_quote() {
        let tables = Tables::new(Some("cache"), "shop_", '"').unwrap();
        assert_eq!(tables.entry, "\"cache\".\"shop_entry\"");
        assert_eq!(Tables::new(None, "dogpile_", '`').unwrap().token, "`dogpile_token`");
        for bad in ["", "a\"", "a`", "a;", "a.b", "a b", "ä", "a\0", &"a".repeat(33)] {
            assert!(Tables::new(None, bad, '"').is_err(), "{bad:?}");
            assert!(Tables::new(Some(bad), "a", '"').is_err(), "{bad:?}");
        }
        assert!(Tables::new(Some(&"a".repeat(32)), &"_".repeat(32), '"').is_ok());
    }
}
