//! Events: what just happened, for whoever listens.

use std::fmt::Debug;
use std::time::Duration;

use super::Reason;
use crate::Invalidation;

/// How a lookup ended. Every lookup ends in exactly one of the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A fresh value was found.
    Hit,
    /// A value past its `ttl`, or softly invalidated, was found that may still be served.
    Stale,
    /// Nothing was found that may be served.
    Miss,
    /// The cache was not asked.
    Bypass,
}

impl Outcome {
    /// The name used in spans and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }
}

/// Something that happened in a region. Carries neither keys nor values.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A lookup ended.
    Lookup {
        /// How it ended.
        outcome: Outcome,
        /// How old the value is, where there is one.
        age: Option<Duration>,
        /// Why it was not a plain hit.
        reason: Option<Reason>,
    },
    /// A creator returned a value, and it was stored.
    Stored {
        /// How long the creation took.
        created_in: Duration,
        /// What the entry weighs, in bytes.
        weight: u64,
    },
    /// A creator returned a value, and it was handed out but not stored.
    Refused {
        /// Why it was not stored.
        reason: Reason,
    },
    /// A creator failed, panicked or was dropped.
    Failed,
    /// A creator ran without the protection of a flight or a lease.
    Unlocked {
        /// Which bound was reached.
        reason: Reason,
    },
    /// Tags were given fresh versions.
    Invalidated {
        /// How many.
        tags: usize,
        /// What was left of the entries they hit.
        how: Invalidation,
    },
}

/// Listens to the events of a region.
///
/// It is called on the path of the lookup, so it must be quick and must not block.
pub trait Observer: Debug + Send + Sync + 'static {
    /// Called once for every event, after the region's own counters have moved.
    fn on_event(&self, region: &str, event: &Event);
}
