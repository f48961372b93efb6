//! What a transaction notes in the log of its own database: the tags that it is about to invalidate.
//!
//! A relay reads them as it reads what triggers note, and invalidates them again. A note of a tag is told
//! from one of a table by its schema, which is empty.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use dogpile::Tags;
use dogpile_migrations::{Dialect, Error, Migrations};

/// What a transaction goes back to if its notes cannot be written, and how.
const SAVEPOINT: &str = "dogpile_notes";
pub(super) const UNDO: &str = "ROLLBACK TO SAVEPOINT dogpile_notes";
/// The longest name of a tag that MySQL has room for, in letters. It may cut others off.
const LONGEST: usize = 1_024;

/// The log of the migrations, as the connections of a pool reach it.
#[derive(Debug)]
pub(super) struct Log {
    dialect: Dialect,
    /// Its name, as the migrations call it.
    name: String,
    /// Its name with its schema: a transaction may look for tables elsewhere.
    located: Mutex<Option<Arc<str>>>,
}

impl Log {
    pub(super) fn new(dialect: Dialect, migrations: &Migrations) -> Result<Self, Error> {
        let name = migrations.table_name(dialect, "log")?;
        Ok(Self { dialect, name, located: Mutex::default() })
    }

    /// A SELECT of the log's name with its schema. No row, or an error, where it is not there or may
    /// not be written to.
    pub(super) fn question(&self) -> String {
        let name = &self.name;
        let located = match self.dialect {
            Dialect::Postgres => {
                return format!(
                    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c \
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                     WHERE c.oid = to_regclass('{name}') AND has_table_privilege(c.oid, 'INSERT')"
                );
            }
            Dialect::MySql if !name.contains("`.`") => {
                format!("CONCAT('`', REPLACE(DATABASE(), '`', '``'), '`.{name}')")
            }
            Dialect::MySql | Dialect::Sqlite => format!("'{name}'"),
        };
        // MySQL's driver reads no text of which it is not told that it is one.
        let located = match self.dialect {
            Dialect::MySql => format!("CAST({located} AS CHAR(200))"),
            _ => located,
        };
        format!("SELECT {located}, (SELECT COUNT(*) FROM {name} WHERE 1 = 0)")
    }

    /// Hears the answer to the question.
    pub(super) fn is_at(&self, located: String) {
        *self.located() = Some(located.into());
    }

    /// SQL that notes `tags`. `None` where they cannot be noted.
    pub(super) fn script(&self, tags: &Tags) -> Option<String> {
        let table = self.located().clone()?;
        let now = self.dialect.now();
        let mut script = format!(
            "SAVEPOINT {SAVEPOINT}; INSERT INTO {table} (schema_name, table_name, at) VALUES "
        );
        for (place, tag) in tags.iter().enumerate() {
            let name = self.text(tag.name())?;
            let comma = if place > 0 { ", " } else { "" };
            write!(script, "{comma}('', {name}, {now})").ok()?;
        }
        if self.dialect == Dialect::Sqlite {
            script.push_str(" ON CONFLICT DO NOTHING");
        }
        write!(script, "; RELEASE SAVEPOINT {SAVEPOINT}").ok()?;
        Some(script)
    }

    /// A text that means the same whatever the session's settings for literals are.
    fn text(&self, text: &str) -> Option<String> {
        if text.contains('\0') || text.chars().count() > LONGEST {
            return None;
        }
        let mut hex = String::with_capacity(2 * text.len());
        text.bytes().try_for_each(|byte| write!(hex, "{byte:02x}")).ok()?;
        Some(match self.dialect {
            Dialect::Postgres => format!("convert_from(decode('{hex}', 'hex'), 'UTF8')"),
            Dialect::MySql => format!("CONVERT(x'{hex}' USING utf8mb4)"),
            Dialect::Sqlite => format!("CAST(x'{hex}' AS TEXT)"),
        })
    }

    fn located(&self) -> std::sync::MutexGuard<'_, Option<Arc<str>>> {
        self.located.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use dogpile::Tag;

    use super::*;

    fn log(dialect: Dialect) -> Log {
        Log::new(dialect, &Migrations::new()).unwrap()
    }

    #[test]
    fn nothing_is_noted_before_the_log_was_found() {
        let log = log(Dialect::Sqlite);
        assert_eq!(log.script(&Tags::from(Tag::new("cake"))), None);
        log.is_at(String::from("\"dogpile_log\""));
        assert!(log.script(&Tags::from(Tag::new("cake"))).is_some());
    }

    #[test]
    fn a_name_is_written_so_that_no_letter_of_it_is_sql() {
        for dialect in Dialect::ALL {
            let log = log(dialect);
            log.is_at(String::from("log"));
            let script = log.script(&Tags::from(Tag::new("'); DROP TABLE cake; --\\"))).unwrap();
            assert!(script.contains("27293b2044524f50") && !script.contains("cake"), "{script}");
        }
    }

    #[test]
    fn a_name_that_would_be_changed_is_not_noted() {
        let (long, fits) = ("ä".repeat(LONGEST + 1), "ä".repeat(LONGEST));
        for dialect in Dialect::ALL {
            let log = log(dialect);
            log.is_at(String::from("log"));
            let note = |name: &str| log.script(&Tags::from(Tag::new(name)));
            assert_eq!((note("a\0b"), note(&long)), (None, None), "{dialect}");
            assert!(note(&fits).is_some(), "{dialect}");
        }
    }

    #[test]
    fn notes_are_undone_to_where_they_began() {
        assert!(UNDO.ends_with(&format!(" {SAVEPOINT}")));
    }
}
