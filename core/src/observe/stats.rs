//! Exact counts of what a region did.

use super::{Reason, ReasonKind, Timings};

/// The counts of one region since it was built, as [`Region::stats`](crate::Region::stats) gives
/// them.
///
/// Once nothing is running, `hits + stale + misses + bypasses == lookups` and
/// `stored + refused + failed == load.count()`, exactly.
///
/// Prints as one line, and with `{:#}` as a small table with the reasons:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, minutes};
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
/// region.entry("seven").get_or_create(async || Ok::<_, dogpile::Error>(7)).await?;
/// region.entry("seven").get::<i32>().await;
/// let line = region.stats().to_string();
/// assert_eq!(line, "2 lookups = 1 hits + 0 stale + 1 misses + 0 bypasses");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Lookups: the four below.
    pub lookups: u64,
    /// Lookups that found a fresh value: the three below that name a tier.
    pub hits: u64,
    /// Hits in this process that asked nobody.
    pub local_hits: u64,
    /// Hits in this process of which the backend said that they still hold.
    pub checked_hits: u64,
    /// Hits whose value came from the backend.
    pub backend_hits: u64,
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
    /// Old values that were served because no new one could be created, or not in time.
    pub fell_back: u64,
    /// Tags that were given a fresh version.
    pub invalidated_tags: u64,
    /// Calls to the backend that were not answered as they should be.
    pub backend_failed: u64,
    /// Times that bytes came back from the backend which were no entry.
    pub rejected: u64,
    /// Pieces of background work that were not begun because a bound was reached.
    pub background_refused: u64,
    /// Times that a write of [`Freshness::Fenced`](crate::Freshness::Fenced) was not fenced, or not to
    /// its end, or that the transaction of one of [`Freshness::Durable`](crate::Freshness::Durable) or
    /// [`Freshness::Transactional`](crate::Freshness::Transactional) did not carry its invalidation.
    pub degraded: u64,
    /// Bytes of entries that came from the backend.
    pub bytes_read: u64,
    /// Bytes of entries that went to the backend.
    pub bytes_written: u64,
    /// How long creations took, failed ones included.
    pub load: Timings,
    /// How long creators waited for a lease that was not free at once.
    pub lock_wait: Timings,
    /// Entries held at present, valid or not.
    pub entries: usize,
    /// What those weigh together, in bytes.
    pub weight: u64,
    /// Flights under way at present.
    pub flights: usize,
    pub(crate) reasons: Vec<ReasonCount>,
}

/// How often one reason was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ReasonCount {
    /// What it was given for.
    pub kind: ReasonKind,
    /// The reason; [`Reason::OTHER`] for all beyond the 64 that are told apart.
    pub reason: Reason,
    /// How often.
    pub count: u64,
}

impl Stats {
    /// Every reason that was given so far: by kind, the most frequent first.
    pub fn reasons(&self) -> impl Iterator<Item = &ReasonCount> {
        self.reasons.iter()
    }

    /// How often `reason` was given for `kind`.
    pub fn count_of(&self, kind: ReasonKind, reason: Reason) -> u64 {
        let mut held = self.reasons.iter();
        held.find(|held| held.kind == kind && held.reason == reason).map_or(0, |held| held.count)
    }
}
