//! How many comparisons there were, and how they ended.

use std::sync::atomic::{AtomicU64, Ordering};

/// How hits compared with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct VerifyCounts {
    /// Comparisons that came to a verdict.
    pub verified: u64,
    /// Those of them in which what was served was not what the database said.
    pub mismatches: u64,
    /// Comparisons without a verdict: something moved meanwhile.
    pub moved: u64,
    /// Comparisons that could not be made: too many at once, no connection to spare, no answer.
    pub skipped: u64,
}

/// How one comparison ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Equal,
    Different,
    Moved,
    Skipped,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    equal: AtomicU64,
    different: AtomicU64,
    moved: AtomicU64,
    skipped: AtomicU64,
}

impl Counters {
    pub(super) fn count(&self, verdict: Verdict, region: &str) {
        let counter = match verdict {
            Verdict::Equal => &self.equal,
            Verdict::Different => &self.different,
            Verdict::Moved => &self.moved,
            Verdict::Skipped => &self.skipped,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        send(verdict, region);
    }

    pub(super) fn counts(&self) -> VerifyCounts {
        let mismatches = self.different.load(Ordering::Relaxed);
        VerifyCounts {
            verified: self.equal.load(Ordering::Relaxed) + mismatches,
            mismatches,
            moved: self.moved.load(Ordering::Relaxed),
            skipped: self.skipped.load(Ordering::Relaxed),
        }
    }
}

#[cfg(feature = "metrics")]
fn send(verdict: Verdict, region: &str) {
    let outcome = match verdict {
        Verdict::Equal => "equal",
        Verdict::Different => "different",
        Verdict::Moved => "moved",
        Verdict::Skipped => "skipped",
    };
    let region = region.to_owned();
    if verdict == Verdict::Different {
        metrics::counter!("dogpile_verify_mismatch_total", "region" => region.clone()).increment(1);
    }
    metrics::counter!("dogpile_verify_total", "region" => region, "outcome" => outcome)
        .increment(1);
}

#[cfg(not(feature = "metrics"))]
const fn send(_: Verdict, _: &str) {}
