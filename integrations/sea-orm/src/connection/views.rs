//! The same connection with other rules.

use std::fmt;

use dogpile::Freshness;
use dogpile_query::Policy;

use super::CachedConnection;
use crate::driver::{on, with};

impl CachedConnection {
    /// The same connection, on which reads are cached only where they, or the connection they run on,
    /// say so: with [`cached`](Self::cached), a query's own `cached`, or the hint `dogpile: on`.
    ///
    /// Rules go on as they are: none of them has plain reads cached.
    ///
    /// Default: all reads are cached that may be.
    #[must_use]
    pub fn explicit(&self) -> Self {
        self.with_policy(self.policy().clone().marked_only())
    }

    /// The same connection, all of whose reads are cached as if each had said so of itself.
    ///
    /// What a rule denies is not cached all the same.
    #[must_use]
    pub fn cached(&self) -> Self {
        Self { reads: self.reads.marked(), ..self.clone() }
    }

    /// The same connection, on which no read is cached. Writes invalidate as ever.
    #[must_use]
    pub fn uncached(&self) -> Self {
        Self { reads: self.reads.none(), ..self.clone() }
    }

    /// The same connection, whose reads are cached as `policy` says.
    ///
    /// What a query says of itself wins over what its connection says, that over the policy's rules,
    /// and they over the region. No query can allow a table that a rule denies.
    ///
    /// ```
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # fn rules(db: dogpile_sea_orm::CachedConnection) {
    /// use dogpile::{minutes, secs};
    /// use dogpile_sea_orm::{Policy, Rule};
    ///
    /// let db = db.with_policy(
    ///     Policy::all()
    ///         .except(["sessions"])
    ///         .rule("log_*", Rule::allow().ttl(secs(10)))
    ///         .rule("country", Rule::allow().ttl(minutes(60)).tag("geography")),
    /// );
    /// # }
    /// ```
    ///
    /// Default: [`Policy::all`].
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self { pool: with!(&self.pool, pool => pool.with_policy(policy)), ..self.clone() }
    }

    /// The rules for the connection's reads.
    pub fn policy(&self) -> &Policy {
        on!(Pool, &self.pool, pool => pool.policy())
    }

    /// The same connection, whose results are kept apart from those of other scopes: a tenant, a role.
    ///
    /// Default: none.
    #[must_use]
    pub fn with_scope(&self, scope: impl fmt::Display) -> Self {
        Self { pool: with!(&self.pool, pool => pool.with_scope(scope)), ..self.clone() }
    }

    /// The same connection, whose writes invalidate as strictly as `freshness` says.
    ///
    /// Default: the region's.
    #[must_use]
    pub fn with_freshness(&self, freshness: Freshness) -> Self {
        Self { pool: with!(&self.pool, pool => pool.with_freshness(freshness)), ..self.clone() }
    }

    /// The same connection, whose writes invalidate nothing: [`with_freshness`](Self::with_freshness)
    /// of [`Freshness::Ttl`].
    #[must_use]
    pub fn without_invalidation(&self) -> Self {
        self.with_freshness(Freshness::Ttl)
    }

    /// The same connection, which takes statements at their word: the database's catalog is not asked what
    /// is behind the names in them. See
    /// [`CachedPool::without_catalog`](dogpile_sqlx::CachedPool::without_catalog).
    ///
    /// Default: the catalog is asked.
    #[must_use]
    pub fn without_catalog(&self) -> Self {
        Self { pool: with!(&self.pool, pool => pool.without_catalog()), ..self.clone() }
    }
}
