//! What the cache did, as the tests' connections told it: a letter an event.

use std::fmt;
use std::path::Path;

/// How often the cache did what.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    hits: usize,
    misses: usize,
    bypasses: usize,
    replayed: usize,
    unfit: usize,
}

impl Tally {
    /// What the file says; nothing where nobody wrote it.
    pub(crate) fn read(path: &Path) -> Self {
        let letters = std::fs::read(path).unwrap_or_default();
        let count = |letter| letters.iter().filter(|&&l| l == letter).count();
        Self {
            hits: count(b'h'),
            misses: count(b'm'),
            bypasses: count(b'b'),
            replayed: count(b'r'),
            unfit: count(b'u'),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.bypasses += other.bypasses;
        self.replayed += other.replayed;
        self.unfit += other.unfit;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hits, misses, bypasses, replayed, unfit } = self;
        if replayed + unfit > 0 {
            write!(f, "{replayed} replayed, {unfit} unfit")
        } else if hits + misses + bypasses > 0 {
            write!(f, "{hits} hits, {misses} misses, {bypasses} bypasses")
        } else {
            Ok(())
        }
    }
}
