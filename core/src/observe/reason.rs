//! Why something was not a plain hit.

use std::fmt;

/// A reason code: stable, lower case, fit to be a label in metrics.
///
/// The set is open: an adapter defines its own with [`Reason::new`]. Keep it small: codes are labels,
/// and a region counts the first 64 apart.
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
    /// Bypass or not stored: an invalidation of one of its tags is not delivered yet.
    pub const OWED: Self = Self("owed");
    /// Bypass: a writer that is about to commit has tainted one of its tags.
    pub const TAINTED: Self = Self("tainted");
    /// Degraded: the backend cannot taint.
    pub const NO_TAINTS: Self = Self("no_taints");
    /// Degraded: no transaction can carry the invalidation. The backend is not in the database that is
    /// written to, or nothing runs its SQL there.
    pub const NOT_TRANSACTIONAL: Self = Self("not_transactional");
    /// Degraded: no transaction can note the invalidation. There is no log in the database that is
    /// written to, or nothing writes to it there.
    pub const NOT_NOTED: Self = Self("not_noted");
    /// Degraded: the SQL of the invalidation failed inside of the transaction, and was taken back.
    pub const SCRIPT_FAILED: Self = Self("script_failed");
    /// Degraded: the taints had ended before they were lifted.
    pub const TAINT_ENDED: Self = Self("taint_ended");
    /// Miss: what the backend gave back could not be decoded.
    pub const UNDECODABLE: Self = Self("undecodable");
    /// An old value was served: the creation of its successor failed.
    pub const CREATOR_FAILED: Self = Self("creator_failed");
    /// An old value was served: the creation of its successor failed a moment ago.
    pub const RESTING: Self = Self("resting");
    /// An old value was served: the creation of its successor takes its time.
    pub const SOFT_LIMIT: Self = Self("soft_limit");
    /// Not stored: a value whose creation began later is there already.
    pub const OVERTAKEN: Self = Self("overtaken");
    /// Not stored: the lease that protected its creation was lost.
    pub const LEASE_LOST: Self = Self("lease_lost");
    /// Not stored: values of its type do not survive the codec.
    pub const CODEC: Self = Self("codec");
    /// Not stored: the value weighs more than one entry may.
    pub const TOO_LARGE: Self = Self("too_large");
    /// Not stored: it depends on more tags than one entry may.
    pub const TOO_MANY_TAGS: Self = Self("too_many_tags");
    /// Not stored: the versions of its tags could not be read before it was created.
    pub const UNOBSERVED: Self = Self("unobserved");
    /// Not stored: a creator of several values left it out.
    pub const LEFT_OUT: Self = Self("left_out");
    /// Bypass: whoever looked went away before there was an answer.
    pub const DROPPED: Self = Self("dropped");
    /// Not stored: a tag moved while the value was created.
    pub const MOVED: Self = Self("moved");
    /// Not stored: its creator said that it is not to be kept.
    pub const UNWANTED: Self = Self("unwanted");
    /// Created without the lease: the wait for it reached its bound.
    pub const LEASE_TIMEOUT: Self = Self("lease_timeout");
    /// Created without the flight: its leader did not finish within `max_load`.
    pub const LEADER_TIMEOUT: Self = Self("leader_timeout");

    /// Failed: the creator returned an error.
    pub const CREATOR_ERROR: Self = Self("creator_error");
    /// Failed: the creator panicked.
    pub const CREATOR_PANIC: Self = Self("creator_panic");
    /// Failed: the creator was dropped, mostly because its caller went away.
    pub const CREATOR_DROPPED: Self = Self("creator_dropped");
    /// Miss or backend failure: the backend answered with an error.
    pub const BACKEND_ERROR: Self = Self("backend_error");
    /// Miss or backend failure: the backend did not answer within `op_timeout`.
    pub const BACKEND_TIMEOUT: Self = Self("backend_timeout");
    /// Miss or backend failure: the backend was not asked, because it has failed too often of late.
    pub const BACKEND_UNAVAILABLE: Self = Self("backend_unavailable");
    /// Miss or backend failure: the backend panicked.
    pub const BACKEND_PANICKED: Self = Self("backend_panicked");
    /// Miss or backend failure: the backend lost its memory while it answered, or may have.
    pub const BACKEND_CHANGED: Self = Self("backend_changed");
    /// Miss or backend failure: the answer has not the shape of the question.
    pub const BAD_ANSWER: Self = Self("bad_answer");
    /// Rejected: the bytes are no entry, or a damaged one.
    pub const MALFORMED: Self = Self("malformed");
    /// Rejected: the entry was written by another version, in a format that this one cannot read.
    pub const OTHER_FORMAT: Self = Self("other_format");
    /// Background work refused: as much as is allowed is running already.
    pub const TOO_MANY_TASKS: Self = Self("too_many_tasks");
    /// Any reason, where more distinct ones occurred than are counted apart.
    pub const OTHER: Self = Self("other");
    /// No reason was given.
    pub(super) const NONE: Self = Self("none");

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
