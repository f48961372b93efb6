//! The texts of one set of settings for one database.

use super::fill::Filler;
use super::ledger;
pub(crate) use super::ledger::LEDGER;
use super::list::{self, Migration};
use crate::names::{Names, quote};
use crate::{Dialect, Migrations};

/// Waits for the lock of migrations, which ends with the transaction. The number is `dogpile` in
/// ASCII.
#[cfg(any(feature = "postgres", feature = "sea-orm"))]
pub(crate) const POSTGRES_LOCK: &str = "select pg_advisory_xact_lock(x'00646f6770696c65'::int8);\n";

/// The texts of one set of settings for one database.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) settings: &'a Migrations,
}

impl<'a> Plan<'a> {
    pub(crate) const fn names(self) -> &'a Names {
        &self.settings.names
    }

    pub(crate) const fn migrations(self) -> &'static [Migration] {
        self.settings.list
    }

    /// Every table without schema and quotes, and the migration that brings it; the ledger first.
    pub(crate) fn tables(self) -> impl Iterator<Item = (&'static Migration, &'static str)> {
        let all = std::iter::once(&list::LEDGER).chain(self.migrations());
        all.flat_map(|migration| migration.tables.iter().map(move |table| (migration, *table)))
    }

    /// Creates the schema. On SQLite a schema is an attached file, and nothing is to be done.
    pub(crate) fn create_schema(self) -> String {
        let Some(schema) = self.names().schema.as_deref() else {
            return String::new();
        };
        let quoted = quote(self.dialect, schema);
        match self.dialect {
            // `if not exists` would be refused to a user who may not create the schema that is there.
            Dialect::Postgres => format!(
                "do $$ begin if to_regnamespace('{quoted}') is null then \
                 create schema {quoted}; end if; end $$;\n\n"
            ),
            Dialect::MySql => format!("create database if not exists {quoted};\n\n"),
            Dialect::Sqlite => String::new(),
        }
    }

    /// Creates the ledger.
    pub(crate) fn create_ledger(self) -> String {
        self.fill(list::LEDGER.texts(self.dialect).up)
    }

    /// Drops the ledger.
    pub(crate) fn drop_ledger(self) -> String {
        self.fill(list::LEDGER.texts(self.dialect).down)
    }

    /// Reads the ledger: version, and when it was applied.
    pub(crate) fn read_ledger(self) -> String {
        ledger::read(self.dialect, self.names())
    }

    /// Applies one migration and notes it.
    pub(crate) fn up(self, migration: &Migration) -> String {
        let statements = self.fill(migration.texts(self.dialect).up);
        let (version, name) = (migration.version, migration.name);
        statements + &ledger::record(self.dialect, self.names(), version, name)
    }

    /// Takes the note of one migration away. This goes first: what fails afterwards then looks
    /// unfinished and not whole.
    pub(crate) fn forget(self, migration: &Migration) -> String {
        ledger::forget(self.dialect, self.names(), migration.version)
    }

    /// Takes one migration back.
    pub(crate) fn down(self, migration: &Migration) -> String {
        self.fill(migration.texts(self.dialect).down)
    }

    fn fill(self, text: &str) -> String {
        let (dialect, names, logged) = (self.dialect, self.names(), self.settings.logged);
        Filler { dialect, names, logged }.fill(text)
    }
}
