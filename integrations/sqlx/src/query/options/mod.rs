//! A query with the options of its caching.

mod dependencies;
mod identity;
mod lifetimes;
mod mode;
mod ruled;

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use dogpile::{EntryRef, Key, Region, Tags};
use dogpile_query::Analysis;

use super::way::Plainly;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;
pub(super) use dependencies::{AnyTagsFrom, TagsFrom};
pub use mode::Mode;
pub(super) use ruled::{DENIED_TABLE, NO_SCOPE, NOT_MARKED};

/// A query that may be answered from the cache. Made by [`QueryCacheExt::cached`].
///
/// `W` is the [way](crate::way) in which it is created and kept.
///
/// [`QueryCacheExt::cached`]: crate::QueryCacheExt::cached
#[must_use = "a query does nothing until it is fetched"]
pub struct CachedQuery<Q, W = Plainly> {
    pub(super) query: Q,
    pub(super) options: Options,
    pub(super) way: PhantomData<fn() -> W>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    ttl: Option<Duration>,
    stale_for: Option<Duration>,
    stale_on_error: Option<Duration>,
    pub(super) none_ttl: Option<Duration>,
    tags: Tags,
    tables: Vec<String>,
    key: Option<Key>,
    pub(super) scope: Vec<String>,
    region: Option<Region>,
    mode: Option<Mode>,
    /// Nobody said of the query that it be cached.
    pub(super) is_plain: bool,
    pub(super) tags_from: Option<AnyTagsFrom>,
}

impl<Q> CachedQuery<Q> {
    /// For adapters; applications say [`QueryCacheExt::cached`](crate::QueryCacheExt::cached).
    #[doc(hidden)]
    pub fn new(query: Q) -> Self {
        Self { query, options: Options::default(), way: PhantomData }
    }
}

impl<Q, W> CachedQuery<Q, W> {
    /// The same options for another query.
    #[doc(hidden)]
    pub fn with_query<R>(self, query: impl FnOnce(Q) -> R) -> CachedQuery<R, W> {
        let Self { query: own, options, way } = self;
        CachedQuery { query: query(own), options, way }
    }

    /// The same query, with the options of `others` where it has none of its own.
    #[doc(hidden)]
    pub fn under<R>(mut self, others: &CachedQuery<R>) -> Self {
        self.options.under(&others.options);
        self
    }

    /// The same query, of which nobody said that it be cached: the pool's rules decide.
    #[doc(hidden)]
    pub fn plain(mut self) -> Self {
        self.options.is_plain = true;
        self
    }

    /// The same query and options, created and kept another way.
    pub(super) fn going<V>(self) -> CachedQuery<Q, V> {
        let Self { query, options, way: _ } = self;
        CachedQuery { query, options, way: PhantomData }
    }
}

impl<Q: Clone, W> Clone for CachedQuery<Q, W> {
    fn clone(&self) -> Self {
        Self { query: self.query.clone(), options: self.options.clone(), way: PhantomData }
    }
}

impl<Q, W> fmt::Debug for CachedQuery<Q, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedQuery").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Options {
    /// Those of a statement of which nobody said that it be cached.
    pub(super) fn of_plain() -> Self {
        Self { is_plain: true, ..Self::default() }
    }

    /// The region of a query on `pool`.
    pub(crate) fn region<'r, DB: CacheDatabase>(&'r self, pool: &'r CachedPool<DB>) -> &'r Region {
        self.region.as_ref().unwrap_or_else(|| pool.region())
    }

    /// Which halves of the cache the query uses.
    pub(super) fn mode(&self) -> Mode {
        self.mode.unwrap_or_default()
    }

    /// Whether what is written on `pool` reaches the region of the query.
    pub(super) fn hears_writes_of<DB: CacheDatabase>(&self, pool: &CachedPool<DB>) -> bool {
        self.region.as_ref().is_none_or(|region| region.shares_tags_with(pool.region()))
    }

    /// All tags of a query: what its SQL depends on, those of the rules, and those of its caller. Where these would be
    /// too many for the region, a row counts as its table.
    pub(super) fn all_tags<DB: CacheDatabase>(
        &self,
        pool: &CachedPool<DB>,
        analysis: &Analysis,
        ruled: &Tags,
        depends: Tags,
    ) -> Tags {
        let tags = self.with_own_tags(pool, ruled, depends);
        match analysis.row() {
            Some(_) if tags.len() > self.region(pool).max_tags() => {
                self.with_own_tags(pool, ruled, analysis.read_tags().clone())
            }
            _ => tags,
        }
    }

    fn with_own_tags<DB: CacheDatabase>(
        &self,
        pool: &CachedPool<DB>,
        ruled: &Tags,
        mut tags: Tags,
    ) -> Tags {
        tags.extend(ruled.iter());
        if !self.tables.is_empty() {
            tags.extend(pool.tags_of(&self.tables).iter());
        }
        tags.extend(self.tags.iter());
        if let Some(key) = &self.key {
            tags.insert(self.region(pool).key_tag(key));
        }
        tags
    }

    /// The entry of a query with these options.
    pub(crate) fn entry<'r>(
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
        if let Some(max_age) = self.stale_on_error {
            entry = entry.serve_stale_on_error(max_age);
        }
        entry
    }
}
