//! What must never happen, and the judge of one served value.

use super::state::WriterSet;

/// A breach. The search keeps a shortest trace for each kind apart, because a wrong design may
/// show one and not another: bumping before the commit breaks only `OldValue`, for instance.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Broken {
    /// I1, strict: the value's query began before an invalidation took effect, and the lookup
    /// that got the value began after that invalidation was acknowledged.
    StaleSet,
    /// I1, harm: the value misses a commit whose invalidation was acknowledged before the lookup.
    OldValue,
    /// A value that a soft invalidation made stale was served as fresh.
    SoftAsFresh,
    /// I2: a value was served although its tag had no version.
    HitOnAbsent,
    /// I2: a version was written that an entry or an observation of an earlier one still holds.
    VersionReused,
    /// I3: two flights for one key and observation in one process.
    TwoFlights,
    /// I4: a reader joined a flight begun before a write acknowledged before the reader came.
    OldFlight,
    /// I4: the same, but it waited for such a flight's lease.
    OldLease,
}

/// How a value was handed out.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Served {
    Fresh,
    Stale,
}

/// Judges a value (the commits it shows, the invalidations before its query) served to a lookup that began when the writers in `acked` were acknowledged.
/// `soft` says which writers invalidate softly: those bind only what is served as fresh.
pub(super) fn judge(
    acked: WriterSet,
    soft: WriterSet,
    value: WriterSet,
    began: WriterSet,
    served: Served,
) -> Vec<Broken> {
    let hard = acked.without(soft);
    let softly = acked.without(hard);
    let mut broken = Vec::new();
    if !hard.without(began).is_empty() {
        broken.push(Broken::StaleSet);
    }
    if !hard.without(value).is_empty() {
        broken.push(Broken::OldValue);
    }
    let missed = !softly.without(began).is_empty() || !softly.without(value).is_empty();
    if served == Served::Fresh && missed {
        broken.push(Broken::SoftAsFresh);
    }
    broken
}
