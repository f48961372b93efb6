//! How the reads on a connection are cached that say nothing of it themselves.

use std::borrow::Cow;

use dogpile_sqlx::{CachedPool, CachedQuery, Mode};

use crate::driver::Driver;

/// Which reads are cached, and with which options.
#[derive(Debug, Clone)]
pub(crate) struct Reads {
    which: Which,
    options: CachedQuery<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those that the rules allow.
    Ruled,
    /// All, as if each had said so of itself.
    Marked,
    /// None.
    None,
}

impl Reads {
    pub(super) fn ruled() -> Self {
        Self { which: Which::Ruled, options: CachedQuery::new(()) }
    }

    pub(super) fn marked(&self) -> Self {
        Self { which: Which::Marked, ..self.clone() }
    }

    pub(super) fn none(&self) -> Self {
        Self { which: Which::None, ..self.clone() }
    }

    pub(super) fn with(self, set: impl FnOnce(CachedQuery<()>) -> CachedQuery<()>) -> Self {
        Self { options: set(self.options), ..self }
    }

    /// The options for a read that says of itself that it be cached.
    pub(crate) fn of_marked(&self) -> Cow<'_, CachedQuery<()>> {
        match self.which {
            Which::Ruled | Which::Marked => Cow::Borrowed(&self.options),
            Which::None => Cow::Owned(self.options.clone().mode(Mode::Ignore)),
        }
    }

    /// The options for a read that says nothing.
    pub(super) fn of_plain(&self) -> CachedQuery<()> {
        match self.which {
            Which::Ruled => self.options.clone().plain(),
            Which::Marked | Which::None => self.of_marked().into_owned(),
        }
    }

    /// The options for a read that says nothing, if it is looked up at all.
    pub(crate) fn of_looked_up<DB: Driver>(
        &self,
        pool: &CachedPool<DB>,
        sql: &str,
    ) -> Option<CachedQuery<()>> {
        let is_looked_up = match self.which {
            Which::Ruled => pool.looks_up_plain(sql),
            Which::Marked => true,
            Which::None => false,
        };
        is_looked_up.then(|| self.of_plain())
    }
}
