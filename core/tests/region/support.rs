//! What the tests of a region share.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use dogpile::{Error, ManualClock, Region, RegionBuilder, TagSpace, minutes};

/// A region whose tags nobody else moves, without jitter.
pub(crate) fn builder() -> RegionBuilder {
    Region::builder("test").ttl(minutes(5)).jitter(0.0).tag_space(TagSpace::new(10_000))
}

/// [`builder`] with a clock that the test moves.
pub(crate) fn timed() -> (Region, ManualClock) {
    let clock = ManualClock::new();
    let region = builder().stale_for(minutes(5)).clock(clock.clone()).build().unwrap();
    (region, clock)
}

/// A creator's result.
pub(crate) fn made<T>(value: T) -> Result<T, Error> {
    Ok(value)
}

/// Counts how often creators ran.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs(Arc<AtomicUsize>);

impl Runs {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A future that a test polls by hand.
pub(crate) struct Polled<'f, T> {
    future: Pin<Box<dyn Future<Output = T> + 'f>>,
    wakes: Arc<Wakes>,
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl<'f, T> Polled<'f, T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'f) -> Self {
        Self { future: Box::pin(future), wakes: Arc::default() }
    }

    /// Polls once.
    pub(crate) fn poll(&mut self) -> Poll<T> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls once and expects the future to go on waiting.
    pub(crate) fn pending(&mut self) {
        assert!(self.poll().is_pending(), "the future was expected to wait");
    }

    /// Polls once and expects the result.
    pub(crate) fn ready(&mut self) -> T {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("the future was expected to be done"),
        }
    }

    /// How often somebody asked for the next poll.
    pub(crate) fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::SeqCst)
    }
}
