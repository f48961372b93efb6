//! A caller's place in a flight.

use std::pin::pin;
use std::sync::Arc;

use super::state::{End, Flight, Look};
use super::{FlightKey, Flights, Lead};
use crate::value::AnyEntry;

/// A place in a flight, given up on drop.
pub(crate) struct Seat {
    pub(super) flights: Arc<Flights>,
    pub(super) key: FlightKey,
    pub(super) flight: Arc<Flight>,
}

/// What became of a seat.
pub(crate) enum Progress {
    /// Nobody leads: the caller does, now.
    Lead(Lead),
    /// Somebody created the value.
    Landed(Arc<dyn AnyEntry>),
    /// As many leaders in a row as are allowed have failed.
    Failed,
}

/// What a seat may do at once.
pub(crate) enum Boarding {
    /// It leads, or the flight has ended.
    Done(Progress),
    /// Somebody leads: the seat is still there to wait in.
    Wait(Seat),
}

impl Seat {
    pub(super) const fn new(flights: Arc<Flights>, key: FlightKey, flight: Arc<Flight>) -> Self {
        Self { flights, key, flight }
    }

    /// Leads, or takes the result, if either is possible at once.
    pub(crate) fn try_board(self) -> Boarding {
        match self.flight.look() {
            Look::Ended(End::Landed(entry)) => Boarding::Done(Progress::Landed(entry)),
            Look::Ended(End::Failed) => Boarding::Done(Progress::Failed),
            Look::Taken => Boarding::Done(Progress::Lead(Lead::new(self))),
            Look::Wait => Boarding::Wait(self),
        }
    }

    /// Waits until the caller leads or the flight has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the seat up; a turn that was already offered goes to the next.
    pub(crate) async fn board(mut self) -> Progress {
        loop {
            let flight = Arc::clone(&self.flight);
            let mut changed = pin!(flight.changed.notified());
            // Registered before looking: a change between the two is not missed.
            changed.as_mut().enable();
            match self.try_board() {
                Boarding::Done(progress) => return progress,
                Boarding::Wait(seat) => self = seat,
            }
            changed.await;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.flights.leave(&self.key, &self.flight);
    }
}
