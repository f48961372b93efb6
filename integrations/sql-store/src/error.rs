//! What went wrong, without a name, a value or a password.

use std::borrow::Cow;
use std::time::Duration;

use dogpile::{Error, ErrorKind};

/// Why something could not be done.
///
/// Never holds what a server said in its own words: they repeat the values of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    message: Cow<'static, str>,
    code: Option<String>,
    kind: Kind,
}

pub(crate) type Done<T> = Result<T, Failure>;

/// Whether it is worth trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Final,
    /// Others were in between.
    Passing,
    /// The connection is no more.
    Lost,
    /// A setting is wrong.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    Config,
}

impl Failure {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), code: None, kind: Kind::Final }
    }

    /// No connection was free, or could be made, in time.
    pub(crate) fn no_connection(limit: Duration) -> Self {
        Self::new(format!(
            "no connection was free within {limit:?}; give the pool more of them, or the cache a pool \
             of its own"
        ))
    }

    /// No session for locks was there in time.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn no_session(limit: Duration) -> Self {
        Self::new(format!(
            "the session that has the locks was not there within {limit:?}; look whether the server \
             takes one more connection"
        ))
    }

    /// Whether the locks are still held is not known.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn silent() -> Self {
        Self::new("the session that has the locks is lost, or silent")
    }

    /// The session for locks is of another database.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) const fn elsewhere() -> Self {
        let message = Cow::Borrowed(
            "lock_url leads to another server or database than the store's own, where a lock protects \
             nothing: name the very same one, past the pooler",
        );
        Self { message, code: None, kind: Kind::Config }
    }

    /// Whether a setting is wrong.
    pub(crate) const fn is_config(&self) -> bool {
        match self.kind {
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            Kind::Config => true,
            Kind::Final | Kind::Passing | Kind::Lost => false,
        }
    }

    /// Nobody can keep a connection.
    pub(crate) fn no_runtime() -> Self {
        Self::new("connections are kept by a tokio runtime, and there is none here")
    }

    /// Others changed the same thing again and again.
    pub(crate) const fn contended() -> Self {
        let message = Cow::Borrowed("others changed the same name each time in between");
        Self { message, code: None, kind: Kind::Final }
    }

    /// The server answered with something else than was asked for.
    pub(crate) const fn unexpected() -> Self {
        let message = Cow::Borrowed("the server's answer is not one to this question");
        Self { message, code: None, kind: Kind::Final }
    }

    /// A table is not there.
    #[cfg(feature = "postgres")]
    pub(crate) const fn missing() -> Self {
        Self { message: Cow::Borrowed(MISSING), code: None, kind: Kind::Final }
    }

    /// Too many writers in one register.
    pub(crate) const fn crowded() -> Self {
        let message = Cow::Borrowed("too many writers taint one tag at once");
        Self { message, code: None, kind: Kind::Final }
    }

    /// A name longer than its column.
    pub(crate) const fn too_long() -> Self {
        let message =
            Cow::Borrowed("a name is longer than its column; names have 255 bytes at most");
        Self { message, code: None, kind: Kind::Final }
    }

    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self.kind, Kind::Passing)
    }

    /// Whether it was the connection that failed, which the next one may not.
    pub(crate) const fn is_lost(&self) -> bool {
        matches!(self.kind, Kind::Lost)
    }

    /// The error of the operation that met it.
    pub(crate) fn during(self, operation: &'static str) -> Error {
        let kind = if self.is_config() { ErrorKind::Config } else { ErrorKind::Unavailable };
        let error = Error::new(kind, operation, self.message);
        match self.code {
            Some(code) => error.with("code", code),
            None => error,
        }
    }

    fn lost(self) -> Self {
        Self { kind: Kind::Lost, ..self }
    }

    fn answered(code: Option<Cow<'_, str>>, text: &str) -> Self {
        let code = code.unwrap_or_default();
        let message = match &*code {
            "42P01" | "42S02" => MISSING,
            "42703" | "42S22" => "a table is not the one of this version; run dogpile-migrate up",
            // SQLite has one code for all errors in a text.
            "1" if text.starts_with("no such table") => MISSING,
            "42501" | "42000" | "3" => {
                "the user may not do this; grant it the rights of the manual"
            }
            "25006" | "55000" | "8" | "1290" => {
                "this server is read-only; name the one that is written to, no replica"
            }
            "28P01" | "28000" => "the server refused the user or password; check the URL",
            "3D000" => "there is no such database; check the URL",
            "53300" | "08004" => "the server takes no more connections",
            "57014" | "70100" => "the statement took longer than the limit for statements",
            "5" | "261" | "517" => "another process writes to the file for too long",
            "13" | "53100" => "the disk of the server is full",
            "14" => "the file cannot be opened; check the path, and run dogpile-migrate up",
            "40001" | "40P01" => "others were in between",
            _ => "the server answered with an error",
        };
        // A code is one short word: nothing that anybody stored.
        let is_code = code.len() <= 8 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Self {
            message: Cow::Borrowed(message),
            kind: match &*code {
                "40001" | "40P01" => Kind::Passing,
                "57P01" | "57P02" | "57P03" | "08S01" | "08006" => Kind::Lost,
                _ => Kind::Final,
            },
            code: (is_code && !code.is_empty()).then(|| code.into_owned()),
        }
    }
}

const MISSING: &str = "the tables are not there; run dogpile-migrate up";

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match error {
            #[cfg(feature = "mysql")]
            sqlx::Error::Database(error) if is_killed(&*error) => {
                Self::new("the connection ended").lost()
            }
            sqlx::Error::Database(error) => Self::answered(error.code(), error.message()),
            // Words of the operating system: no name and no value of ours.
            sqlx::Error::Io(error) => {
                Self::new(format!("no connection to the server: {error}")).lost()
            }
            sqlx::Error::Tls(_) => Self::new("no encrypted connection to the server could be made"),
            sqlx::Error::PoolTimedOut => {
                Self::new("no connection to the server could be made in time")
            }
            sqlx::Error::PoolClosed => Self::new("the pool is closed"),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::unexpected(),
            _ => Self::new("the call to the server failed"),
        }
    }
}

/// Whether MariaDB says that it has ended the connection: with the code of a statement that took too
/// long.
#[cfg(feature = "mysql")]
fn is_killed(error: &(dyn sqlx::error::DatabaseError + 'static)) -> bool {
    const CONNECTION_KILLED: u16 = 1927;
    let error = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>();
    error.is_some_and(|error| error.number() == CONNECTION_KILLED)
}

/// A setting is wrong.
pub(crate) fn wrong(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, "connect backend", message)
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn an_error_says_the_mend_and_repeats_nothing_of_the_server() {
        for (code, text, mend) in [
            ("42P01", "relation \"secret\" does not exist", "dogpile-migrate up"),
            ("1", "no such table: secret", "dogpile-migrate up"),
            ("42501", "permission denied for table secret", "grant"),
            ("25006", "cannot execute INSERT secret", "no replica"),
            ("23505", "Key (name)=(secret) already exists", "an error"),
        ] {
            let failure = Failure::answered(Some(code.into()), text);
            let error = failure.during("read").to_string();
            assert!(error.contains(mend) && error.contains(code), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let odd = Failure::answered(Some("a secret code".into()), "").during("read").to_string();
        assert!(!odd.contains("secret"), "{odd}");
    }

    #[test]
    fn only_what_others_caused_is_tried_again() {
        let passing = |code: &str| Failure::answered(Some(code.into()), "").is_passing();
        assert!(passing("40001") && passing("40P01"));
        assert!(!passing("5") && !passing("42P01") && !passing("57014"));
    }
}
