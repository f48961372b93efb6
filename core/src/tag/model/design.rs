//! The design under test and the wrong ones: they differ in the few answers below, nothing else.

use super::state::{HARD, Register, SOFT, State, Version};

/// Which protocol the actors follow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Design {
    /// Random tokens, observed before the query, absent = miss. The one we ship.
    Dogpile,
    /// As ours, but an invalidation deletes the token. Not a mutant: where absent is a miss and a
    /// re-creation is random, it is right too. It is not ours because a create that the network
    /// delivers twice finds the deleted register empty and puts the old token back.
    DeleteOnBump,
    /// The version is read when the entry is stored, after the query.
    ReadAtStore,
    /// Versions count up; a register that was lost starts from one again.
    Counters,
    /// An invalidation writes the time, an entry is valid if its query began later.
    Timestamps,
    /// A tag without a version counts as having version zero.
    AbsentIsZero,
    /// A lost version is re-created from something that does not change, such as the tag's name.
    PredictableCreate,
    /// Soft and hard invalidations write the same register.
    OneRegister,
    /// The writer bumps, then commits.
    BumpBeforeCommit,
    /// The journal repeats a bump with the token that it had the first time.
    ReplaySameToken,
}

/// What a lookup makes of an entry.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Verdict {
    Fresh,
    Stale,
    Dead,
}

impl Design {
    /// Whether absent tags are created before the query.
    pub(super) fn creates_before_query(self) -> bool {
        !matches!(self, Self::ReadAtStore | Self::Timestamps | Self::AbsentIsZero)
    }

    /// How many registers a lookup reads.
    pub(super) fn tags(self, soft: bool) -> usize {
        if soft && self != Self::OneRegister { 2 } else { 1 }
    }

    /// The version given to a tag that has none.
    pub(super) fn created(self, state: &State, tag: usize) -> Version {
        match self {
            Self::Counters | Self::PredictableCreate => Version::FIRST,
            _ => state.fresh(tag),
        }
    }

    /// The version that an invalidation writes.
    pub(super) fn bumped(self, state: &State, tag: usize) -> Version {
        match self {
            Self::Counters => Version(state.registers[tag].version.0 + 1),
            Self::DeleteOnBump => Version::ABSENT,
            _ => state.fresh(tag),
        }
    }

    /// Compares an entry's observation with the versions now. The soft register is compared only
    /// when `tags` is 2.
    pub(super) fn verdict(self, obs: [Version; 2], now: [Register; 2], tags: usize) -> Verdict {
        let hard = now[HARD].version;
        let equal = obs[HARD] == hard;
        let alive = match self {
            Self::Timestamps => hard.is_absent() || obs[HARD] > hard,
            Self::AbsentIsZero => equal,
            Self::OneRegister => return one_register(equal, now[HARD]),
            _ => equal && !hard.is_absent(),
        };
        let soft = now[SOFT].version;
        match alive {
            false => Verdict::Dead,
            true if tags == 1 || (obs[SOFT] == soft && !soft.is_absent()) => Verdict::Fresh,
            true => Verdict::Stale,
        }
    }
}

/// With one register for both, all that is left to tell soft from hard is who wrote last.
fn one_register(equal: bool, now: Register) -> Verdict {
    match equal && !now.version.is_absent() {
        true => Verdict::Fresh,
        false if now.by_soft => Verdict::Stale,
        false => Verdict::Dead,
    }
}
