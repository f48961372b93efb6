//! All migrations, in order. A migration that was released is never edited.

use crate::Dialect;

/// One step from a version of the tables to the next.
#[derive(Debug)]
pub(crate) struct Migration {
    /// The version that it leads to: 1 for the first one, without gaps.
    pub(crate) version: i64,
    /// The name of its files, without the number.
    pub(crate) name: &'static str,
    /// The tables that it creates and no later one drops.
    pub(crate) tables: &'static [&'static str],
    /// Whether they are always logged, whatever the setting says.
    pub(crate) durable: bool,
    pub(crate) postgres: Texts,
    pub(crate) mysql: Texts,
    pub(crate) sqlite: Texts,
}

/// Its SQL for one database, with placeholders.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts {
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
}

impl Migration {
    pub(crate) const fn texts(&self, dialect: Dialect) -> &Texts {
        match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::MySql => &self.mysql,
            Dialect::Sqlite => &self.sqlite,
        }
    }

    /// What people read: `0001_store`.
    pub(crate) fn title(&self) -> String {
        format!("{:04}_{}", self.version, self.name)
    }
}

macro_rules! texts {
    ($dialect:literal, $file:literal) => {
        Texts {
            up: include_str!(concat!("../../sql/", $dialect, "/", $file, ".up.sql")),
            down: include_str!(concat!("../../sql/", $dialect, "/", $file, ".down.sql")),
        }
    };
}

/// The table of what was applied.
pub(super) static LEDGER: Migration = Migration {
    version: 0,
    name: "ledger",
    tables: &["migration"],
    durable: true,
    postgres: texts!("postgres", "ledger"),
    mysql: texts!("mysql", "ledger"),
    sqlite: texts!("sqlite", "ledger"),
};

/// The tables of the store.
pub(crate) const STORE: Migration = Migration {
    version: 1,
    name: "store",
    tables: &["entry", "register", "token", "lease"],
    durable: false,
    postgres: texts!("postgres", "0001_store"),
    mysql: texts!("mysql", "0001_store"),
    sqlite: texts!("sqlite", "0001_store"),
};

/// The log of writes from outside, and what the relay of an adapter keeps of it.
const LOG: Migration = Migration {
    version: 2,
    name: "log",
    tables: &["log", "feed", "mark"],
    durable: true,
    postgres: texts!("postgres", "0002_log"),
    mysql: texts!("mysql", "0002_log"),
    sqlite: texts!("sqlite", "0002_log"),
};

/// The migrations of this release.
pub(crate) static ALL: &[Migration] = &[STORE, LOG];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_no_gaps() {
        assert!(
            ALL.iter().map(|migration| migration.version).eq(1..=i64::try_from(ALL.len()).unwrap())
        );
    }

    #[test]
    fn every_file_is_in_the_list() -> std::io::Result<()> {
        for dialect in Dialect::ALL {
            let folder = format!("{}/sql/{dialect}", env!("CARGO_MANIFEST_DIR"));
            let files = std::fs::read_dir(folder)?.count();
            assert_eq!(files, 2 * (ALL.len() + 1), "{dialect}");
        }
        Ok(())
    }
}
