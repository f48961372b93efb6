//! Why the program ends early: one line that says what, where and how to mend it.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::figures::one_line;

/// Why the program ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something outside the program, which its user can mend.
    Outside { what: String, mend: String },
    /// The database said no.
    Database(sqlx::Error),
    /// The cache did not do what it promises.
    Promise(String),
    /// Ctrl-C.
    Interrupted,
    /// Nobody reads what is printed any more.
    NobodyListens,
}

impl Failure {
    pub(crate) fn outside(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Outside { what: what.into(), mend: mend.into() }
    }

    /// A file or folder that cannot be used.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::outside(
            format!("cannot {doing} {}: {error}", path.display()),
            mend_of_io(error.kind()),
        )
    }

    /// A database file with something else in it than what was loaded.
    pub(crate) fn damaged(path: &Path, why: impl fmt::Display) -> Self {
        Self::outside(
            format!("the database file {} is damaged: {why}", path.display()),
            "delete it, and the next run loads it again",
        )
    }

    /// Says which file a database error is about.
    pub(crate) fn about(self, path: &Path) -> Self {
        match self {
            Self::Database(error) => of_database(&error, path),
            other => other,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Outside { .. } | Self::Database(_) => 2,
            Self::Promise(_) => 1,
            Self::Interrupted => 130,
            Self::NobodyListens => 0,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside { what, mend } => write!(f, "{}; {mend}", one_line(what)),
            Self::Database(error) => write!(f, "SQLite: {}", one_line(&said(error))),
            Self::Promise(what) => write!(f, "a promise was broken: {}", one_line(what)),
            Self::Interrupted => f.write_str("interrupted"),
            Self::NobodyListens => f.write_str("nobody reads the output"),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

fn mend_of_io(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or choose another folder with --data"
        }
        _ => "choose another folder with --data",
    }
}

/// What SQLite said, without the words around it.
pub(crate) fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}

/// Sorts what SQLite says by what the user can do about it.
fn of_database(error: &sqlx::Error, path: &Path) -> Failure {
    let code = match error {
        sqlx::Error::Database(said) => said.code().and_then(|code| code.parse::<u32>().ok()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Some(CORRUPT),
        _ => None,
    };
    match code.map(|code| code & 0xff) {
        Some(CORRUPT | NOT_A_DATABASE) => Failure::damaged(path, said(error)),
        Some(FULL | IO) => Failure::outside(
            format!("cannot write the database {}: {}", path.display(), said(error)),
            "free some space, or choose another folder with --data",
        ),
        _ => Failure::outside(
            format!("the database {} failed: {}", path.display(), said(error)),
            "choose another folder with --data",
        ),
    }
}

// SQLite's primary result codes.
const IO: u32 = 10;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const NOT_A_DATABASE: u32 = 26;
