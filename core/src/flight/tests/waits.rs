//! Waiting by the clock, and what is left behind.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::super::{Flights, Progress};
use super::{join, lead, stuck, value};
use crate::{millis, secs};

/// Until the tasks that were told to end have ended.
async fn settled(tasks: usize) {
    while Handle::current().metrics().num_alive_tasks() > tasks {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn i5_each_waits_for_as_long_as_it_may_from_its_own_beginning() {
    ends([(0, 5), (1, 5), (2, 5), (2, 1), (3, 9)], [5, 6, 7, 3, 12]).await;
    ends([(0, 9), (0, 1), (2, 1)], [9, 1, 3]).await;
}

/// Waits that begin after so many seconds and last so many, and when they end.
async fn ends<const N: usize>(waits: [(u64, u64); N], expected: [u64; N]) {
    let flights = Arc::<Flights>::default();
    let _lead = lead(&flights);
    let begun = Instant::now();
    let waits = waits.map(|(begins, limit)| {
        let flights = Arc::clone(&flights);
        tokio::spawn(async move {
            tokio::time::sleep(secs(begins)).await;
            assert!(join(&flights).board_within(secs(limit)).await.is_none());
            begun.elapsed().as_secs()
        })
    });
    let mut ended = Vec::new();
    for wait in waits {
        ended.push(wait.await.unwrap());
    }
    assert_eq!(ended, expected);
}

#[tokio::test(start_paused = true)]
async fn i5_a_waiter_that_nobody_polls_holds_up_no_other_s_limit() {
    let flights = Arc::<Flights>::default();
    let _lead = lead(&flights);
    let _stuck = stuck(join(&flights), secs(1));
    let begun = Instant::now();
    assert!(join(&flights).board_within(secs(5)).await.is_none());
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[test]
fn i5_a_runtime_that_stands_still_holds_up_no_other_s_limit() {
    let paused = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (still, running) = (paused(), paused());
    let flights = Arc::<Flights>::default();
    let _lead = lead(&flights);
    let wait = {
        let _inside = still.enter();
        stuck(join(&flights), millis(1))
    };
    let over = running.block_on(join(&flights).board_within(millis(1)));
    assert!(over.is_none());
    drop(still);
    assert!(running.block_on(join(&flights).board_within(millis(1))).is_none());
    drop(wait);
}

#[tokio::test(start_paused = true)]
async fn i6_nobody_keeps_time_for_a_flight_that_is_over() {
    let flights = Arc::<Flights>::default();
    for landed in [true, false] {
        let leader = lead(&flights);
        let waits = [(); 3].map(|()| stuck(join(&flights), secs(60)));
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 1, "one keeps time for all");
        if landed {
            leader.land(value());
            settled(0).await;
            drop(waits);
        } else {
            drop(leader);
            drop(waits);
            settled(0).await;
        }
        assert_eq!(flights.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn i6_a_wait_that_is_over_leaves_the_queue() {
    let flights = Arc::<Flights>::default();
    let leader = lead(&flights);
    let mut over = Box::pin(join(&flights).board_within(secs(1)));
    assert!(over.as_mut().await.is_none());
    let mut next = Box::pin(join(&flights).board_within(secs(1)));
    let mut context = Context::from_waker(Waker::noop());
    assert!(next.as_mut().poll(&mut context).is_pending());
    drop(leader);
    let Poll::Ready(Some(Progress::Lead(_))) = next.as_mut().poll(&mut context) else {
        panic!("the turn went to somebody who had stopped waiting");
    };
    drop(over);
}

#[test]
fn outside_of_a_runtime_a_wait_lasts_as_long_as_the_flight() {
    let flights = Arc::<Flights>::default();
    let leader = lead(&flights);
    let mut wait = Box::pin(join(&flights).board_within(Duration::ZERO));
    let mut context = Context::from_waker(Waker::noop());
    assert!(wait.as_mut().poll(&mut context).is_pending());
    assert!(wait.as_mut().poll(&mut context).is_pending());
    leader.land(value());
    assert!(matches!(wait.as_mut().poll(&mut context), Poll::Ready(Some(Progress::Landed(_)))));
}
