//! The connection a transaction runs on: its own, or one it was begun on.

use std::ops::{Deref, DerefMut};

use crate::connection::CachedConnection;
use crate::database::CacheDatabase;

pub(super) enum Session<'c, DB: CacheDatabase> {
    Own(Box<CachedConnection<DB>>),
    Borrowed(&'c mut CachedConnection<DB>),
}

impl<DB: CacheDatabase> From<CachedConnection<DB>> for Session<'_, DB> {
    fn from(connection: CachedConnection<DB>) -> Self {
        Self::Own(Box::new(connection))
    }
}

impl<'c, DB: CacheDatabase> From<&'c mut CachedConnection<DB>> for Session<'c, DB> {
    fn from(connection: &'c mut CachedConnection<DB>) -> Self {
        Self::Borrowed(connection)
    }
}

impl<DB: CacheDatabase> Deref for Session<'_, DB> {
    type Target = CachedConnection<DB>;

    fn deref(&self) -> &CachedConnection<DB> {
        match self {
            Self::Own(connection) => connection,
            Self::Borrowed(connection) => connection,
        }
    }
}

impl<DB: CacheDatabase> DerefMut for Session<'_, DB> {
    fn deref_mut(&mut self) -> &mut CachedConnection<DB> {
        match self {
            Self::Own(connection) => connection,
            Self::Borrowed(connection) => connection,
        }
    }
}
