//! What the program is told.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use dogpile_migrations::Migrations;

use crate::{Failure, say};

/// The variable with the URL where no argument has it.
const VARIABLE: &str = "DATABASE_URL";

/// Creates, drops and checks the tables of dogpile in PostgreSQL, MySQL, MariaDB and SQLite.
#[derive(Debug, Parser)]
#[command(name = "dogpile-migrate", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Apply what was not applied yet; safe where several processes do it at once
    Up(OnDatabase),
    /// Drop the tables and all that is in them
    Down(OnDatabase),
    /// Say what was applied; ends with 1 if anything is left to do
    Status(OnDatabase),
    /// Have writes to a table noted, whoever makes them, for the relay of an adapter
    Watch(OnTable),
    /// Take that back
    Unwatch(OnTable),
    /// Print the SQL of `up`; needs no database
    Print {
        /// `postgres`, `mysql`, `mariadb` or `sqlite`
        database: String,
        /// Print the SQL of `down` instead
        #[arg(long)]
        down: bool,
        #[command(flatten)]
        place: Place,
    },
}

/// Arguments of what is about one table.
#[derive(Debug, Args)]
pub(crate) struct OnTable {
    /// `table` or `schema.table`, as the catalog spells it
    pub(crate) table: String,
    #[command(flatten)]
    pub(crate) on: OnDatabase,
}

/// Arguments of what needs a database.
#[derive(Args)]
pub(crate) struct OnDatabase {
    /// The database, such as `postgres://user@host/name` or `sqlite:file.db`; else DATABASE_URL,
    /// which other users of the machine cannot see in the list of processes
    url: Option<OsString>,
    #[command(flatten)]
    pub(crate) place: Place,
}

impl std::fmt::Debug for OnDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may have a password.
        f.debug_struct("OnDatabase").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Where the tables are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The schema of the tables (MySQL: database, SQLite: attached file) [default: the connection's]
    #[arg(long)]
    schema: Option<String>,
    /// What the names of the tables begin with [default: dogpile_]
    #[arg(long)]
    prefix: Option<String>,
    /// PostgreSQL: tables that are written to the log, and survive a crash
    #[arg(long)]
    logged: bool,
}

impl Arguments {
    /// Reads the arguments of this process. Help is printed here, and ends it.
    pub(crate) fn read() -> Result<Self, Failure> {
        Self::try_parse().map_err(|error| {
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
                say(&error.to_string());
                std::process::exit(0);
            }
            Failure::Input(format!("{}; see `dogpile-migrate --help`", in_words(&error)))
        })
    }
}

/// What clap found, without what was typed: that may be a URL.
fn in_words(error: &clap::Error) -> String {
    let what = error.kind().as_str().unwrap_or("these arguments make no sense");
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) if is_option(name) => format!("{what}: {name}"),
        Some(ContextValue::Strings(names)) => format!("{what}: {}", names.join(", ")),
        _ => what.into(),
    }
}

fn is_option(name: &str) -> bool {
    let mut plain = name.strip_prefix("--").unwrap_or_default().chars();
    !plain.as_str().is_empty() && plain.all(|letter| letter.is_ascii_alphabetic() || letter == '-')
}

impl OnDatabase {
    /// The URL, from the argument or the environment.
    pub(crate) fn url(&self) -> Result<String, Failure> {
        let url = self.url.clone().or_else(|| std::env::var_os(VARIABLE));
        let url = url.filter(|url| !url.is_empty()).ok_or_else(|| {
            Failure::Input(format!("no database is named: give its URL, or set {VARIABLE}"))
        })?;
        url.into_string().map_err(|_| Failure::Input("the URL is not UTF-8".into()))
    }
}

impl Place {
    /// The settings.
    pub(crate) fn migrations(&self) -> Migrations {
        let mut migrations = Migrations::new().logged(self.logged);
        if let Some(schema) = &self.schema {
            migrations = migrations.schema(schema);
        }
        if let Some(prefix) = &self.prefix {
            migrations = migrations.prefix(prefix);
        }
        migrations
    }
}
