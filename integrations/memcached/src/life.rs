//! How long things live, in the seconds of memcached.
//!
//! memcached counts whole seconds by a clock that ticks once a second, so what is to live for `n`
//! of them may end anywhere in the last one: a second more is asked for. Zero means "for ever" to
//! it, and more than thirty days a date.

use std::time::Duration;

/// The longest life that memcached takes as a length, in seconds.
const LONGEST: u32 = 30 * 24 * 60 * 60;

/// A time to live as memcached takes it. Ordered by length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ttl(u32);

impl Ttl {
    /// Over at once.
    const OVER: Self = Self(0);
    /// No longer than it takes to look.
    pub(crate) const SHORTEST: Self = Self(1);
    /// Until it is evicted.
    pub(crate) const FOREVER: Self = Self(u32::MAX);

    /// At least `life`, and at most two seconds more; where that cannot be counted, until it is
    /// evicted. For what may live for longer than it must.
    pub(crate) fn at_least(life: Duration) -> Self {
        Self::counted(life).unwrap_or(Self::FOREVER)
    }

    /// At least `life`, and so much more that it need not be extended soon.
    pub(crate) fn generous(life: Duration) -> Self {
        Self::at_least(life.saturating_add(life / 4))
    }

    /// The same where that can be counted; never without an end.
    pub(crate) fn finite(life: Duration) -> Self {
        Self::counted(life).unwrap_or(Self(LONGEST))
    }

    /// The life of an entry: nothing at all where that is what was asked for.
    pub(crate) fn of_entry(life: Duration) -> Self {
        if life.is_zero() { Self::OVER } else { Self::finite(life) }
    }

    /// What a server says is left.
    pub(crate) fn left(seconds: u32) -> Self {
        if seconds > LONGEST { Self::FOREVER } else { Self(seconds.max(1)) }
    }

    /// So many seconds less; `None` where nothing is left.
    pub(crate) fn without(self, seconds: u32) -> Option<Self> {
        let left = if self == Self::FOREVER { u32::MAX } else { self.0.saturating_sub(seconds) };
        (left > 0).then_some(Self(left))
    }

    /// How many seconds longer it is than `other`.
    pub(crate) const fn beyond(self, other: Self) -> u32 {
        self.0.saturating_sub(other.0)
    }

    fn counted(life: Duration) -> Option<Self> {
        let whole = life.as_secs().checked_add(u64::from(life.subsec_nanos() > 0))?;
        let seconds = u32::try_from(whole.checked_add(1)?).ok()?;
        (seconds <= LONGEST).then_some(Self(seconds))
    }

    /// As it stands after the `T` of a request.
    pub(crate) fn written(self) -> i64 {
        match self {
            Self::OVER => -1,
            Self::FOREVER => 0,
            Self(seconds) => i64::from(seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dogpile::{hours, millis, secs};

    use super::Ttl;

    #[test]
    fn a_life_is_never_cut_short() {
        for (life, written) in [
            (Duration::ZERO, 1),
            (Duration::from_nanos(1), 2),
            (millis(999), 2),
            (secs(1), 2),
            (millis(1001), 3),
            (secs(3), 4),
            (secs(2_591_999), 2_592_000),
        ] {
            assert_eq!(Ttl::at_least(life).written(), written, "{life:?}");
            assert_eq!(Ttl::finite(life).written(), written, "{life:?}");
        }
    }

    #[test]
    fn what_memcached_would_take_for_a_date_is_never_sent() {
        for life in [secs(2_592_000), hours(24 * 31), hours(24 * 36_500), Duration::MAX] {
            assert_eq!(Ttl::at_least(life).written(), 0, "{life:?}");
            assert_eq!(Ttl::generous(life).written(), 0, "{life:?}");
            assert_eq!(Ttl::finite(life).written(), 2_592_000, "{life:?}");
            assert_eq!(Ttl::of_entry(life).written(), 2_592_000, "{life:?}");
        }
        assert_eq!(Ttl::left(2_592_001).written(), 0);
    }

    #[test]
    fn an_entry_with_no_life_is_over_and_one_with_little_is_not_for_ever() {
        assert_eq!(Ttl::of_entry(Duration::ZERO).written(), -1);
        assert_eq!(Ttl::of_entry(Duration::from_nanos(1)).written(), 2);
        assert_eq!(Ttl::left(0).written(), 1, "what has a moment left lives for ever");
    }

    #[test]
    fn lives_compare_by_length() {
        assert!(Ttl::FOREVER > Ttl::at_least(hours(24 * 29)));
        assert!(Ttl::generous(secs(100)) > Ttl::at_least(secs(124)));
        assert_eq!(Ttl::FOREVER.max(Ttl::left(5)), Ttl::FOREVER);
    }
}
