//! What the tests of the attributes share.

use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile::{Region, RegionBuilder, TagSpace, minutes};

/// A region whose tags nobody else moves, without jitter.
pub(crate) fn builder() -> RegionBuilder {
    Region::builder("test").ttl(minutes(5)).jitter(0.0).tag_space(TagSpace::new(10_000))
}

pub(crate) fn region() -> Region {
    builder().build().unwrap()
}

/// Counts how often a function's body ran.
#[derive(Debug, Default)]
pub(crate) struct Runs(AtomicUsize);

impl Runs {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Counts one run, and says how many there are by now.
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}
