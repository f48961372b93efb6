//! What can go wrong with migrations.

/// A specialised `Result` of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Each is one line, and none repeats a URL or a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is wrong; nothing was sent to the database.
    #[error("the {setting} cannot be used: {mend}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// What it must be.
        mend: &'static str,
    },

    /// The tables are not there, or not all of them.
    #[error("dogpile's tables are not ready: {missing}; run `{command}`, or call `Migrations::up`")]
    NotReady {
        /// What is missing, in words.
        missing: String,
        /// The command that brings it.
        command: String,
    },

    /// The tables of a PostgreSQL database are logged and the settings say unlogged, or the other
    /// way round.
    #[error(
        "the table {table} is {found}, and the setting says {wanted}; to make them anew, and lose \
         what is cached, run `{down}` and `{up}`"
    )]
    Logged {
        /// The first such table.
        table: String,
        /// `logged` or `unlogged`, as the table is.
        found: &'static str,
        /// `logged` or `unlogged`, as the setting is.
        wanted: &'static str,
        /// The command that drops the tables.
        down: String,
        /// The command that creates them.
        up: String,
    },

    /// A newer release created these tables, and this one does not know how to drop them.
    #[error("the tables are of version {found}, and this release knows {known}; use a newer one")]
    Newer {
        /// The newest version in the database.
        found: i64,
        /// The newest version of this release.
        known: i64,
    },

    /// Another process holds the lock of the migrations, or of the database.
    #[error("another process migrates, or holds the database, for 60 seconds now; try again")]
    Busy,

    /// The database could not be asked, or refused.
    #[error("cannot {operation}")]
    Database {
        /// What was tried.
        operation: &'static str,
        /// What the driver said.
        source: sqlx::Error,
    },
}

impl Error {
    /// Turns an error of the driver into one that says what was tried.
    pub(crate) const fn database(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { operation, source }
    }
}
