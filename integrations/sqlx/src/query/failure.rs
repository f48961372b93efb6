//! What can come out of a creation beside a value to keep.

/// The error type inside the cache.
#[derive(Debug)]
pub(super) enum Failure<T> {
    /// The query's own error.
    Query(sqlx::Error),
    /// The driver broke off without an error. Its caller gets what there is, as without a cache;
    /// nobody else does.
    BrokenOff(T),
    /// The caller was only waiting, and those who created have failed: it asks the database itself.
    Cache,
}

impl<T> From<dogpile::Error> for Failure<T> {
    fn from(_: dogpile::Error) -> Self {
        Self::Cache
    }
}
