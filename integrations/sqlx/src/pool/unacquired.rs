//! Errors of taking a connection, told apart from those of the statement that wanted it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use sqlx::Error;

use super::CachedPool;
use crate::database::CacheDatabase;

impl<DB: CacheDatabase> CachedPool<DB> {
    /// The same pool, which marks the errors of taking a connection. For adapters to libraries that tell
    /// them apart: no application of sqlx would know what to do with a marked one.
    #[doc(hidden)]
    #[must_use]
    pub fn marking_unacquired(&self) -> Self {
        let inner = super::Inner { marks_unacquired: true, ..(*self.inner).clone() };
        Self { inner: Arc::new(inner) }
    }
}

/// The mark.
#[doc(hidden)]
#[derive(Debug)]
pub struct Unacquired(Error);

impl Unacquired {
    pub(super) fn mark(error: Error) -> Error {
        Error::Configuration(Box::new(Self(error)))
    }

    /// The error of taking a connection, if it was that.
    ///
    /// # Errors
    ///
    /// The same error, if it was another.
    pub fn inside(error: Error) -> Result<Error, Error> {
        match error {
            Error::Configuration(inner) => match inner.downcast::<Self>() {
                Ok(marked) => Ok(marked.0),
                Err(inner) => Err(Error::Configuration(inner)),
            },
            other => Err(other),
        }
    }
}

impl fmt::Display for Unacquired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl StdError for Unacquired {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
