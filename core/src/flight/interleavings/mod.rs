//! The orders in which callers of one key can meet, gone through under `shuttle`.
//!
//! Every use of a lock is a point where another task may go on. A schedule in which somebody waits
//! for ever is a deadlock to `shuttle`, so a wake-up that is lost fails the test.

mod flights;
mod regions;

use std::task::Poll;

use shuttle::future::yield_now;
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner};

/// How many schedules of each kind a test goes through, unless the environment says otherwise.
const SCHEDULES: usize = 2_000;

/// Runs `test` in schedules that are random, and in some with few but unlikely turns.
fn explore(test: impl Fn() + Copy + Send + Sync + 'static) {
    let schedules = std::env::var("DOGPILE_SCHEDULES").ok().and_then(|count| count.parse().ok());
    let schedules = schedules.unwrap_or(SCHEDULES);
    let mut config = Config::new();
    // Creations inside creations of unoptimised code need more than the default.
    config.stack_size = 1 << 19;
    Runner::new(RandomScheduler::new(schedules), config.clone()).run(test);
    Runner::new(PctScheduler::new(4, schedules), config).run(test);
}

/// A number below `bound`, drawn by the scheduler.
fn any(bound: usize) -> usize {
    thread_rng().gen_range(0..bound)
}

/// Goes on later, once or more.
async fn pause(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}

/// The output of `future`, unless it is dropped after `polls` polls without one.
async fn poll_up_to<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let first = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
        if let Poll::Ready(output) = first.await {
            return Some(output);
        }
        // It may be woken or not between the poll and the drop.
        yield_now().await;
    }
    None
}
