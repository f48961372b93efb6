//! How long things took, as a distribution.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Timings;

/// The first bucket holds all below this, in nanoseconds: 2^10, a microsecond.
const FIRST: u32 = 10;
/// How often the time doubles until the last bucket: up to 2^37 ns, two and a quarter minutes.
const OCTAVES: u32 = 27;
/// Buckets for each doubling, all of one width: a bucket's bounds differ by a quarter at most.
const STEPS: u32 = 4;
/// One below the first octave, and one above the last.
pub(super) const BUCKETS: usize = (OCTAVES * STEPS) as usize + 2;

/// Times in fixed buckets of growing width, without a lock.
///
/// One set of buckets for all threads: what is measured takes microseconds at least, and different
/// times go to different buckets.
#[derive(Debug)]
pub(super) struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
    max: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = [const { AtomicU64::new(0) }; BUCKETS];
        Self { buckets, sum: AtomicU64::new(0), max: AtomicU64::new(0) }
    }
}

impl Histogram {
    pub(super) fn record(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        // 584 years of waiting fit in.
        self.sum.fetch_add(nanos, Ordering::Relaxed);
        self.max.fetch_max(nanos, Ordering::Relaxed);
        // Last, so that whoever counts a time also sees its maximum.
        self.buckets[bucket(nanos)].fetch_add(1, Ordering::Release);
    }

    pub(super) fn timings(&self) -> Timings {
        let buckets = self.buckets.each_ref().map(|bucket| bucket.load(Ordering::Acquire));
        let sum = Duration::from_nanos(self.sum.load(Ordering::Relaxed));
        let max = Duration::from_nanos(self.max.load(Ordering::Relaxed));
        Timings::new(buckets, sum, max)
    }
}

/// The bucket of a time in nanoseconds.
fn bucket(nanos: u64) -> usize {
    let Some(power) = nanos.checked_ilog2().filter(|power| *power >= FIRST) else { return 0 };
    let octave = power - FIRST;
    if octave >= OCTAVES {
        return BUCKETS - 1;
    }
    // The two bits after the leading one are the step.
    let step = (nanos >> (power - 2)) & 3;
    1 + (octave * STEPS) as usize + usize::try_from(step).unwrap_or_default()
}

/// The time that all times in a bucket are below; none for the last.
pub(super) fn bound(bucket: usize) -> Option<Duration> {
    let Some(above) = u32::try_from(bucket).ok()?.checked_sub(1) else {
        return Some(Duration::from_nanos(1 << FIRST));
    };
    let (octave, step) = (above / STEPS, above % STEPS);
    if octave >= OCTAVES {
        return None;
    }
    Some(Duration::from_nanos(u64::from(STEPS + step + 1) << (octave + FIRST - 2)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BUCKETS, Histogram, bound, bucket};
    use crate::{millis, secs};

    #[test]
    fn buckets_meet_without_gap_and_differ_by_a_quarter_at_most() {
        assert_eq!(bucket(0), 0);
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
        assert_eq!(bound(BUCKETS - 1), None);
        for index in 0..BUCKETS - 1 {
            let above = u64::try_from(bound(index).unwrap().as_nanos()).unwrap();
            assert_eq!(bucket(above - 1), index);
            assert_eq!(bucket(above), index + 1);
            let next = bound(index + 1).unwrap_or(Duration::from_nanos(above)).as_nanos();
            assert!(4 * next <= 5 * u128::from(above), "{index}");
        }
        assert!(bound(BUCKETS - 2).unwrap() > secs(120));
    }

    #[test]
    fn count_and_sum_are_exact_from_many_threads() {
        let histogram = Histogram::default();
        std::thread::scope(|scope| {
            for thread in 1..=4 {
                let histogram = &histogram;
                scope.spawn(move || (0..10_000).for_each(|_| histogram.record(millis(thread))));
            }
        });
        let timings = histogram.timings();
        assert_eq!(timings.count(), 40_000);
        assert_eq!(timings.sum(), secs(100));
        assert_eq!(timings.max(), millis(4));
        assert_eq!(timings.mean(), Duration::from_micros(2_500));
    }
}
