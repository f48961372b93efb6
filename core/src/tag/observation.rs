//! What was read before a creation began: the versions that tags had.

use std::sync::Arc;

use smallvec::SmallVec;

use super::cell::{Cell, Versions};
use super::known::{Belief, Watched};
use crate::backend::TagVersion;

/// The tag versions that a value depends on.
#[derive(Debug, Clone)]
pub(crate) enum Observation {
    /// Read in this process: the cells themselves, and what they held.
    ///
    /// Room for a region's epoch, a key's tag, the tag of all tables and three more without a
    /// second allocation.
    Cells(SmallVec<[(Arc<Cell>, Versions); 6]>),
    /// Read from a backend: the hard registers, and then as many soft ones.
    Registers(Arc<[TagVersion]>),
    /// The same, of tags that this process goes on hearing of.
    Watched(Arc<WatchedRegisters>),
}

/// Versions from a backend, and what this process knows of their tags.
#[derive(Debug)]
pub(crate) struct WatchedRegisters {
    registers: Box<[TagVersion]>,
    tags: Box<[Watched]>,
}

/// How an observation stands against the present versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing moved.
    Current,
    /// Only soft registers moved: the value may be served as stale.
    Softened,
    /// A hard register moved, or its cell is gone: the value must not be served.
    Moved,
}

impl Default for Observation {
    fn default() -> Self {
        Self::Cells(SmallVec::new())
    }
}

impl Observation {
    /// An observation that never holds: what is created from it is not stored in a backend.
    pub(crate) fn never() -> Self {
        Self::Registers([].into())
    }

    /// Versions from a backend; with what is known of their tags, if all of them are known.
    pub(crate) fn of_registers(registers: &[TagVersion], tags: Option<Box<[Watched]>>) -> Self {
        match tags {
            None => Self::Registers(registers.into()),
            Some(tags) => {
                let registers = registers.into();
                Self::Watched(Arc::new(WatchedRegisters { registers, tags }))
            }
        }
    }

    /// The versions from a backend.
    pub(crate) fn registers(&self) -> Option<&[TagVersion]> {
        match self {
            Self::Cells(_) => None,
            Self::Registers(registers) => Some(registers),
            Self::Watched(watched) => Some(&watched.registers),
        }
    }

    /// Whether all versions are known to be what they were, without asking.
    #[inline]
    pub(crate) fn is_known_to_hold(&self, belief: Belief) -> bool {
        match self {
            Self::Watched(watched) => watched.tags.iter().all(|tag| tag.holds(belief)),
            Self::Cells(_) | Self::Registers(_) => false,
        }
    }

    /// Reads `cell` now and adds it.
    pub(super) fn push(&mut self, cell: Arc<Cell>) {
        let versions = cell.versions();
        if let Self::Cells(cells) = self {
            cells.push((cell, versions));
        }
    }

    /// Compares every version observed in this process with the present one.
    ///
    /// Versions from a backend can only be compared with what the backend says now.
    #[inline]
    pub(crate) fn standing(&self) -> Standing {
        let Self::Cells(cells) = self else { return Standing::Moved };
        let mut standing = Standing::Current;
        for (cell, observed) in cells {
            let now = cell.versions();
            if now.hard != observed.hard || !now.hold() {
                return Standing::Moved;
            }
            if now.soft != observed.soft {
                standing = Standing::Softened;
            }
        }
        standing
    }

    /// Whether all versions were there.
    pub(crate) fn can_hold(&self) -> bool {
        match self {
            Self::Cells(_) => !self.is_tainted(),
            Self::Registers(versions) => !versions.is_empty(),
            Self::Watched(_) => true,
        }
    }

    /// Whether a tag was tainted when this process observed it: nobody may create from here.
    pub(crate) fn is_tainted(&self) -> bool {
        match self {
            Self::Cells(cells) => cells.iter().any(|(_, versions)| versions.are_tainted()),
            Self::Registers(_) | Self::Watched(_) => false,
        }
    }

    /// Compares versions from a backend with those that it has now; an absent one has moved.
    pub(crate) fn standing_against(&self, now: &[Option<TagVersion>]) -> Standing {
        self.registers().map_or(Standing::Moved, |observed| compare(observed, now))
    }

    /// The versions alone. They name the observation: a version is never used twice.
    pub(crate) fn versions(&self) -> SmallVec<[u128; 6]> {
        match self {
            Self::Cells(cells) => cells.iter().map(|(_, versions)| versions.token()).collect(),
            Self::Registers(_) | Self::Watched(_) => {
                self.registers().unwrap_or_default().iter().map(|version| version.0).collect()
            }
        }
    }
}

/// Compares hard registers, and then as many soft ones, with what they hold now.
pub(crate) fn compare(observed: &[TagVersion], now: &[Option<TagVersion>]) -> Standing {
    if observed.len() != now.len() {
        return Standing::Moved;
    }
    let same = |i: usize| now[i] == Some(observed[i]);
    let hard = observed.len() / 2;
    if !(0..hard).all(same) {
        Standing::Moved
    } else if (hard..observed.len()).all(same) {
        Standing::Current
    } else {
        Standing::Softened
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Belief, Cell, Observation, Standing, compare};
    use crate::backend::TagVersion;
    use crate::clock::Tick;
    use crate::secs;
    use crate::tag::Known;

    fn of_cell() -> (Arc<Cell>, Observation) {
        let (cell, mut observation) = (Arc::new(Cell::new(false)), Observation::default());
        observation.push(Arc::clone(&cell));
        (cell, observation)
    }

    #[test]
    fn versions_of_a_backend_hold_only_against_its_own() {
        let registers = [TagVersion(1), TagVersion(2)];
        let observation = Observation::of_registers(&registers, None);
        assert!(observation.can_hold() && !observation.is_tainted());
        assert_eq!(observation.registers(), Some(&registers[..]));
        assert_eq!(observation.versions()[..], [1, 2]);
        assert_eq!(observation.standing(), Standing::Moved);
        assert_eq!(observation.standing_against(&registers.map(Some)), Standing::Current);
    }

    #[test]
    fn what_is_watched_is_known_to_hold_until_it_moves() {
        let (known, names, versions) = (Known::new(), ["tag:t", "soft:t"], [1, 2].map(TagVersion));
        let since = known.since(Tick::from_nanos(0), &names);
        let watched = known.learn(&since, 0, names, versions).unwrap();
        let observation = Observation::of_registers(&versions, Some([watched].into()));
        let belief = Belief::bounded(Tick::from_nanos(0), secs(1));
        assert!(observation.is_known_to_hold(belief) && observation.can_hold());
        assert!(!Observation::of_registers(&versions, None).is_known_to_hold(belief));
        known.moved("tag:t");
        assert!(!observation.is_known_to_hold(belief));
    }

    #[test]
    fn what_was_observed_under_a_taint_is_good_for_nothing() {
        let (cell, before) = of_cell();
        cell.taint();
        let mut during = Observation::default();
        during.push(cell);
        assert!(before.can_hold() && !before.is_tainted());
        assert!(!during.can_hold() && during.is_tainted());
        assert!(!Observation::never().can_hold());
    }

    #[test]
    fn versions_name_the_observation() {
        let (cell, before) = of_cell();
        assert_eq!(before.versions().len(), 1);
        cell.bump(crate::Invalidation::Soft);
        let mut after = Observation::default();
        after.push(cell);
        assert_ne!(before.versions(), after.versions());
        assert_eq!(before.registers(), None);
    }

    #[test]
    fn i2_an_absent_register_is_never_current() {
        let observed: Vec<_> = (1..=4).map(TagVersion).collect();
        let now = |tokens: [u128; 4]| tokens.map(|token| (token != 0).then_some(TagVersion(token)));
        assert_eq!(compare(&observed, &now([1, 2, 3, 4])), Standing::Current);
        assert_eq!(compare(&observed, &now([1, 2, 3, 9])), Standing::Softened);
        assert_eq!(compare(&observed, &now([1, 2, 3, 0])), Standing::Softened);
        assert_eq!(compare(&observed, &now([1, 0, 3, 4])), Standing::Moved);
        assert_eq!(compare(&observed, &now([1, 9, 9, 4])), Standing::Moved);
        assert_eq!(compare(&observed, &[]), Standing::Moved);
    }
}
