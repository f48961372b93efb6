//! Why a server could not be started.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// The result of starting or using a server.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a server could not be started or used.
#[non_exhaustive]
#[derive(thiserror::Error)]
pub enum Error {
    /// The server's programs are not on this machine.
    #[error(
        "{service} is not installed: found no folder with {programs}. \
         Install it with `sudo apt-get install {package}` on Debian and Ubuntu, or run `tests/run`; \
         elsewhere install {service} and put its programs on PATH"
    )]
    NotInstalled {
        /// The server, as people call it.
        service: &'static str,
        /// The programs that were looked for.
        programs: String,
        /// The package that brings them on Debian and Ubuntu.
        package: &'static str,
    },

    /// The tests run as root, servers refuse to, and there is no other account to run them as.
    #[error(
        "the tests run as root and there is neither a `postgres` nor a `nobody` user to drop to"
    )]
    NoAccount,

    /// A file, folder, port or process could not be had.
    #[error("cannot {operation}")]
    Io {
        /// What was tried.
        operation: String,
        /// Why it failed.
        source: io::Error,
    },

    /// A program that prepares the server failed.
    #[error("`{program}` ended with {status}:\n{output}")]
    Preparation {
        /// The program.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// What it printed on standard error.
        output: String,
    },

    /// The server ended before it was ready.
    #[error("{service} ended before it was ready; its log, {log}, ends with:\n{tail}", log = .log.display())]
    Exited {
        /// The server.
        service: &'static str,
        /// Its log.
        log: PathBuf,
        /// The end of the log.
        tail: String,
    },

    /// The server runs and was not ready in time.
    #[error("{service} was not ready within {limit:?}; its log, {log}, ends with:\n{tail}", log = .log.display())]
    NotReady {
        /// The server.
        service: &'static str,
        /// How long it was given.
        limit: Duration,
        /// Its log.
        log: PathBuf,
        /// The end of the log.
        tail: String,
    },

    /// The server refused a statement of the harness.
    #[cfg(feature = "databases")]
    #[error("the server refused a statement of the test harness")]
    Database(#[from] sqlx::Error),

    /// The server answered a command of the test harness with an error.
    #[error("{service} refused `{command}`: {message}")]
    Refused {
        /// The server.
        service: &'static str,
        /// The command's name, without its arguments.
        command: String,
        /// What the server said.
        message: String,
    },

    /// Servers that work together did not agree in time.
    #[error("{service} did not {aim} within {limit:?}; at the last look: {last}")]
    Unsettled {
        /// The servers.
        service: &'static str,
        /// What they should have done.
        aim: String,
        /// How long they were given.
        limit: Duration,
        /// What was found instead.
        last: String,
    },

    /// A worker did not do its part.
    #[error("the worker `{role}` should {aim}, but {instead}")]
    Worker {
        /// The worker's role.
        role: String,
        /// What it should have done.
        aim: String,
        /// What it did.
        instead: String,
    },

    /// The task that starts the server was cancelled or panicked.
    #[error("the start of the server was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl Error {
    /// Turns an I/O error into one that says what was tried.
    pub(super) fn io(operation: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let operation = operation.into();
        move |source| Self::Io { operation, source }
    }
}

/// What a test that returns this error prints: the sentence and its causes, not the fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
