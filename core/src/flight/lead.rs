//! The guard of whoever leads a flight.

use std::sync::Arc;

use super::Seat;
use crate::sync::panicking;
use crate::value::AnyEntry;

/// The lead of a flight. However it is lost, somebody else gets it or the flight has ended.
pub(crate) struct Lead {
    seat: Seat,
    settled: bool,
}

impl Lead {
    pub(super) const fn new(seat: Seat) -> Self {
        Self { seat, settled: false }
    }

    /// Ends the flight with a value; whoever comes next looks the value up instead.
    ///
    /// Call it after the value was stored, so that between the two nobody starts another flight.
    pub(crate) fn land(mut self, entry: Arc<dyn AnyEntry>) {
        self.settled = true;
        self.seat.flight.land(entry);
    }

    /// Closes the flight to those who come from now on; who is aboard stays.
    pub(crate) fn depart(&self) {
        self.seat.flight.flights.close(&self.seat.flight);
    }

    /// Hands the lead on after the creator failed.
    pub(crate) fn fail(mut self) {
        self.settled = true;
        self.seat.flight.fail();
    }

    /// The name of the lease that protects this creation.
    pub(crate) fn lease_name(&self) -> String {
        self.seat.flight.key.lease_name()
    }
}

impl Drop for Lead {
    /// The leader's future was dropped (its client went away) or its creator panicked: waiters must
    /// not wait for somebody who will never come back.
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        if panicking() {
            self.seat.flight.fail();
        } else {
            self.seat.flight.hand_on();
        }
    }
}
