//! The region's counters, which have to add up.

use std::fmt;

use dogpile::Stats;
use serde::Serialize;

use crate::failure::Failure;
use crate::figures::thousands;

/// Every lookup ends as exactly one of the four.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Counters {
    pub(crate) lookups: u64,
    pub(crate) hits: u64,
    pub(crate) stale: u64,
    pub(crate) misses: u64,
    pub(crate) bypasses: u64,
}

impl From<Stats> for Counters {
    fn from(stats: Stats) -> Self {
        Self {
            lookups: stats.lookups,
            hits: stats.hits,
            stale: stats.stale,
            misses: stats.misses,
            bypasses: stats.bypasses,
        }
    }
}

impl Counters {
    pub(crate) fn add_up(self) -> Result<Self, Failure> {
        if self.hits + self.stale + self.misses + self.bypasses == self.lookups {
            return Ok(self);
        }
        Err(Failure::Promise(format!("the counters do not add up: {self}")))
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lookups = {} hits + {} stale + {} misses + {} bypasses",
            thousands(self.lookups),
            thousands(self.hits),
            thousands(self.stale),
            thousands(self.misses),
            thousands(self.bypasses),
        )
    }
}
