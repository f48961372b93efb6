//! What a histogram held at one moment.

use std::fmt;
use std::time::Duration;

use super::histogram::{BUCKETS, bound};
use super::text::{Short, Thousands};

/// How long something took, every time it was done: exact count, sum and maximum, and quantiles
/// that are at most a quarter too high.
///
/// ```
/// use dogpile::observe::Timings;
///
/// let none = Timings::default();
/// assert_eq!(none.count(), 0);
/// assert_eq!(none.to_string(), "0");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Timings {
    buckets: Box<[u64; BUCKETS]>,
    sum: Duration,
    max: Duration,
}

impl Timings {
    pub(super) fn new(buckets: [u64; BUCKETS], sum: Duration, max: Duration) -> Self {
        Self { buckets: Box::new(buckets), sum, max }
    }

    /// How many times it was done.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How long all of them took together.
    pub const fn sum(&self) -> Duration {
        self.sum
    }

    /// How long they took on average; zero if there were none.
    pub fn mean(&self) -> Duration {
        let mean = self.sum.as_nanos().checked_div(u128::from(self.count())).unwrap_or_default();
        Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    /// The longest of them; zero if there were none.
    pub const fn max(&self) -> Duration {
        self.max
    }

    /// The time within which this share of them was done, from `0.0` to `1.0`: `quantile(0.99)`.
    ///
    /// It is the upper bound of a bucket: never below the true value and, from 1 us to 137 s, at
    /// most a quarter above it. Never above [`max`](Self::max), which is exact. Zero if there were
    /// none.
    pub fn quantile(&self, share: f64) -> Duration {
        // A product such as 0.07 * 100 ends just above the rank it stands for.
        let wanted = share * self.count() as f64 * (1.0 - 4.0 * f64::EPSILON);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if *count > 0 && seen as f64 >= wanted {
                return bound(index).map_or(self.max, |bound| bound.min(self.max));
            }
        }
        self.max
    }
}

impl Default for Timings {
    fn default() -> Self {
        Self::new([0; BUCKETS], Duration::ZERO, Duration::ZERO)
    }
}

impl fmt::Display for Timings {
    /// `268, mean 3.1 ms, 99 % within 12.0 ms, longest 48.2 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count();
        write!(f, "{}", Thousands(count))?;
        if count == 0 {
            return Ok(());
        }
        let (mean, most, longest) = (self.mean(), self.quantile(0.99), self.max);
        write!(f, ", mean {}, 99 % within {}, longest {}", Short(mean), Short(most), Short(longest))
    }
}

impl fmt::Debug for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timings({self})")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::{ProptestConfig, any, prop};
    use proptest::proptest;

    use super::super::histogram::Histogram;
    use crate::{millis, secs};

    fn histogram(times: impl IntoIterator<Item = Duration>) -> super::Timings {
        let histogram = Histogram::default();
        times.into_iter().for_each(|time| histogram.record(time));
        histogram.timings()
    }

    #[test]
    fn quantiles_are_the_bounds_of_their_buckets() {
        let timings = histogram((1..=100).map(millis));
        assert_eq!(timings.quantile(1.0), millis(100), "the maximum is exact");
        assert!((millis(99)..=millis(100)).contains(&timings.quantile(0.99)));
        assert!((millis(50)..=millis(63)).contains(&timings.quantile(0.5)));
        assert!(timings.quantile(0.0) <= Duration::from_micros(1_250));
        assert_eq!(
            timings.to_string(),
            "100, mean 50.5 ms, 99 % within 100.0 ms, longest 100.0 ms"
        );
    }

    #[test]
    fn none_and_out_of_range_are_no_special_case() {
        let none = histogram([]);
        assert_eq!((none.quantile(0.99), none.mean(), none.max()), Default::default());
        assert_eq!(none.to_string(), "0");
        let extremes = histogram([Duration::ZERO, secs(100_000)]);
        assert_eq!(extremes.quantile(0.5), Duration::from_nanos(1 << 10));
        assert_eq!(extremes.quantile(0.99), secs(100_000));
        assert_eq!(extremes.quantile(f64::NAN), secs(100_000));
        assert_eq!(extremes.quantile(7.0), secs(100_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_quantile_is_never_too_low_and_at_most_a_quarter_too_high(
            nanos in prop::collection::vec(1_024_u64..137_000_000_000, 1..200),
            percent in 1_usize..=100,
        ) {
            let timings = histogram(nanos.iter().copied().map(Duration::from_nanos));
            let mut sorted = nanos;
            sorted.sort_unstable();
            let rank = (percent * sorted.len()).div_ceil(100).max(1);
            let exact = u128::from(sorted[rank - 1]);
            let found = timings.quantile(percent as f64 / 100.0).as_nanos();
            assert!(found >= exact, "{found} < {exact}");
            assert!(4 * found <= 5 * exact, "{found} for {exact}");
        }

        #[test]
        fn any_time_is_counted_once(nanos in any::<u64>()) {
            let timings = histogram([Duration::from_nanos(nanos)]);
            assert_eq!((timings.count(), timings.max()), (1, Duration::from_nanos(nanos)));
        }
    }
}
