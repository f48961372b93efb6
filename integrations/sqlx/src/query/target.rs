//! What a cached query may run on.

use crate::connection::CachedConnection;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;

/// Where a cached query runs: `&CachedPool`, or `&mut *tx` of a transaction.
///
/// On a pool the query is answered from the region. So it is on a connection that is in no
/// transaction, where the settings of the session are a part of the key; in a transaction it is
/// private to that.
#[derive(Debug)]
pub enum Target<'c, DB: CacheDatabase> {
    /// Any connection of a pool.
    Pool(&'c CachedPool<DB>),
    /// This connection and no other.
    Connection(&'c mut CachedConnection<DB>),
}

impl<DB: CacheDatabase> Target<'_, DB> {
    pub(super) fn pool(&self) -> &CachedPool<DB> {
        match self {
            Self::Pool(pool) => pool,
            Self::Connection(connection) => connection.pool(),
        }
    }
}

impl<'c, DB: CacheDatabase> From<&'c CachedPool<DB>> for Target<'c, DB> {
    fn from(pool: &'c CachedPool<DB>) -> Self {
        Self::Pool(pool)
    }
}

impl<'c, DB: CacheDatabase> From<&'c mut CachedConnection<DB>> for Target<'c, DB> {
    fn from(connection: &'c mut CachedConnection<DB>) -> Self {
        Self::Connection(connection)
    }
}
