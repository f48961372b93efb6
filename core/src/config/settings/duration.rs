//! Durations: how long something lives, and how long somebody waits.

use std::time::Duration;

use super::Written;
use crate::secs;

/// How long a value lives. Everybody counts that in seconds, so a plain number does too.
pub(in crate::config) enum Lifetime {}

/// How long somebody waits. Some count that in milliseconds and some in seconds, so the unit is
/// asked for.
pub(in crate::config) enum Wait {}

impl Written for Lifetime {
    type Value = Duration;
    const EXPECTED: &'static str = "a duration such as \"5m\"";

    fn from_text(text: &str) -> Option<Duration> {
        text.parse().map_or_else(|_| with_unit(text), Self::from_whole)
    }

    fn from_whole(seconds: u64) -> Option<Duration> {
        sensible(secs(seconds))
    }
}

impl Written for Wait {
    type Value = Duration;
    const EXPECTED: &'static str = "a duration with its unit, such as \"100ms\"";

    fn from_text(text: &str) -> Option<Duration> {
        with_unit(text)
    }
}

/// A duration as `humantime` writes it.
///
/// What is too long to be meant is not even parsed: `humantime` panics where a sum overflows in the
/// carry of its nanoseconds, and three terms of eleven digits, even of years, cannot come near that.
pub(in crate::config) fn with_unit(text: &str) -> Option<Duration> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    if text.len() > 40 || digits > Some(11) {
        return None;
    }
    humantime::parse_duration(text).ok().and_then(sensible)
}

/// Nobody means more than a hundred years, and arithmetic with it stays far from its end.
fn sensible(duration: Duration) -> Option<Duration> {
    (duration <= secs(36_525 * 86_400)).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::{Lifetime, Wait, Written};
    use crate::{hours, millis, minutes, secs};

    #[test]
    fn a_plain_number_is_seconds_of_life_and_nothing_for_a_wait() {
        assert_eq!(Lifetime::from_whole(300), Some(minutes(5)));
        assert_eq!(Lifetime::from_text("300"), Some(minutes(5)));
        assert_eq!(Lifetime::from_text("1h 30m"), Some(minutes(90)));
        assert_eq!(Wait::from_whole(100), None);
        assert_eq!(Wait::from_text("100"), None);
        assert_eq!(Wait::from_text("100ms"), Some(millis(100)));
        assert_eq!(Wait::from_text("1.5s"), Some(millis(1_500)));
    }

    #[test]
    fn nobody_waits_for_more_than_a_hundred_years() {
        assert_eq!(Lifetime::from_text("36525d"), Some(hours(36_525 * 24)));
        assert_eq!(Lifetime::from_text("36526d"), None);
        assert_eq!(Lifetime::from_whole(u64::MAX), None);
        assert_eq!(Lifetime::from_whole(0), Some(secs(0)));
    }

    #[test]
    fn a_sum_at_the_end_of_time_does_not_panic() {
        assert_eq!(Wait::from_text("18446744073709551615s 1000000000ns"), None);
        assert_eq!(Wait::from_text("584542046090y19767615s1000ms"), None);
        assert_eq!(Wait::from_text("99999999999y99999999999y99999999999y"), None);
        assert_eq!(Wait::from_text(&"9y".repeat(10_000)), None);
    }
}
