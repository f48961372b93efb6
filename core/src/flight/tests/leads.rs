//! What becomes of the lead.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::super::{FlightKey, Flights, MAX_FAILURES, Progress, Seat};
use super::{DIGEST, join, lead, leads, value};
use crate::secs;

/// Somebody who waits, and how often they were called.
struct Waiter {
    wait: Pin<Box<dyn Future<Output = Option<Progress>>>>,
    calls: Arc<Calls>,
}

#[derive(Default)]
struct Calls(AtomicUsize);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Waiter {
    fn new(seat: Seat) -> Self {
        let mut waiter = Self { wait: Box::pin(seat.board_within(secs(9))), calls: Arc::default() };
        assert!(waiter.look().is_none(), "nothing to wait for");
        waiter
    }

    fn look(&mut self) -> Option<Progress> {
        let waker = Waker::from(Arc::clone(&self.calls));
        match self.wait.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(progress) => Some(progress.expect("it waits for as long as it likes")),
            Poll::Pending => None,
        }
    }

    fn calls(&self) -> usize {
        self.calls.0.load(Ordering::Relaxed)
    }
}

fn waiters<const N: usize>(flights: &Arc<Flights>) -> [Waiter; N] {
    [(); N].map(|()| Waiter::new(join(flights)))
}

#[test]
fn a_lead_that_is_dropped_is_the_next_waiter_s_and_nobody_else_is_called() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let [mut first, second] = waiters(&flights);
    drop(leader);
    assert_eq!((first.calls(), second.calls()), (1, 0));
    assert!(matches!(first.look(), Some(Progress::Lead(_))));
}

#[test]
fn a_turn_that_was_offered_to_one_who_leaves_is_offered_to_the_next() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let [first, second, third] = waiters(&flights);
    drop(leader);
    drop(first);
    assert_eq!((second.calls(), third.calls()), (1, 0));
}

#[test]
fn one_who_has_left_is_offered_nothing() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let [first, second] = waiters(&flights);
    drop(first);
    drop(leader);
    assert_eq!(second.calls(), 1);
}

#[test]
fn an_offer_outlasts_the_leaving_of_others() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let [first, second, third] = waiters(&flights);
    drop(leader);
    drop(third);
    assert_eq!(second.calls(), 0, "the offer is the first one's");
    drop(first);
    assert_eq!(second.calls(), 1);
}

#[test]
fn one_who_leaves_without_an_offer_has_none_to_pass_on() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let [first, second, third] = waiters(&flights);
    drop(second);
    assert_eq!((first.calls(), third.calls()), (0, 0));
    drop(leader);
    assert_eq!((first.calls(), third.calls()), (1, 0));
    let fourth = Waiter::new(join_behind(&flights, first));
    assert_eq!((third.calls(), fourth.calls()), (0, 0));
}

/// A seat of a flight whose lead the waiter has taken and kept for good.
fn join_behind(flights: &Arc<Flights>, mut waiter: Waiter) -> Seat {
    let Some(Progress::Lead(lead)) = waiter.look() else { panic!("it was called in vain") };
    std::mem::forget(lead);
    join(flights)
}

#[test]
fn an_offer_that_somebody_overtook_is_passed_on_to_nobody() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let [first, second] = waiters(&flights);
    drop(leader);
    let _overtaker = lead(&flights);
    drop(first);
    assert_eq!(second.calls(), 0, "it was called although somebody leads");
}

#[test]
fn everybody_gets_the_value_and_the_next_one_begins_anew() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let mut waiters: [Waiter; 2] = waiters(&flights);
    leader.land(value());
    for waiter in &mut waiters {
        assert_eq!(waiter.calls(), 1);
        assert!(matches!(waiter.look(), Some(Progress::Landed(_))));
    }
    lead(&flights);
}

#[test]
fn i7_so_many_failures_in_a_row_end_a_flight_and_no_fewer() {
    let flights = Arc::default();
    let mut leader = lead(&flights);
    let mut waiters: [Waiter; 4] = waiters(&flights);
    for n in 1..MAX_FAILURES {
        leader.fail();
        let next = waiters.iter_mut().find(|waiter| waiter.calls() == 1).expect("nobody is called");
        next.calls.0.store(0, Ordering::Relaxed);
        let Some(Progress::Lead(next)) = next.look() else { panic!("it ended after {n}") };
        leader = next;
    }
    leader.fail();
    let told = waiters.iter().filter(|waiter| waiter.calls() == 1).count();
    assert_eq!(told, 4 - (MAX_FAILURES as usize - 1));
    assert_eq!(flights.len(), 0);
}

#[test]
fn i7_a_panic_is_a_failure() {
    let flights = Arc::default();
    let [mut waiter] = {
        let leader = lead(&flights);
        let waiters = waiters(&flights);
        panics_with(leader);
        waiters
    };
    for _ in 1..MAX_FAILURES {
        let Some(Progress::Lead(leader)) = waiter.look() else { panic!("it ended early") };
        waiter = Waiter::new(join(&flights));
        panics_with(leader);
    }
    assert!(matches!(waiter.look(), Some(Progress::Failed)));
}

fn panics_with(leader: super::Lead) {
    let panicked = std::thread::spawn(move || {
        let _leader = leader;
        std::panic::resume_unwind(Box::new("creator"));
    });
    assert!(panicked.join().is_err());
}

#[test]
fn one_after_the_other_has_the_turn_of_a_key_however_many_failed() {
    let flights = Arc::<Flights>::default();
    let turn = || flights.join(FlightKey::turn::<i32>(DIGEST));
    let mut leader = leads(turn());
    for _ in 0..2 * MAX_FAILURES {
        let mut next = Waiter::new(turn());
        drop(leader);
        let Some(Progress::Lead(next)) = next.look() else { panic!("the turn was not handed on") };
        leader = next;
    }
}

#[test]
fn who_comes_after_a_departure_begins_a_flight_of_its_own() {
    let flights = Arc::default();
    let leader = lead(&flights);
    let mut aboard = Waiter::new(join(&flights));
    leader.depart();
    let own = lead(&flights);
    leader.land(value());
    assert!(matches!(aboard.look(), Some(Progress::Landed(_))));
    assert_eq!(flights.len(), 1, "the second flight went with the first");
    drop(own);
    assert_eq!(flights.len(), 0);
}
