//! What can come out of a creation: the query's own error, or word that others failed.

/// The error type inside the cache. Only the first kind ever reaches a caller.
#[derive(Debug)]
pub(super) enum Failure {
    Query(sqlx::Error),
    /// The caller was only waiting, and those who created have failed: it asks the database itself.
    Cache,
}

impl From<dogpile::Error> for Failure {
    fn from(_: dogpile::Error) -> Self {
        Self::Cache
    }
}
