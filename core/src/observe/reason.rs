//! Why something was not a plain hit.

use std::fmt;

/// A reason code: stable, lower case, fit to be a label in metrics.
///
/// The set is open: an adapter defines its own with [`Reason::new`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason(&'static str);

impl Reason {
    /// Miss: nothing is stored under the key.
    pub const ABSENT: Self = Self("absent");
    /// Miss or stale: the entry is past its `ttl`.
    pub const EXPIRED: Self = Self("expired");
    /// Miss: a tag of the entry has another version than the one observed.
    pub const INVALIDATED: Self = Self("invalidated");
    /// Stale: a tag of the entry was softly invalidated.
    pub const SOFTLY_INVALIDATED: Self = Self("softly_invalidated");
    /// Miss: the entry belongs to another key with the same lookup digest.
    pub const COLLISION: Self = Self("collision");
    /// Miss: the entry holds a value of another type.
    pub const OTHER_TYPE: Self = Self("other_type");
    /// Miss: the caller declares other tags than the entry has.
    pub const OTHER_TAGS: Self = Self("other_tags");
    /// Bypass: reads of the region are switched off.
    pub const DISABLED: Self = Self("disabled");
    /// Bypass: the region was closed.
    pub const CLOSED: Self = Self("closed");
    /// Not stored: the value weighs more than one entry may.
    pub const TOO_LARGE: Self = Self("too_large");
    /// Not stored: it depends on more tags than one entry may.
    pub const TOO_MANY_TAGS: Self = Self("too_many_tags");
    /// Not stored: a tag moved while the value was created.
    pub const MOVED: Self = Self("moved");
    /// Not stored: its creator said that it is not to be kept.
    pub const UNWANTED: Self = Self("unwanted");
    /// Created without the lease: the wait for it reached its bound.
    pub const LEASE_TIMEOUT: Self = Self("lease_timeout");
    /// Created without the flight: its leader did not finish within `max_load`.
    pub const LEADER_TIMEOUT: Self = Self("leader_timeout");

    /// A reason of an adapter's own.
    pub const fn new(code: &'static str) -> Self {
        Self(code)
    }

    /// The code.
    pub const fn code(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
