//! How long values live, and how long anybody waits.

use std::time::Duration;

use crate::units::{megabytes, millis, secs};

/// The settings of a region, after they were checked.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) ttl: Duration,
    pub(crate) stale_for: Duration,
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

    /// A time to live with its jitter taken off.
    pub(crate) fn jittered(&self, ttl: Duration) -> Duration {
        if self.jitter == 0.0 {
            return ttl;
        }
        ttl.mul_f64(1.0 - self.jitter * rand::random::<f64>())
    }
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
