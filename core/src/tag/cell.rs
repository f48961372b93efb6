//! One tag's registers in this process.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::Invalidation;

/// A version that no live register ever has: what a removed cell holds.
const DEAD: u64 = 0;
/// What a cell holds while it has writers: no value depends on it, and none is found by it.
const TAINTED: u64 = DEAD + 1;

/// The two registers of a tag, shared by everything that observed it.
///
/// Entries and flights hold the cell itself, so that validating a hit is a few atomic loads. Only a
/// [`TagSpace`](super::TagSpace) writes to a cell, and only under its shard's lock.
#[derive(Debug)]
pub(crate) struct Cell {
    hard: AtomicU64,
    soft: AtomicU64,
    /// How many writers have tainted the tag.
    writers: AtomicUsize,
    /// Never removed to make room: a region's epoch must outlive all of its entries.
    pinned: bool,
}

/// Both registers as they were at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Versions {
    pub(crate) hard: u64,
    pub(crate) soft: u64,
}

impl Versions {
    /// Whether a value can depend on them: those of a removed or tainted cell are good for none.
    #[inline]
    pub(super) const fn hold(self) -> bool {
        self.hard > TAINTED
    }

    /// Whether writers have tainted the tag.
    pub(super) const fn are_tainted(self) -> bool {
        self.hard == TAINTED
    }

    /// Both in one number, which names them.
    pub(super) fn token(self) -> u128 {
        u128::from(self.hard) << 64 | u128::from(self.soft)
    }
}

impl Cell {
    pub(super) fn new(pinned: bool) -> Self {
        let (hard, soft) = (AtomicU64::new(token()), AtomicU64::new(token()));
        Self { hard, soft, writers: AtomicUsize::new(0), pinned }
    }

    /// The cell in the place of this one, with its writers.
    pub(super) fn replaced(&self, pinned: bool) -> Self {
        let cell = Self::new(pinned);
        cell.writers.store(self.writers(), Ordering::Relaxed);
        cell.bump(Invalidation::Hard);
        cell
    }

    /// Reads both registers.
    ///
    /// `Acquire` pairs with the `Release` of a bump: who reads a fresh version also sees what
    /// happened before the bump, the committed write first of all.
    #[inline]
    pub(crate) fn versions(&self) -> Versions {
        Versions {
            hard: self.hard.load(Ordering::Acquire),
            soft: self.soft.load(Ordering::Acquire),
        }
    }

    /// A tainted cell stays so: what its writers do is not done yet.
    pub(super) fn bump(&self, how: Invalidation) {
        match how {
            Invalidation::Hard if self.writers() > 0 => self.hard.store(TAINTED, Ordering::Release),
            Invalidation::Hard => self.hard.store(token(), Ordering::Release),
            Invalidation::Soft => self.soft.store(token(), Ordering::Release),
        }
    }

    /// One writer more.
    pub(super) fn taint(&self) {
        self.writers.store(self.writers() + 1, Ordering::Relaxed);
        self.bump(Invalidation::Hard);
    }

    /// One writer less; with the last of them goes the taint.
    pub(super) fn lift(&self) {
        self.writers.store(self.writers().saturating_sub(1), Ordering::Relaxed);
        self.bump(Invalidation::Hard);
    }

    /// As the shard's lock shows it.
    pub(super) fn writers(&self) -> usize {
        self.writers.load(Ordering::Relaxed)
    }

    /// Makes every observation of this cell invalid for good.
    pub(super) fn kill(&self) {
        self.hard.store(DEAD, Ordering::Release);
    }

    pub(super) const fn is_pinned(&self) -> bool {
        self.pinned
    }
}

/// A version that this process has never used and never will again.
fn token() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(TAINTED + 1);
    // At one billion tokens a second this wraps after 584 years.
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Invalidation};

    #[test]
    fn the_first_version_of_a_process_holds() {
        assert!(Cell::new(false).versions().hold());
    }

    #[test]
    fn a_removed_cell_is_not_a_tainted_one() {
        let cell = Cell::new(false);
        cell.kill();
        assert!(!cell.versions().hold() && !cell.versions().are_tainted());
    }

    #[test]
    fn a_taint_lasts_until_its_last_writer_has_gone() {
        let cell = Cell::new(false);
        cell.taint();
        cell.taint();
        cell.bump(Invalidation::Hard);
        cell.lift();
        assert!(cell.versions().are_tainted() && cell.replaced(false).versions().are_tainted());
        cell.lift();
        assert!(cell.versions().hold() && cell.writers() == 0);
    }
}
