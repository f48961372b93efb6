//! What went wrong, without a key or a value.

use std::borrow::Cow;

use dogpile::{Error, ErrorKind};

/// Why one server could not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection could be made.
    Unreachable,
    /// No connection could be made a moment ago, and the next attempt is not due or not done.
    Down,
    /// The server does not know the meta commands, or does not say who it is.
    Unsupported,
    /// The connection ended before the answer had come.
    Lost,
    /// The server was silent for too long.
    Silent,
    /// The server answered what is no answer to the question.
    Nonsense,
    /// What was compared has been read over a connection that is gone.
    Moved,
    /// Nobody can keep a connection.
    NoRuntime,
}

impl Fault {
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Unreachable => "no connection to the server",
            Self::Down => "the server could not be reached a moment ago",
            Self::Unsupported => {
                "this is no memcached that has the meta commands; connect to memcached 1.6 or later, \
                 without a proxy in between"
            }
            Self::Lost => "the connection ended before the answer had come",
            Self::Silent => "the server did not answer for too long",
            Self::Nonsense => "the server's answer is not one to this question",
            Self::Moved => "the connection was made anew between two steps",
            Self::NoRuntime => "connections are kept by a tokio runtime, and there is none here",
        }
    }

    pub(crate) fn of(self, server: &str, operation: &'static str) -> Error {
        failed(operation, self.message()).with("server", server)
    }
}

/// An operation that could not be done.
pub(crate) fn failed(operation: &'static str, message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Unavailable, operation, message)
}

/// The server would not store something that is not too large.
pub(crate) fn refused(operation: &'static str) -> Error {
    failed(operation, "the server has no memory for this; let it evict (no -M), or give it more")
}

/// The server answered with something else than was asked for.
pub(crate) fn unexpected(operation: &'static str) -> Error {
    failed(operation, Fault::Nonsense.message())
}

/// The server has no compare-and-swap.
pub(crate) fn no_compare(operation: &'static str) -> Error {
    failed(operation, "the server cannot compare and swap; run it without -C")
}

/// Others changed the same thing again and again.
pub(crate) fn contended(operation: &'static str) -> Error {
    failed(operation, "others changed the same name each time in between")
}

/// A setting is wrong.
pub(crate) fn wrong(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, "connect backend", message)
}
