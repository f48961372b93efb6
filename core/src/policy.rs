//! How long values live, and how long anybody waits.

use std::time::Duration;

use tokio::sync::Semaphore;

use crate::coherence::Coherence;
use crate::error::{Error, ErrorKind, Result};
use crate::units::{megabytes, millis, secs};

/// What a write does to the entries that depend on what it wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Freshness {
    /// Nothing: values are as old as their `ttl` lets them be. Invalidation by hand still works.
    Ttl,
    /// The default: when the write is committed its tags are invalidated, and that is waited for.
    ///
    /// Others may see the old value between the COMMIT and the invalidation.
    #[default]
    AfterCommit,
    /// From before the COMMIT is sent until its tags are invalidated, they are *tainted*: whoever
    /// reads what depends on them goes to the database. So nobody sees the old value once the
    /// COMMIT has taken effect, even if the writer dies in between.
    ///
    /// Costs one more call to the backend before the COMMIT. Where tags cannot be tainted, because the
    /// backend cannot or does not answer, the write goes on as with [`AfterCommit`](Self::AfterCommit),
    /// and that is counted in [`Stats::degraded`](crate::Stats::degraded).
    Fenced,
    /// As with [`AfterCommit`](Self::AfterCommit), and what is to be invalidated is noted in a log in the
    /// database, inside of the write's own transaction: whoever reads that log invalidates it again. So
    /// it happens, and soon, although the writer dies before it has, or cannot reach the backend.
    ///
    /// Others may see the old value between the COMMIT and the invalidation. Costs an insert before the
    /// COMMIT, for a write that commits by itself a transaction around it, and the second invalidation.
    ///
    /// For writes through an adapter, and a relay that reads the log. Where nothing can be noted, the
    /// write goes on as with [`Fenced`](Self::Fenced), and that is counted in
    /// [`Stats::degraded`](crate::Stats::degraded).
    Durable,
    /// The tags are invalidated inside of the write's own transaction: rows and versions become visible
    /// at the same instant, whatever happens to the writer. Nothing is sent after the COMMIT.
    ///
    /// For a backend whose tables are in the database that is written to, the SQL store, and for
    /// writes through an adapter. Where that cannot be, the write goes on as with
    /// [`Fenced`](Self::Fenced), and that is counted in
    /// [`Stats::degraded`](crate::Stats::degraded).
    Transactional,
}

impl Freshness {
    #[cfg(feature = "config")]
    pub(crate) const ALL: [Self; 5] =
        [Self::Ttl, Self::AfterCommit, Self::Fenced, Self::Durable, Self::Transactional];

    /// The name used in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ttl => "ttl",
            Self::AfterCommit => "after_commit",
            Self::Fenced => "fenced",
            Self::Durable => "durable",
            Self::Transactional => "transactional",
        }
    }

    /// Whether a write may taint its tags.
    pub(crate) const fn may_fence(self) -> bool {
        matches!(self, Self::Fenced | Self::Durable | Self::Transactional)
    }
}

/// The settings of a region, after they were checked.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) ttl: Duration,
    pub(crate) stale_for: Duration,
    /// How old a value may be that is served because its successor could not be created.
    pub(crate) stale_on_error: Duration,
    /// How long after a failure such a value is served without trying again.
    pub(crate) error_throttle: Duration,
    /// How eagerly fresh values are refreshed before they expire; zero: never.
    pub(crate) early_refresh: f64,
    pub(crate) soft_load_limit: Option<Duration>,
    pub(crate) hard_load_limit: Option<Duration>,
    pub(crate) background_refreshes: usize,
    pub(crate) freshness: Freshness,
    pub(crate) coherence: Coherence,
    /// How long a taint lasts whose writer has gone.
    pub(crate) taint_life: Duration,
    /// The largest part of `ttl` that is taken off at random: `0.1` takes off up to 10 %.
    pub(crate) jitter: f64,
    pub(crate) max_value: u64,
    pub(crate) max_tags: usize,
    pub(crate) max_load: Duration,
    pub(crate) op_timeout: Duration,
    pub(crate) lock_wait: Duration,
    pub(crate) lease: Duration,
    pub(crate) unlocked_creators: usize,
}

impl Policy {
    /// Every default but `ttl`, which has none.
    pub(crate) fn new() -> Self {
        Self {
            ttl: Duration::ZERO,
            stale_for: Duration::ZERO,
            stale_on_error: Duration::ZERO,
            error_throttle: secs(1),
            early_refresh: 0.0,
            soft_load_limit: None,
            hard_load_limit: None,
            background_refreshes: 64,
            freshness: Freshness::AfterCommit,
            coherence: Coherence::Strict,
            taint_life: secs(30),
            jitter: 0.1,
            max_value: megabytes(1),
            max_tags: 32,
            max_load: secs(60),
            op_timeout: millis(100),
            lock_wait: secs(5),
            lease: secs(3),
            unlocked_creators: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Whether every setting is one that can be kept.
    pub(crate) fn check(&self) -> Result<()> {
        if self.ttl.is_zero() {
            return Err(wrong("ttl is not set; say how long a value is fresh: .ttl(minutes(5))"));
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            let error = wrong("jitter is a share of the ttl between 0 and 1, such as 0.1");
            return Err(error.with("jitter", self.jitter));
        }
        if !(self.early_refresh >= 0.0 && self.early_refresh.is_finite()) {
            let error = wrong("early_refresh is a number from 0 (never) upwards, such as 1.0");
            return Err(error.with("early_refresh", self.early_refresh));
        }
        if self.lease < millis(10) {
            let error = wrong("lease is shorter than 10 ms; nobody could renew it in time");
            return Err(error.with("lease", format_args!("{:?}", self.lease)));
        }
        if self.taint_life < secs(1) {
            let error = wrong("taint_life is shorter than 1 s; it would end before the COMMIT");
            return Err(error.with("taint_life", format_args!("{:?}", self.taint_life)));
        }
        if self.max_load.is_zero() || self.op_timeout.is_zero() {
            return Err(wrong("max_load and op_timeout must be longer than zero"));
        }
        let limits = [self.soft_load_limit, self.hard_load_limit];
        if limits.into_iter().flatten().any(|limit| limit.is_zero()) {
            return Err(wrong("soft_load_limit and hard_load_limit must be longer than zero"));
        }
        if !(1..=Semaphore::MAX_PERMITS).contains(&self.unlocked_creators) {
            return Err(wrong("unlocked_creators must be at least 1, and less than 2^61"));
        }
        Ok(())
    }

    /// How long an entry is of use to anybody after its creation began.
    pub(crate) fn longest_life(&self) -> Duration {
        self.ttl.saturating_add(self.stale_for).max(self.stale_on_error)
    }

    /// A time to live with its jitter taken off.
    pub(crate) fn jittered(&self, ttl: Duration) -> Duration {
        if self.jitter == 0.0 {
            return ttl;
        }
        // Never more than the ttl itself, which may be the longest duration there is.
        let left = 1.0 - self.jitter * rand::random::<f64>();
        Duration::try_from_secs_f64(ttl.as_secs_f64() * left).map_or(ttl, |life| life.min(ttl))
    }
}

/// A setting that is wrong, and what it may be.
pub(crate) fn wrong(message: &'static str) -> Error {
    Error::new(ErrorKind::Config, "build region", message)
}

#[cfg(test)]
mod tests {
    use super::Policy;
    use crate::secs;

    #[test]
    fn jitter_takes_off_up_to_its_share_and_never_adds() {
        let policy = Policy::new();
        let lives: Vec<_> = (0..1_000).map(|_| policy.jittered(secs(100))).collect();
        assert!(lives.iter().all(|life| (secs(90)..=secs(100)).contains(life)));
        assert!(lives.iter().any(|life| *life < secs(95)), "nothing was taken off");
        let none = Policy { jitter: 0.0, ..policy };
        assert_eq!(none.jittered(secs(100)), secs(100));
    }
}
