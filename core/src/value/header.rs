//! What is known of an entry beside its value.

use std::time::Duration;

use crate::clock::Tick;
use crate::tag::{Observation, Tags};

/// The part of an entry that decides whether, and as what, it is served.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// The second digest of the key: an entry under a colliding key is a miss (I9).
    pub(crate) check: u128,
    /// The tags that the creator declared; a caller that declares others gets a miss.
    pub(crate) tags: Tags,
    /// The versions of those and of the implicit tags, read before the creation began.
    pub(crate) observation: Observation,
    /// When the creation began: what the age counts from.
    pub(crate) created: Tick,
    /// Until when the entry is fresh, jitter included.
    pub(crate) fresh_until: Tick,
    /// How long the creation took.
    pub(crate) created_in: Duration,
    /// What the entry counts against the tier's capacity, in bytes.
    pub(crate) weight: u64,
}

impl Header {
    /// How old the value is: the time since its creation began.
    pub(crate) const fn age(&self, now: Tick) -> Duration {
        now.since(self.created)
    }

    /// Whether both are the header of one stored value, which may have been read twice: the wall
    /// clock that its age comes from is read to the millisecond, and this one moves in steps of four.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let apart = self.created.since(other.created).max(other.created.since(self.created));
        self.created_in == other.created_in && apart < Duration::from_millis(6)
    }

    /// Whether the entry may be served as stale at `now`, `stale_for` after it ceased to be fresh.
    pub(crate) fn servable_as_stale(&self, now: Tick, stale_for: Duration) -> bool {
        !stale_for.is_zero() && now < self.fresh_until.after(stale_for)
    }
}
