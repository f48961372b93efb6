//! What can go wrong, said as kind + operation + context.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// A specialised `Result` of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong; decides what a caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is wrong. Only ever returned while something is being built.
    Config,
    /// Several leaders of one flight failed in a row, and this caller was only waiting for them.
    LeaderFailed,
    /// A bound named in the error's context was reached.
    Timeout,
    /// A creator of several values returned another number than it was asked for.
    WrongCount,
    /// A backend could not be reached or answered with an error.
    Unavailable,
}

impl ErrorKind {
    /// The name used in messages and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "configuration",
            Self::LeaderFailed => "leader failed",
            Self::Timeout => "timeout",
            Self::WrongCount => "wrong count",
            Self::Unavailable => "unavailable",
        }
    }
}

/// An error of the cache itself, never of the code that creates values.
///
/// It says the kind, the operation that met it, and context as pairs, in that order:
///
/// ```
/// let error = dogpile::Region::builder("").ttl(dogpile::minutes(5)).build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "configuration: build region: the name is empty; give the region a name such as \"shop\""
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{}: {operation}: {message}{context}", kind.name())]
pub struct Error {
    kind: ErrorKind,
    operation: &'static str,
    message: Cow<'static, str>,
    context: Context,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Debug, Default)]
struct Context(Vec<(&'static str, String)>);

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl Error {
    /// An error of `kind`, met while doing `operation`.
    pub fn new(
        kind: ErrorKind,
        operation: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind, operation, message: message.into(), context: Context::default(), source: None }
    }

    /// Adds a pair of context; shown in the order added.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.context.0.push((name, value.to_string()));
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of thing went wrong.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The operation that met the error, such as `build region`.
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// Whether trying again later may succeed.
    pub const fn is_temporary(&self) -> bool {
        matches!(self.kind, ErrorKind::LeaderFailed | ErrorKind::Timeout | ErrorKind::Unavailable)
    }
}
