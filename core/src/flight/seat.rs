//! A caller's place in a flight.

use std::sync::Arc;
use std::time::Duration;

use super::Lead;
use super::state::{End, Flight, Look};
use super::waiting::Waiting;
use crate::value::AnyEntry;

/// A seat in a flight, given up on drop.
pub(crate) struct Seat {
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
    pub(super) const fn new(flight: Arc<Flight>) -> Self {
        Self { flight }
    }

    /// Leads, or takes the result, if either is possible at once.
    pub(crate) fn try_board(self) -> Boarding {
        let look = self.flight.look();
        match self.after(look) {
            Ok(progress) => Boarding::Done(progress),
            Err(seat) => Boarding::Wait(seat),
        }
    }

    /// Waits until the caller leads or the flight has ended; `None` if neither happens within
    /// `limit`.
    ///
    /// Outside of a tokio runtime nothing keeps time: the wait is then as long as the flight.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the seat up; a turn that was already offered goes to the next.
    pub(crate) fn board_within(
        self,
        limit: Duration,
    ) -> impl Future<Output = Option<Progress>> + Send + Sync {
        Waiting::new(self, limit)
    }

    /// What becomes of the seat after a look; the seat itself if it has to wait on.
    pub(super) fn after(self, look: Look) -> Result<Progress, Self> {
        match look {
            Look::Ended(End::Landed(entry)) => Ok(Progress::Landed(entry)),
            Look::Ended(End::Failed) => Ok(Progress::Failed),
            Look::Taken => Ok(Progress::Lead(Lead::new(self))),
            Look::Wait => Err(self),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // A flight that has ended is in no map and counts no seats: thousands leave it at once.
        if self.flight.end().is_none() {
            self.flight.flights.leave(&self.flight);
        }
    }
}
