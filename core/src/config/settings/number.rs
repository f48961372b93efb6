//! Counts, shares and factors.

use super::Written;

/// How many.
pub(in crate::config) enum Count {}

impl Written for Count {
    type Value = usize;
    const EXPECTED: &'static str = "a whole number such as 32";

    fn from_text(text: &str) -> Option<usize> {
        text.parse().ok().and_then(Self::from_whole)
    }

    fn from_whole(number: u64) -> Option<usize> {
        // No count of ours is meant to go further, and semaphores end at an eighth of `usize`.
        u32::try_from(number).ok().and_then(|number| usize::try_from(number).ok())
    }
}

/// What part of a whole.
pub(in crate::config) enum Share {}

impl Written for Share {
    type Value = f64;
    const EXPECTED: &'static str = "a number from 0 to 1 such as 0.1";

    fn from_text(text: &str) -> Option<f64> {
        text.parse().ok().and_then(Self::from_float)
    }

    fn from_whole(number: u64) -> Option<f64> {
        u8::try_from(number).ok().map(f64::from).and_then(Self::from_float)
    }

    fn from_float(number: f64) -> Option<f64> {
        (0.0..=1.0).contains(&number).then_some(number)
    }
}

/// How many times as much.
pub(in crate::config) enum Factor {}

impl Written for Factor {
    type Value = f64;
    const EXPECTED: &'static str = "a number such as 1.5";

    fn from_text(text: &str) -> Option<f64> {
        text.parse().ok().and_then(Self::from_float)
    }

    fn from_whole(number: u64) -> Option<f64> {
        u32::try_from(number).ok().map(f64::from)
    }

    fn from_float(number: f64) -> Option<f64> {
        (number.is_finite() && number >= 0.0).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Factor, Share, Written};

    #[test]
    fn numbers_outside_of_their_range_are_none() {
        assert_eq!(Count::from_text("32"), Some(32));
        assert_eq!(Count::from_whole(u64::MAX), None);
        assert_eq!(Share::from_whole(1), Some(1.0));
        assert_eq!(Share::from_text("0.25"), Some(0.25));
        assert_eq!(Share::from_float(1.1), None);
        assert_eq!(Share::from_text("NaN"), None);
        assert_eq!(Factor::from_whole(2), Some(2.0));
        assert_eq!(Factor::from_float(-0.5), None);
        assert_eq!(Factor::from_text("inf"), None);
    }
}
