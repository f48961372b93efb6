//! How a pool is doing.

use dogpile::Stats;

use super::CachedPool;
use crate::database::CacheDatabase;
use crate::verify::VerifyCounts;

/// What [`CachedPool::stats`] tells.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PoolStats {
    /// The counters of the region.
    pub region: Stats,
    /// How many connections there are, in use or idle.
    pub connections: u32,
    /// How many of them nobody uses.
    pub idle_connections: usize,
    /// How many there may be.
    pub most_connections: u32,
    /// How hits compared with the database; all 0 unless the pool [verifies](CachedPool::verify).
    pub verified: VerifyCounts,
}

impl<DB: CacheDatabase> CachedPool<DB> {
    /// How the pool and the region are doing.
    pub fn stats(&self) -> PoolStats {
        let pool = self.inner();
        PoolStats {
            region: self.region().stats(),
            connections: pool.size(),
            idle_connections: pool.num_idle(),
            most_connections: pool.options().get_max_connections(),
            verified: self.verifier().map(|it| it.counts()).unwrap_or_default(),
        }
    }
}
