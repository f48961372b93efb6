//! Selects that are answered from the cache with the values that they were mapped to.
//!
//! A select runs its own `all` or `one` on a connection of ours that hands its statement to the sqlx
//! adapter: there it waits until its answer is known, or it is let through to the database.

mod fetch;
mod options;
mod paginator;
mod select;
mod shim;
mod source;
mod stream;

use std::fmt;

use dogpile_sqlx::{CachedQuery, Mode};
pub use paginator::CachedPaginator;
pub use select::{Select, SelectOne, SelectPaged, SelectStream};
pub use source::Source;

/// A select that may be answered from the cache. Made by [`SelectCacheExt::cached`].
#[must_use = "a select does nothing until it is run"]
pub struct CachedSelect<Q>(CachedQuery<Box<Q>>);

/// Adds [`cached`](Self::cached) to sea-orm's selects.
pub trait SelectCacheExt: Select {
    /// Lets the select be answered from the cache, also where its connection has only marked reads
    /// cached. What a rule denies is not cached all the same.
    ///
    /// In this process its models are kept as they are: a hit copies them, or shares them.
    fn cached(self) -> CachedSelect<Self> {
        // A select is large, and handed on several times.
        CachedSelect(CachedQuery::new(Box::new(self)))
    }

    /// Has the select bypass the cache, with the reason `ignored`.
    ///
    /// It runs as one with [`Mode::Ignore`] does, on whatever connection.
    fn uncached(self) -> CachedSelect<Self> {
        self.cached().mode(Mode::Ignore)
    }
}

impl<Q: Select> SelectCacheExt for Q {}

impl<Q> fmt::Debug for CachedSelect<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
