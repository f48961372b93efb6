//! Time as a value: what a region asks for "now", so that tests can drive it.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A point in monotonic time: nanoseconds since the clock's own start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tick(u64);

impl Tick {
    /// The tick `nanos` nanoseconds after the clock's start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// How many nanoseconds it is after the clock's start.
    pub(crate) const fn as_nanos(self) -> u64 {
        self.0
    }

    /// This tick moved forward; never past the end of time.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// This tick moved back; never before the clock's start.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }

    /// How long before `self` the tick `earlier` was; zero if it was not before.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Where the clocks of this crate begin, so that there is a past: an entry from elsewhere may be
/// older than this machine has been running. Nanoseconds, about 73 years.
const START: u64 = 1 << 61;

/// Where a region gets its time from.
///
/// Time only ever decides *when to refresh*: whether an entry is valid is decided by tag versions
/// (invariant I10). A clock must be monotonic; a wall clock is the wrong thing to pass here.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Tick;

    /// The wall clock, in milliseconds since 1970: how old an entry from another process is.
    ///
    /// A wrong answer makes an entry expire early or late, within its life, and nothing else.
    #[expect(
        clippy::disallowed_methods,
        reason = "the age of an entry from elsewhere, no validity"
    )]
    fn wall_millis(&self) -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The default clock: the operating system's coarse monotonic clock.
///
/// Reading it costs a few nanoseconds, and it moves in steps of one to four milliseconds, which is
/// far below any useful `ttl`.
#[derive(Debug, Clone, Copy, Default)]
pub struct CoarseClock;

impl Clock for CoarseClock {
    fn now(&self) -> Tick {
        // `Instant::now` of the same crate would also write a shared static at every call.
        let ticks = coarsetime::Instant::now_without_cache_update().as_ticks();
        Tick(START.saturating_add(coarsetime::Duration::from_ticks(ticks).as_nanos()))
    }
}

/// A clock that stands still until it is told to move, for tests.
///
/// ```
/// use dogpile::{Clock, ManualClock, secs};
///
/// let clock = ManualClock::new();
/// let before = clock.now();
/// clock.advance(secs(3));
/// assert_eq!(clock.now().since(before), secs(3));
/// ```
#[derive(Debug, Clone, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that stands at its start.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock, and all its clones, forward.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(nanos(duration), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Tick {
        Tick(START.saturating_add(self.0.load(Ordering::SeqCst)))
    }

    fn wall_millis(&self) -> u64 {
        // Long after 1970, so that ages have room to be subtracted.
        1_000_000_000_000 + self.0.load(Ordering::SeqCst) / 1_000_000
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
