//! Flights by themselves: who leads, who waits, who leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use shuttle::future::{block_on, spawn};

use super::super::{Boarding, FlightKey, Flights, Lead, MAX_FAILURES, Progress, Seat};
use super::{any, explore, pause, poll_up_to};
use crate::key::Digest;
use crate::millis;
use crate::sync::panic_next;
use crate::tag::Observation;
use crate::value::{Entry, Header};

/// What the callers of one flight do together.
#[derive(Default)]
struct Callers {
    flights: Arc<Flights>,
    /// How many lead at this moment.
    leading: AtomicUsize,
    /// How many leaders have failed since the last that did not, by error or panic.
    failed: AtomicUsize,
    landed: AtomicUsize,
    /// How many were told that others have failed.
    told: AtomicUsize,
}

/// How a leader ends.
#[derive(Clone, Copy)]
enum Way {
    Lands,
    Fails,
    Panics,
    IsDropped,
}

impl Callers {
    /// One caller, who may go away after a few polls.
    async fn call(self: Arc<Self>, seat: Seat, way: Way, patience: usize) {
        let boarding = seat.board_within(millis(1));
        let progress = match patience {
            0 => moved(boarding).await,
            polls => poll_up_to(boarding, polls).await.flatten(),
        };
        match progress {
            Some(Progress::Lead(lead)) => self.lead(lead, way).await,
            Some(Progress::Landed(_)) => {
                assert!(self.landed.load(Ordering::SeqCst) > 0, "nobody has landed");
            }
            Some(Progress::Failed) => self.told().await,
            None => assert!(patience > 0, "nothing keeps time here"),
        }
    }

    /// Called after leaders have failed: nobody before, and another attempt is another flight.
    async fn told(&self) {
        let failed = self.failed.load(Ordering::SeqCst);
        assert!(failed >= MAX_FAILURES as usize, "told after {failed} failures");
        self.told.fetch_add(1, Ordering::SeqCst);
        match self.flights.join(key()).try_board() {
            Boarding::Done(Progress::Lead(lead)) => self.lead(lead, Way::Lands).await,
            Boarding::Done(Progress::Failed) => panic!("told of the failures of others again"),
            _ => {}
        }
    }

    async fn lead(&self, lead: Lead, way: Way) {
        assert_eq!(self.leading.fetch_add(1, Ordering::SeqCst), 0, "two lead at once");
        pause(any(3)).await;
        self.leading.fetch_sub(1, Ordering::SeqCst);
        match way {
            Way::Lands => {
                self.landed.fetch_add(1, Ordering::SeqCst);
                lead.land(Arc::new(Entry::new(Header::default(), 1)));
            }
            Way::Fails => {
                self.failed.fetch_add(1, Ordering::SeqCst);
                lead.fail();
            }
            Way::Panics => {
                self.failed.fetch_add(1, Ordering::SeqCst);
                panic_next();
                drop(lead);
            }
            Way::IsDropped => drop(lead),
        }
    }
}

fn key() -> FlightKey {
    FlightKey::new::<i32>(Digest { lookup: 7, check: 7 }, &Observation::default())
}

/// Polls once for somebody else, as when a future moves from one task to another.
async fn moved<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    let first = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    match first {
        Poll::Ready(output) => output,
        Poll::Pending => future.await,
    }
}

/// `count` callers with ways among `ways`, some of whom go away; all of them sit before anybody
/// leads if they come `together`.
fn callers(count: usize, ways: &'static [Way], leavers: usize, together: bool) -> Arc<Callers> {
    let callers = Arc::<Callers>::default();
    block_on(async {
        let mut seats: Vec<_> =
            (0..count).map(|_| together.then(|| callers.flights.join(key()))).collect();
        let tasks: Vec<_> = (0..count)
            .map(|index| {
                let patience = if index < leavers { any(3) + 1 } else { 0 };
                let (callers, seat) = (Arc::clone(&callers), seats[index].take());
                spawn(async move {
                    let seat = seat.unwrap_or_else(|| callers.flights.join(key()));
                    callers.call(seat, ways[any(ways.len())], patience).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(callers.flights.len(), 0, "a flight was left behind");
    callers
}

#[test]
fn i3_one_leads_at_a_time_however_leaders_end() {
    explore(|| {
        callers(4, &[Way::Lands, Way::Fails, Way::Panics, Way::IsDropped], 0, false);
    });
}

#[test]
fn i6_a_turn_is_never_lost_whoever_goes_away() {
    explore(|| {
        callers(4, &[Way::Lands, Way::IsDropped, Way::Fails], 2, false);
    });
}

#[test]
fn i6_a_turn_passes_through_those_who_go_away() {
    explore(|| {
        callers(4, &[Way::IsDropped], 3, any(2) == 0);
    });
}

#[test]
fn i7_waiters_are_told_after_failures_in_a_row_and_not_before() {
    explore(|| {
        let callers = callers(5, &[Way::Fails, Way::Panics], 0, true);
        let outcome = [&callers.failed, &callers.told].map(|count| count.load(Ordering::SeqCst));
        assert_eq!(outcome, [3, 2], "how many have failed, and were told");
    });
}
