//! What a relay has done.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What a [`Relay`](super::Relay) has done since it was started.
///
/// With the feature `metrics` the same goes to the recorder of the `metrics` crate:
/// `dogpile_relay_lag_seconds`, a histogram with one value for each batch, and the counters
/// `dogpile_relay_rows_total`, `dogpile_relay_flushes_total` and `dogpile_relay_failures_total`, each
/// with the label `region`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RelayStats {
    /// Whether it is the one that works, as far as it knows.
    pub leads: bool,
    /// How many rows of the feed it has invalidated: one for each table that was written to, or tag that
    /// was noted, between two looks at the log.
    pub rows: u64,
    /// How often it has invalidated all tables and its region, because it could not tell what was written.
    pub flushes: u64,
    /// How often the database or the backend failed it. It tries again.
    pub failures: u64,
    /// How long ago the oldest write was made of those invalidated last.
    pub lag: Duration,
    /// The longest lag of all.
    pub longest_lag: Duration,
}

#[derive(Debug)]
pub(super) struct Counters {
    #[cfg_attr(
        not(feature = "metrics"),
        expect(dead_code, reason = "a label, and nothing else has labels")
    )]
    region: String,
    leads: AtomicBool,
    rows: AtomicU64,
    flushes: AtomicU64,
    failures: AtomicU64,
    lag: AtomicU64,
    longest: AtomicU64,
}

impl Counters {
    pub(super) fn new(region: &str) -> Self {
        Self {
            region: region.into(),
            leads: AtomicBool::default(),
            rows: AtomicU64::default(),
            flushes: AtomicU64::default(),
            failures: AtomicU64::default(),
            lag: AtomicU64::default(),
            longest: AtomicU64::default(),
        }
    }

    pub(super) fn snapshot(&self) -> RelayStats {
        RelayStats {
            leads: self.leads.load(Relaxed),
            rows: self.rows.load(Relaxed),
            flushes: self.flushes.load(Relaxed),
            failures: self.failures.load(Relaxed),
            lag: Duration::from_micros(self.lag.load(Relaxed)),
            longest_lag: Duration::from_micros(self.longest.load(Relaxed)),
        }
    }

    pub(super) fn leads(&self, leads: bool) {
        self.leads.store(leads, Relaxed);
    }

    pub(super) fn invalidated(&self, rows: usize, lag: Duration) {
        let micros = u64::try_from(lag.as_micros()).unwrap_or(u64::MAX);
        self.lag.store(micros, Relaxed);
        self.longest.fetch_max(micros, Relaxed);
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        self.rows.fetch_add(rows, Relaxed);
        #[cfg(feature = "metrics")]
        {
            let histogram =
                metrics::histogram!("dogpile_relay_lag_seconds", "region" => self.region.clone());
            histogram.record(lag.as_secs_f64());
            self.count("dogpile_relay_rows_total", rows);
        }
    }

    pub(super) fn flushed(&self) {
        self.flushes.fetch_add(1, Relaxed);
        #[cfg(feature = "metrics")]
        self.count("dogpile_relay_flushes_total", 1);
    }

    pub(super) fn failed(&self) {
        self.failures.fetch_add(1, Relaxed);
        #[cfg(feature = "metrics")]
        self.count("dogpile_relay_failures_total", 1);
    }

    #[cfg(feature = "metrics")]
    fn count(&self, name: &'static str, more: u64) {
        metrics::counter!(name, "region" => self.region.clone()).increment(more);
    }
}
