//! Exact counts of what a region did.

use super::counter::Counter;
use super::{Event, Outcome};

/// The counts of one region since it was built.
///
/// Once nothing is running, `hits + stale + misses + bypasses == lookups`, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Lookups: the four below, and any that ended without saying how.
    pub lookups: u64,
    /// Lookups that found a fresh value.
    pub hits: u64,
    /// Lookups that found a value which may still be served.
    pub stale: u64,
    /// Lookups that found nothing to serve.
    pub misses: u64,
    /// Lookups that went past the cache.
    pub bypasses: u64,
    /// Values created and stored.
    pub stored: u64,
    /// Values created and handed out but not stored.
    pub refused: u64,
    /// Creations that failed, panicked or were dropped.
    pub failed: u64,
    /// Creations that ran without flight or lease because a bound was reached.
    pub unlocked: u64,
    /// Tags that were given a fresh version.
    pub invalidated_tags: u64,
    /// Entries held at present, valid or not.
    pub entries: usize,
    /// What those weigh together, in bytes.
    pub weight: u64,
    /// Flights under way at present.
    pub flights: usize,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Lookups that ended without saying how; none, or the sum does not add up.
    unended: Counter,
    hits: Counter,
    stale: Counter,
    misses: Counter,
    bypasses: Counter,
    stored: Counter,
    refused: Counter,
    failed: Counter,
    unlocked: Counter,
    invalidated_tags: Counter,
}

impl Counters {
    pub(crate) fn unended_lookup(&self) {
        self.unended.add_one();
    }

    #[inline]
    pub(crate) fn count(&self, event: &Event) {
        match event {
            Event::Lookup { outcome: Outcome::Hit, .. } => self.hits.add_one(),
            Event::Lookup { outcome: Outcome::Stale, .. } => self.stale.add_one(),
            Event::Lookup { outcome: Outcome::Miss, .. } => self.misses.add_one(),
            Event::Lookup { outcome: Outcome::Bypass, .. } => self.bypasses.add_one(),
            Event::Stored { .. } => self.stored.add_one(),
            Event::Refused { .. } => self.refused.add_one(),
            Event::Failed => self.failed.add_one(),
            Event::Unlocked { .. } => self.unlocked.add_one(),
            Event::Invalidated { tags, .. } => self.invalidated_tags.add(*tags as u64),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let (hits, stale) = (self.hits.sum(), self.stale.sum());
        let (misses, bypasses) = (self.misses.sum(), self.bypasses.sum());
        Stats {
            lookups: hits + stale + misses + bypasses + self.unended.sum(),
            hits,
            stale,
            misses,
            bypasses,
            stored: self.stored.sum(),
            refused: self.refused.sum(),
            failed: self.failed.sum(),
            unlocked: self.unlocked.sum(),
            invalidated_tags: self.invalidated_tags.sum(),
            ..Stats::default()
        }
    }
}
