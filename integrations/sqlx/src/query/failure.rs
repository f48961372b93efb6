//! What can come out of a creation beside a value to keep.

use std::io;

use dogpile::Shared;

/// The error type inside the cache.
#[derive(Debug)]
pub(super) enum Failure<T> {
    /// The query's own error.
    Query(sqlx::Error),
    /// The driver broke off without an error, or the server has become a replica. The caller gets what
    /// there is, as without a cache; nobody else does.
    NotToKeep(T),
    /// The caller was only waiting, and those who created have failed: it asks the database itself.
    Cache,
}

impl<T> From<dogpile::Error> for Failure<T> {
    fn from(_: dogpile::Error) -> Self {
        Self::Cache
    }
}

impl<T> Failure<T> {
    /// The same failure, whose rows may be handed to several.
    pub(super) fn shared(self) -> Failure<Shared<T>> {
        match self {
            Self::Query(error) => Failure::Query(error),
            Self::NotToKeep(rows) => Failure::NotToKeep(rows.into()),
            Self::Cache => Failure::Cache,
        }
    }

    /// What is left to say where the query has been run.
    pub(super) fn ended(self) -> Result<T, sqlx::Error> {
        match self {
            Self::Query(error) => Err(error),
            Self::NotToKeep(rows) => Ok(rows),
            Self::Cache => {
                let why = "the query took longer than the region's hard_load_limit, and was ended";
                Err(io::Error::new(io::ErrorKind::TimedOut, why).into())
            }
        }
    }
}
