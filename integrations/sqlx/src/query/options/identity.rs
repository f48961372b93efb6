//! What a result is kept under, and where.

use dogpile::{Key, Region};

use super::CachedQuery;

impl<Q, W> CachedQuery<Q, W> {
    /// Keeps the result apart from that of other scopes: a tenant, a role, a time zone.
    ///
    /// **Whatever decides which rows a caller may see, beside the SQL and its parameters, belongs
    /// here.** A result of one scope is never served in another. Called more than once, all parts
    /// count, in order.
    ///
    /// Default: none.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.options.scope.push(scope.into());
        self
    }

    /// Gives the result a name of your own, by which it can be invalidated:
    /// `region.entry(key).delete()`.
    ///
    /// The SQL and its parameters stay a part of what it is kept under: two queries of one name never
    /// serve each other's rows, and are invalidated together.
    ///
    /// Default: none.
    pub fn key(mut self, key: impl Into<Key>) -> Self {
        self.options.key = Some(key.into());
        self
    }

    /// Keeps the result in another region than the pool's, with that region's policies.
    ///
    /// What is written on the pool must reach it: both regions have one backend, or both have none.
    /// Otherwise the query bypasses the cache, with the reason `other_backend`.
    ///
    /// Default: the region of the pool.
    pub fn region(mut self, region: &Region) -> Self {
        self.options.region = Some(region.clone());
        self
    }
}
