//! How long things live, in the milliseconds of a server's clock.

use std::time::Duration;

/// A thousand years: what is longer is as good, and a moment stays within 64 bits whatever the clock.
const LONGEST: i64 = 1_000 * 366 * 24 * 60 * 60 * 1_000;

/// `life` in milliseconds, rounded up: nothing ends too early.
pub(crate) fn millis(life: Duration) -> i64 {
    let whole = life.as_nanos().div_ceil(1_000_000);
    i64::try_from(whole).unwrap_or(LONGEST).min(LONGEST)
}

/// At least `life`, and so much more that it need not be extended soon.
pub(crate) fn generous(life: Duration) -> i64 {
    millis(life.saturating_add(life / 4))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dogpile::secs;

    use super::{LONGEST, generous, millis};

    #[test]
    fn a_life_is_never_cut_short_and_never_too_long_to_count() {
        assert_eq!(millis(Duration::ZERO), 0);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_micros(1_001)), 2);
        assert_eq!(millis(secs(100)), 100_000);
        assert_eq!(generous(secs(100)), 125_000);
        assert_eq!((millis(Duration::MAX), generous(Duration::MAX)), (LONGEST, LONGEST));
    }
}
