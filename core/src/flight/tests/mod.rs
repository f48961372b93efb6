//! Flights by themselves, without a region.

mod keys;
mod leads;
mod waits;

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use super::{Boarding, FlightKey, Flights, Lead, Progress, Seat};
use crate::key::Digest;
use crate::tag::Observation;
use crate::value::{AnyEntry, Entry, Header};

const DIGEST: Digest = Digest { lookup: 7, check: 7 };

fn join(flights: &Arc<Flights>) -> Seat {
    flights.join(FlightKey::new::<i32>(DIGEST, &Observation::default()))
}

fn lead(flights: &Arc<Flights>) -> Lead {
    leads(join(flights))
}

fn leads(seat: Seat) -> Lead {
    match seat.try_board() {
        Boarding::Done(Progress::Lead(lead)) => lead,
        _ => panic!("somebody else leads"),
    }
}

/// A wait that has begun and that nobody polls again.
fn stuck(seat: Seat, limit: Duration) -> impl Future<Output = Option<Progress>> {
    let mut wait = Box::pin(seat.board_within(limit));
    let first = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(first.is_pending());
    wait
}

fn value() -> Arc<dyn AnyEntry> {
    Arc::new(Entry::new(Header::default(), 1))
}
