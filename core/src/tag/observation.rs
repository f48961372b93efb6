//! What was read before a creation began: cells and the versions they had.

use std::sync::Arc;

use smallvec::SmallVec;

use super::cell::{Cell, DEAD, Versions};

/// The tag versions that a value depends on.
///
/// Room for a region's epoch, a key's tag, the tag of all tables and three more without a second
/// allocation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observation(SmallVec<[(Arc<Cell>, Versions); 6]>);

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

impl Observation {
    /// Reads `cell` now and adds it.
    pub(super) fn push(&mut self, cell: Arc<Cell>) {
        let versions = cell.versions();
        self.0.push((cell, versions));
    }

    /// Compares every observed version with the present one.
    #[inline]
    pub(crate) fn standing(&self) -> Standing {
        let mut standing = Standing::Current;
        for (cell, observed) in &self.0 {
            let now = cell.versions();
            if now.hard != observed.hard || now.hard == DEAD {
                return Standing::Moved;
            }
            if now.soft != observed.soft {
                standing = Standing::Softened;
            }
        }
        standing
    }

    /// The versions alone. They name the observation: a version is never used twice.
    pub(crate) fn versions(&self) -> SmallVec<[Versions; 6]> {
        self.0.iter().map(|(_, versions)| *versions).collect()
    }
}
