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

/// Where a value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// In this process, and nobody was asked whether it still holds.
    Local,
    /// In this process, and the backend said that it still holds.
    Checked,
    /// In the backend.
    Backend,
}

impl Tier {
    /// The name used in spans and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Checked => "checked",
            Self::Backend => "backend",
        }
    }

    /// What belongs to it, of what there is for each tier in their order.
    #[inline]
    pub(super) const fn of<T>(self, [local, checked, backend]: &[T; 3]) -> &T {
        match self {
            Self::Local => local,
            Self::Checked => checked,
            Self::Backend => backend,
        }
    }
}

/// What an invalidation came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A call that named the tags.
    Call,
    /// A write, by its guard: at its end, or because its caller went away.
    Write,
    /// A value that was set, deleted or invalidated under its own key.
    Key,
    /// The region as a whole.
    Region,
}

impl Source {
    /// The name used in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Write => "write",
            Self::Key => "key",
            Self::Region => "region",
        }
    }
}

/// Which way bytes went between a region and its backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the backend.
    Read,
    /// To the backend.
    Written,
}

impl Direction {
    /// The name used in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Written => "written",
        }
    }
}

/// Something that happened in a region. Carries neither keys nor values.
///
/// Every creation ends in exactly one of [`Stored`](Self::Stored), [`Refused`](Self::Refused) and
/// [`Failed`](Self::Failed).
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A lookup ended.
    Lookup {
        /// How it ended.
        outcome: Outcome,
        /// Where the value was found, where there is one.
        tier: Option<Tier>,
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
        /// How long the creation took.
        created_in: Duration,
    },
    /// A creator failed, panicked or was dropped.
    Failed {
        /// Which of the three.
        reason: Reason,
        /// How long after it had begun.
        after: Duration,
    },
    /// An old value was served in the place of one that could not be created, or not in time.
    FellBack {
        /// Why there is no new one.
        reason: Reason,
    },
    /// A creator ran without the protection of a flight or a lease.
    Unlocked {
        /// Which bound was reached.
        reason: Reason,
    },
    /// A wait for a lease that was not free at once has ended, with the lease or without.
    LeaseWaited {
        /// How long it lasted.
        waited: Duration,
    },
    /// Tags were given fresh versions.
    Invalidated {
        /// How many.
        tags: usize,
        /// What was left of the entries they hit.
        how: Invalidation,
        /// What it came from.
        source: Source,
    },
    /// A write of [`Freshness::Fenced`](crate::Freshness::Fenced) was not fenced, or not to its end; or
    /// its transaction did not carry the invalidation of one of
    /// [`Freshness::Durable`](crate::Freshness::Durable) or
    /// [`Freshness::Transactional`](crate::Freshness::Transactional).
    Degraded {
        /// Why not.
        reason: Reason,
    },
    /// A call to the backend was not answered as it should be; the lookup or store went on without.
    BackendFailed {
        /// Which call: `read`, `store`, `bump`.
        operation: &'static str,
        /// What was wrong with it.
        reason: Reason,
    },
    /// Bytes came back from the backend that are no entry this process can use.
    Rejected {
        /// What was wrong with them.
        reason: Reason,
    },
    /// Entries went over the wire.
    BackendBytes {
        /// Which way.
        direction: Direction,
        /// How many bytes.
        bytes: u64,
    },
    /// Work that nobody waits for, such as the refresh of a stale value, was not begun.
    BackgroundRefused {
        /// Which bound was reached.
        reason: Reason,
    },
}

/// Listens to the events of a region.
///
/// It is called on the path of the lookup, so it must be quick and must not block.
pub trait Observer: Debug + Send + Sync + 'static {
    /// Called once for every event, after the region's own counters have moved.
    fn on_event(&self, region: &str, event: &Event);
}
