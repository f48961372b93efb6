//! Verify mode: a share of what is served is compared with the database, in the background.
//!
//! - What is compared are raw cells: those that were served, and those that the same statement gives
//!   now, on an idle connection of the pool that is not the last. Nobody waits for it.
//! - A verdict needs peace: an observation is taken before the statement runs. Where rows differ, a
//!   writer has some time (`settle`) to invalidate what it has committed; then the entry must still be
//!   the one that was served, and the observation current. Otherwise something moved: no verdict.
//! - The order of rows is nobody's promise: rows are compared as a bag. Of a query for one row
//!   without `ORDER BY` that row must be one of the result.
//! - Mismatches are counted by shape of the SQL; at the threshold that shape is put on bypass.

mod check;
mod compare;
mod counts;
mod shapes;
mod spare;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

pub(crate) use check::Place;
use counts::Counters;
pub use counts::VerifyCounts;
use shapes::Shapes;

/// How a pool compares what it serves with the database; for
/// [`CachedPool::verify`](crate::CachedPool::verify).
///
/// Of the answers that came out of the cache, or from another caller's creation, a share is run again on
/// the database in the background, on an idle connection, and compared cell by cell. Rows may come in
/// any order. A difference is a mismatch if nothing that the result depends on has moved meanwhile: then
/// somebody writes past the cache, or the SQL does not tell what it depends on. It is counted in
/// [`PoolStats`](crate::PoolStats) and as `dogpile_verify_mismatch_total` (feature `metrics`), and logged with
/// the shape of the SQL, never with a parameter. At the threshold that shape is put on bypass, with the
/// reason `verify_mismatch`, until [`trust_again`](crate::CachedPool::trust_again).
///
/// Not compared: what reads on a connection are served; and, counted as skipped, `LIMIT` without
/// `ORDER BY`, whose rows the database is free to choose, and anything while no connection is to spare. Sums of floating-point numbers
/// may differ from run to run, and so may the rows of a `LIMIT` among equals: that is a mismatch too.
#[derive(Debug, Clone, PartialEq)]
pub struct Verify {
    share: f64,
    threshold: u32,
    at_once: usize,
    settle: Duration,
    timeout: Duration,
}

impl Verify {
    /// Compares this share of what is served: 0.01 is one of a hundred. Less than 0 is none, more than
    /// 1 is all.
    pub const fn share(share: f64) -> Self {
        let (settle, timeout) = (Duration::from_secs(1), Duration::from_secs(10));
        Self { share: share.clamp(0.0, 1.0), threshold: 3, at_once: 1, settle, timeout }
    }

    /// How many mismatches of one shape put it on bypass; 0 is never.
    ///
    /// Default: 3.
    #[must_use]
    pub const fn threshold(mut self, mismatches: u32) -> Self {
        self.threshold = mismatches;
        self
    }

    /// How many comparisons run at once; others are skipped meanwhile.
    ///
    /// Default: 1.
    #[must_use]
    pub const fn at_once(mut self, most: usize) -> Self {
        self.at_once = if most > Semaphore::MAX_PERMITS { Semaphore::MAX_PERMITS } else { most };
        self
    }

    /// How long after rows differed a writer that has committed may take to invalidate.
    ///
    /// Default: 1 s.
    #[must_use]
    pub const fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// How long the database may take to answer.
    ///
    /// Default: 10 s.
    #[must_use]
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }
}

/// What compares hits with the database.
#[derive(Debug)]
pub(crate) struct Verifier {
    verify: Verify,
    drawn: AtomicU64,
    turns: Arc<Semaphore>,
    counters: Counters,
    shapes: Shapes,
}

impl Verifier {
    pub(crate) fn new(verify: Verify) -> Self {
        let turns = Arc::new(Semaphore::new(verify.at_once));
        let (counters, shapes) = (Counters::default(), Shapes::default());
        Self { verify, drawn: AtomicU64::new(0), turns, counters, shapes }
    }

    /// Draws whether the next one is compared.
    pub(crate) fn takes_this(&self) -> bool {
        // A counter, well mixed: as good as chance, without a generator to share.
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut drawn = self.drawn.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let [a, b, c, d, ..] = (drawn ^ (drawn >> 31)).to_le_bytes();
        f64::from(u32::from_le_bytes([a, b, c, d]))
            < self.verify.share * (f64::from(u32::MAX) + 1.0)
    }

    pub(crate) fn counts(&self) -> VerifyCounts {
        self.counters.counts()
    }

    pub(crate) fn distrusts_any(&self) -> bool {
        self.shapes.distrust_any()
    }

    pub(crate) fn distrusts(&self, shape: &str) -> bool {
        self.shapes.distrust(shape)
    }

    pub(crate) fn trust_again(&self) {
        self.shapes.forget();
    }

    /// Waits until nothing is under way.
    pub(crate) async fn ended(&self) {
        let all = u32::try_from(self.verify.at_once).unwrap_or(u32::MAX);
        // Nobody closes it.
        drop(self.turns.acquire_many(all).await);
    }
}

#[cfg(test)]
mod tests {
    use super::{Verifier, Verify};

    #[test]
    fn so_many_are_drawn_as_the_share_says() {
        for (share, from, to) in
            [(0.0, 0, 0), (0.01, 60, 140), (0.5, 4_800, 5_200), (1.0, 10_000, 10_000)]
        {
            let verifier = Verifier::new(Verify::share(share));
            let drawn = (0..10_000).filter(|_| verifier.takes_this()).count();
            assert!((from..=to).contains(&drawn), "{drawn} of 10,000 at {share}");
        }
    }
}
