//! I6: whoever is dropped, and wherever, leaves nothing behind and nobody waiting.

use std::task::Poll;

use crate::support::{Polled, builder, made, timed};
use dogpile::{Error, Region};

/// A creator that is polled `steps` times before it has a value.
async fn creator(steps: usize) -> Result<i32, Error> {
    for _ in 0..steps {
        let mut first = true;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }
    made(1)
}

/// Polls `future` `polls` times, or until it is done; says whether it was.
fn poll_times<T>(future: impl Future<Output = T>, polls: usize) -> bool {
    let mut future = Polled::new(future);
    (0..polls).any(|_| future.poll().is_ready())
}

async fn assert_clean(region: &Region) {
    assert_eq!(region.stats().flights, 0, "a seat was not given up");
    let mut next = Polled::new(region.entry("k").get_or_create(async || made(2)));
    next.ready().unwrap();
    assert_eq!(region.stats().flights, 0);
    let stats = region.stats();
    assert_eq!(stats.hits + stats.stale + stats.misses + stats.bypasses, stats.lookups);
}

#[tokio::test]
async fn i6_a_leader_dropped_at_any_poll_leaves_nothing_behind() {
    for steps in 0..4 {
        for polls in 0.. {
            let region = builder().build().unwrap();
            let done = poll_times(region.entry("k").get_or_create(|| creator(steps)), polls);
            assert_clean(&region).await;
            if done {
                break;
            }
        }
    }
}

#[tokio::test]
async fn i6_a_dropped_leader_hands_its_turn_to_a_waiter_at_once() {
    for polls in 1..4 {
        let region = builder().build().unwrap();
        let mut leader = Polled::new(region.entry("k").get_or_create(|| creator(10)));
        (0..polls).for_each(|_| leader.pending());
        let mut waiters: Vec<_> = (0..5)
            .map(|_| Polled::new(region.entry("k").get_or_create(async || made(7))))
            .collect();
        waiters.iter_mut().for_each(Polled::pending);
        drop(leader);
        assert_eq!(waiters.iter().map(Polled::wakes).sum::<usize>(), 1);
        for waiter in &mut waiters {
            assert_eq!(*waiter.ready().unwrap(), 7);
        }
        assert_clean(&region).await;
    }
}

#[tokio::test]
async fn i6_a_waiter_dropped_after_it_was_woken_passes_its_turn_on() {
    let region = builder().build().unwrap();
    let mut leader = Polled::new(region.entry("k").get_or_create(|| creator(10)));
    leader.pending();
    let mut waiters: Vec<_> =
        (0..3).map(|_| Polled::new(region.entry("k").get_or_create(async || made(7)))).collect();
    waiters.iter_mut().for_each(Polled::pending);
    drop(leader);
    let woken = waiters.iter().position(|waiter| waiter.wakes() == 1).unwrap();
    drop(waiters.remove(woken));
    assert_eq!(waiters.iter().map(Polled::wakes).sum::<usize>(), 1);
    waiters.iter_mut().for_each(|waiter| assert_eq!(*waiter.ready().unwrap(), 7));
    assert_clean(&region).await;
}

#[tokio::test]
async fn i6_a_refresher_dropped_at_any_poll_leaves_the_stale_value_and_the_turn() {
    for polls in 0..6 {
        let (region, clock) = timed();
        region.entry("k").set(0).await.unwrap();
        clock.advance(dogpile::secs(301));
        let done = poll_times(region.entry("k").get_or_create(|| creator(3)), polls);
        let mut next = Polled::new(region.entry("k").get_or_create(async || made(2)));
        assert_eq!(*next.ready().unwrap(), if done { 1 } else { 2 }, "after {polls} polls");
        assert_eq!(region.stats().flights, 0);
    }
}
