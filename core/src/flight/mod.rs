//! Flights: one creation of a key at a time, and everybody who wants its result.
//!
//! A flight is named by the key *and* by what was observed before it began. A reader that arrives
//! after its own write has another observation, so it never joins a flight begun before it.
//!
//! One caller leads; the others wait. When the leader is dropped, fails or panics, the next waiter
//! leads with a creator of its own. The guard that does the handing on is [`Lead`].

mod flights;
#[cfg(test)]
#[cfg(shuttle)]
mod interleavings;
mod keeper;
mod lead;
mod seat;
mod state;
#[cfg(test)]
#[cfg(not(shuttle))]
mod tests;
mod waiters;
mod waiting;

pub(crate) use flights::{FlightKey, Flights};
pub(crate) use lead::Lead;
pub(crate) use seat::{Boarding, Progress, Seat};

/// How many leaders of one flight may fail in a row before its waiters are told.
pub(crate) const MAX_FAILURES: u32 = 3;
