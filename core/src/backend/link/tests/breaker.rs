//! I5: a backend that fails is left alone, and asked again one call at a time.

use super::super::breaker::{Breaker, FAILURES, Opened, Pass};
use super::{Act, Down, alone, clocked, open, pass, poll, region};
use crate::clock::{Clock, ManualClock};
use crate::units::{millis, secs};

const PATIENCE: std::time::Duration = millis(200);

fn admit<'b>(breaker: &'b Breaker, clock: &ManualClock) -> Pass<'b> {
    breaker.admit(clock.now(), PATIENCE).expect("the breaker is closed or lets a probe through")
}

fn opened() -> (Breaker, ManualClock) {
    let (breaker, clock) = (Breaker::default(), ManualClock::new());
    clock.advance(secs(1_000));
    for failures in 1..FAILURES {
        assert_eq!(admit(&breaker, &clock).failed(clock.now()), None, "{failures}");
    }
    let opened = admit(&breaker, &clock).failed(clock.now());
    assert_eq!(opened, Some(Opened { failures: 5, retry_in: secs(1) }));
    (breaker, clock)
}

#[test]
fn five_failures_in_a_row_open_it_and_a_success_between_starts_again() {
    let (breaker, clock) = (Breaker::default(), ManualClock::new());
    for _ in 0..3 {
        for _ in 1..FAILURES {
            assert_eq!(admit(&breaker, &clock).failed(clock.now()), None);
        }
        assert_eq!(admit(&breaker, &clock).succeeded(clock.now()), None);
    }
    let (breaker, clock) = opened();
    assert!(breaker.admit(clock.now(), PATIENCE).is_err());
}

#[test]
fn it_waits_for_a_second_and_twice_as_long_each_time_up_to_thirty() {
    let (breaker, clock) = opened();
    for wait in [1, 2, 4, 8, 16, 30, 30, 30].map(secs) {
        clock.advance(wait - millis(1));
        let early = breaker.admit(clock.now(), PATIENCE).unwrap_err();
        assert!(early >= millis(1) && early <= wait.mul_f64(0.1) + millis(1), "{early:?}");
        clock.advance(early);
        assert_eq!(admit(&breaker, &clock).failed(clock.now()), None, "said once, when it opened");
    }
}

#[test]
fn its_waits_are_not_all_the_same() {
    let wait = || {
        let (breaker, clock) = opened();
        breaker.retry_in(clock.now()).unwrap()
    };
    let first = wait();
    assert!((0..50).any(|_| wait() != first), "processes come back all at once");
}

#[test]
fn one_probe_at_a_time_and_its_success_closes_it() {
    let (breaker, clock) = opened();
    clock.advance(secs(2));
    let probe = admit(&breaker, &clock);
    assert!(breaker.admit(clock.now(), PATIENCE).is_err(), "a second probe");
    clock.advance(millis(100));
    assert_eq!(probe.succeeded(clock.now()), Some(secs(2) + millis(100)));
    assert_eq!(breaker.retry_in(clock.now()), None);
    // And it takes five failures again, after a first wait of a second again.
    for _ in 1..FAILURES {
        assert_eq!(admit(&breaker, &clock).failed(clock.now()), None);
    }
    let opened = admit(&breaker, &clock).failed(clock.now());
    assert_eq!(opened, Some(Opened { failures: 5, retry_in: secs(1) }));
}

#[test]
fn a_probe_that_is_dropped_leaves_its_turn_to_the_next_call() {
    let (breaker, clock) = opened();
    clock.advance(secs(2));
    drop(admit(&breaker, &clock));
    let probe = admit(&breaker, &clock);
    assert!(breaker.admit(clock.now(), PATIENCE).is_err());
    assert!(probe.succeeded(clock.now()).is_some());
}

#[test]
fn a_probe_that_is_never_polled_again_is_given_up() {
    let (breaker, clock) = opened();
    clock.advance(secs(2));
    let forgotten = admit(&breaker, &clock);
    clock.advance(secs(1));
    let second = admit(&breaker, &clock);
    assert!(breaker.admit(clock.now(), PATIENCE).is_err());
    // What becomes of the first one says nothing any more.
    assert_eq!(forgotten.succeeded(clock.now()), None);
    assert!(breaker.retry_in(clock.now()).is_some());
    assert!(second.succeeded(clock.now()).is_some());

    let (breaker, clock) = opened();
    clock.advance(secs(2));
    let _slow = breaker.admit(clock.now(), secs(20)).unwrap();
    clock.advance(secs(19));
    assert!(breaker.admit(clock.now(), PATIENCE).is_err(), "the probe has time for its call");
    clock.advance(secs(1));
    assert!(breaker.admit(clock.now(), PATIENCE).is_ok());
}

#[test]
fn a_call_from_before_it_opened_has_no_say_afterwards() {
    let (breaker, clock) = (Breaker::default(), ManualClock::new());
    let (late, later, last) =
        (admit(&breaker, &clock), admit(&breaker, &clock), admit(&breaker, &clock));
    (0..FAILURES).for_each(|_| {
        admit(&breaker, &clock).failed(clock.now());
    });
    assert_eq!(late.succeeded(clock.now()), None);
    assert!(breaker.admit(clock.now(), PATIENCE).is_err(), "closed without a probe");
    clock.advance(secs(2));
    let probe = admit(&breaker, &clock);
    assert_eq!(later.failed(clock.now()), None);
    drop(last);
    assert!(breaker.admit(clock.now(), PATIENCE).is_err(), "a stranger gave the turn away");
    assert!(probe.succeeded(clock.now()).is_some());
}

#[tokio::test(start_paused = true)]
async fn i5_an_open_breaker_fails_at_once_and_asks_nobody() {
    let (backend, link) = alone();
    open(&backend, &link).await;
    assert_eq!(backend.calls(), 5);
    assert_eq!(link.read(&["k"], &[]).await, Err(Down::Open));
    assert_eq!(link.create(&["t"]).await, Err(Down::Open));
    assert_eq!(link.store(&[], &["t"]).await, Err(Down::Open));
    assert_eq!(link.remove(&["k"]).await, Err(Down::Open));
    assert_eq!(backend.calls(), 5);
    pass(secs(2)).await;
    assert!(link.read(&["k"], &[]).await.is_ok());
    assert!(link.read(&["k"], &[]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn regions_on_one_backend_share_the_breaker() {
    let (backend, link) = alone();
    let (other, _) = region("other", &backend.again());
    let (stranger, _) = region("stranger", &super::Fake::new());
    open(&backend, &link).await;
    assert_eq!(other.read(&[], &[]).await, Err(Down::Open));
    assert!(stranger.read(&[], &[]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_answer_a_panic_and_a_timeout_open_it_as_errors_do() {
    for act in [Act::TooMany, Act::PanicInCall, Act::PanicInPoll, Act::Hang] {
        let (backend, link) = alone();
        backend.then([act; 5]);
        for _ in 0..5 {
            assert!(link.read(&[], &["t"]).await.is_err());
        }
        assert_eq!(link.read(&[], &["t"]).await, Err(Down::Open), "{act:?}");
    }
}

#[test]
fn i6_a_call_dropped_as_the_probe_does_not_wedge_the_breaker() {
    let (backend, clock) = (super::Fake::new(), ManualClock::new());
    let (link, _) = clocked("shop", &backend, std::sync::Arc::new(clock.clone()));
    backend.then([Act::Fail; 5]);
    for _ in 0..5 {
        assert_eq!(super::run(link.read(&[], &[])), Err(Down::Error));
    }
    clock.advance(secs(2));
    for polls in 1..4 {
        backend.then([Act::Slow(9, 0)]);
        let mut probe = Box::pin(link.read(&[], &[]));
        (0..polls).for_each(|_| assert!(poll(&mut probe).is_pending()));
        assert_eq!(super::run(link.read(&[], &[])), Err(Down::Open));
        drop(probe);
    }
    assert!(super::run(link.read(&[], &[])).is_ok());
}
