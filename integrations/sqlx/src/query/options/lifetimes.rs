//! How long a result is kept, and how old it may be.

use std::time::Duration;

use super::CachedQuery;

impl<Q, W> CachedQuery<Q, W> {
    /// How long the result is fresh.
    ///
    /// Default: the region's.
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.options.ttl = Some(ttl);
        self
    }

    /// How long past that the old result is served while one caller fetches the next.
    ///
    /// Default: the region's.
    pub const fn stale_for(mut self, stale_for: Duration) -> Self {
        self.options.stale_for = Some(stale_for);
        self
    }

    /// How old a result is served in place of the database's error.
    ///
    /// A result whose tables were written since is never served so.
    ///
    /// Default: the region's.
    pub const fn serve_stale_on_error(mut self, max_age: Duration) -> Self {
        self.options.stale_on_error = Some(max_age);
        self
    }

    /// How long the answer that there is no row is fresh: `None`,
    /// [`RowNotFound`](sqlx::Error::RowNotFound), or no rows at all.
    ///
    /// Default: as any other result.
    pub const fn none_ttl(mut self, ttl: Duration) -> Self {
        self.options.none_ttl = Some(ttl);
        self
    }
}
