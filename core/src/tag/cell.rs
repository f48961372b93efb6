//! One tag's registers in this process.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Invalidation;

/// A version that no live register ever has: what a removed cell holds.
pub(crate) const DEAD: u64 = 0;

/// The two registers of a tag, shared by everything that observed it.
///
/// Entries and flights hold the cell itself, so that validating a hit is a few atomic loads. Only a
/// [`TagSpace`](super::TagSpace) writes to a cell, and only under its shard's lock.
#[derive(Debug)]
pub(crate) struct Cell {
    hard: AtomicU64,
    soft: AtomicU64,
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
    /// Both in one number, which names them.
    pub(super) fn token(self) -> u128 {
        u128::from(self.hard) << 64 | u128::from(self.soft)
    }
}

impl Cell {
    pub(super) fn new(pinned: bool) -> Self {
        Self { hard: AtomicU64::new(token()), soft: AtomicU64::new(token()), pinned }
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

    pub(super) fn bump(&self, how: Invalidation) {
        match how {
            Invalidation::Hard => self.hard.store(token(), Ordering::Release),
            Invalidation::Soft => self.soft.store(token(), Ordering::Release),
        }
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
    static NEXT: AtomicU64 = AtomicU64::new(DEAD + 1);
    // At one billion tokens a second this wraps after 584 years.
    NEXT.fetch_add(1, Ordering::Relaxed)
}
