//! The options of one select.

use std::time::Duration;

use dogpile::{Key, Region, Tag};
use dogpile_sqlx::Mode;

use super::CachedSelect;

impl<Q> CachedSelect<Q> {
    /// How long the result is fresh.
    ///
    /// Default: the region's.
    pub fn ttl(self, ttl: Duration) -> Self {
        Self(self.0.ttl(ttl))
    }

    /// How long past that the old result is served while one caller fetches the next.
    ///
    /// Default: the region's.
    pub fn stale_for(self, stale_for: Duration) -> Self {
        Self(self.0.stale_for(stale_for))
    }

    /// How old a result is served in place of the database's error.
    ///
    /// Default: the region's.
    pub fn serve_stale_on_error(self, max_age: Duration) -> Self {
        Self(self.0.serve_stale_on_error(max_age))
    }

    /// How long the answer that there is no row is fresh.
    ///
    /// Default: as any other result.
    pub fn none_ttl(self, ttl: Duration) -> Self {
        Self(self.0.none_ttl(ttl))
    }

    /// Adds a tag to those of the tables.
    ///
    /// Default: none.
    pub fn tag(self, tag: impl Into<Tag>) -> Self {
        Self(self.0.tag(tag))
    }

    /// Adds several tags to those of the tables.
    ///
    /// Default: none.
    pub fn tags(self, tags: impl IntoIterator<Item = impl Into<Tag>>) -> Self {
        Self(self.0.tags(tags))
    }

    /// Says that the result also depends on the table `name`, which may be `schema.name`.
    ///
    /// Default: the tables in the SQL.
    pub fn table(self, name: impl Into<String>) -> Self {
        Self(self.0.table(name))
    }

    /// Keeps the result apart from that of other scopes: a tenant, a role, a time zone.
    ///
    /// **Whatever decides which rows a caller may see, beside the SQL and its parameters, belongs
    /// here.**
    ///
    /// Default: none.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        Self(self.0.scope(scope))
    }

    /// Gives the result a name of your own, by which it can be invalidated.
    ///
    /// Default: none.
    pub fn key(self, key: impl Into<Key>) -> Self {
        Self(self.0.key(key))
    }

    /// Keeps the result in another region than the connection's.
    ///
    /// Default: the region of the connection.
    pub fn region(self, region: &Region) -> Self {
        Self(self.0.region(region))
    }

    /// Says which halves of the cache the select uses.
    ///
    /// Default: [`Mode::Normal`].
    pub fn mode(self, mode: Mode) -> Self {
        Self(self.0.mode(mode))
    }
}
