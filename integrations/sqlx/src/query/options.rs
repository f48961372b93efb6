//! A query with the options of its caching.

use std::time::Duration;

use dogpile::{EntryRef, Key, Region, Tag, Tags};
use dogpile_query::Analysis;

use crate::database::CacheDatabase;
use crate::pool::CachedPool;

/// A query that may be answered from the cache. Made by [`QueryCacheExt::cached`].
///
/// [`QueryCacheExt::cached`]: crate::QueryCacheExt::cached
#[derive(Debug, Clone)]
#[must_use = "a query does nothing until it is fetched"]
pub struct CachedQuery<Q> {
    pub(super) query: Q,
    pub(super) options: Options,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    ttl: Option<Duration>,
    stale_for: Option<Duration>,
    tags: Tags,
    tables: Vec<String>,
    pub(super) scope: Vec<String>,
}

impl<Q> CachedQuery<Q> {
    pub(super) fn new(query: Q) -> Self {
        Self { query, options: Options::default() }
    }

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

    /// Adds a tag to those of the tables.
    ///
    /// Default: none.
    pub fn tag(mut self, tag: impl Into<Tag>) -> Self {
        self.options.tags.insert(tag);
        self
    }

    /// Adds several tags to those of the tables.
    ///
    /// Default: none.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<Tag>>) -> Self {
        self.options.tags.extend(tags);
        self
    }

    /// Says that the result also depends on the table `name`, which may be `schema.name`.
    ///
    /// For what the SQL does not show: the tables behind a view, a trigger's, a function's.
    ///
    /// Default: the tables in the SQL.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.options.tables.push(name.into());
        self
    }

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
}

impl Options {
    /// All tags of a query: those of its tables and those of its caller.
    pub(super) fn all_tags<DB: CacheDatabase>(
        &self,
        pool: &CachedPool<DB>,
        analysis: &Analysis,
    ) -> Tags {
        let mut tags = analysis.read_tags().clone();
        if !self.tables.is_empty() {
            tags.extend(pool.tags_of(&self.tables).iter());
        }
        tags.extend(self.tags.iter());
        tags
    }

    /// The entry of a query with these options.
    pub(super) fn entry<'r>(
        &self,
        region: &'r Region,
        key: &'r Key,
        tags: &'r Tags,
    ) -> EntryRef<'r> {
        let mut entry = region.entry(key).tags(tags);
        if let Some(ttl) = self.ttl {
            entry = entry.ttl(ttl);
        }
        if let Some(stale_for) = self.stale_for {
            entry = entry.stale_for(stale_for);
        }
        entry
    }
}
