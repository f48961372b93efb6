//! Time as a value: what a region asks for "now", so that tests can drive it.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A point in monotonic time: nanoseconds since the clock's own start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tick(u64);

impl Tick {
    /// The tick `nanos` nanoseconds after the clock's start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// This tick moved forward; never past the end of time.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// How long before `self` the tick `earlier` was; zero if it was not before.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Where a region gets its time from.
///
/// Time only ever decides *when to refresh*: whether an entry is valid is decided by tag versions
/// (invariant I10). A clock must be monotonic; a wall clock is the wrong thing to pass here.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Tick;
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
        Tick(coarsetime::Duration::from_ticks(ticks).as_nanos())
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
        Tick(self.0.load(Ordering::SeqCst))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
