//! Which halves of the cache a query uses.

use super::CachedQuery;

/// What a cached query does with the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Mode {
    /// Serves what is there, and stores what is not.
    #[default]
    Normal,
    /// Serves what is there, and stores nothing.
    ReadOnly,
    /// Asks the database and stores its answer, whatever is there.
    Refresh,
    /// Bypasses the cache, with the reason `ignored`.
    Ignore,
}

impl<Q, W> CachedQuery<Q, W> {
    /// Says which halves of the cache the query uses.
    ///
    /// Default: [`Mode::Normal`].
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.options.mode = Some(mode);
        self
    }
}
