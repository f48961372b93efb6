//! What a link says: why a call has no answer, and what became of what is owed.

use std::time::Duration;

use crate::observe::Reason;

/// What was asked of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Read,
    Create,
    Bump,
    Store,
    Remove,
    Place,
    Renew,
    Lift,
}

impl Operation {
    /// The name used in logs and metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Bump => "bump",
            Self::Store => "store",
            Self::Remove => "remove",
            Self::Place => "place",
            Self::Renew => "renew_taints",
            Self::Lift => "lift",
        }
    }
}

/// Why a call has no answer that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Down {
    /// The backend answered with an error.
    Error,
    /// It took longer than `op_timeout`.
    Timeout,
    /// It panicked.
    Panicked,
    /// It was not asked: it failed too often lately.
    Open,
    /// The answer has not the shape of the question.
    BadAnswer,
    /// It lost its memory, or may have, while it answered.
    Changed,
    /// It was not asked, or not believed: an invalidation of what it was asked about is owed.
    Owed,
}

impl Down {
    /// The reason code.
    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::Error => Reason::BACKEND_ERROR,
            Self::Timeout => Reason::BACKEND_TIMEOUT,
            Self::Panicked => Reason::BACKEND_PANICKED,
            Self::Open => Reason::BACKEND_UNAVAILABLE,
            Self::BadAnswer => Reason::BAD_ANSWER,
            Self::Changed => Reason::BACKEND_CHANGED,
            Self::Owed => Reason::OWED,
        }
    }
}

/// What a link tells its region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkEvent {
    /// A call of this link has no answer. [`Down::Owed`] is no failure and is not reported.
    Failed { operation: Operation, down: Down },
    /// The breaker opened: nobody asks the backend until `retry_in` has passed.
    Opened { failures: u32, retry_in: Duration },
    /// The breaker closed, and what was owed then has been delivered, or could not be before the
    /// backend failed again.
    Recovered { down_for: Duration, owed: usize, delivered: usize },
    /// Registers that were owed by nobody but the journal got their versions.
    Delivered { registers: usize },
    /// More was owed than the journal holds: these registers are not known by name any more, and
    /// the epochs of all regions on the backend are owed in their place.
    Lost { registers: usize },
}
