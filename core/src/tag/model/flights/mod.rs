//! Flights and leases: who may share whose load.
//!
//! A reader that misses joins the flight of its process for the same key *and observation*, or
//! leads one; a leader takes the lease for the same pair from the other processes. One key, one
//! tag that is never lost: eviction is the business of the tag model.

mod accidents;
mod steps;
mod tests;

use super::state::WriterSet;
use super::step::{Model, Step};

use accidents::{expire_lease, writer_step};

const READERS: usize = 3;

/// What flights and leases are keyed by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Design {
    /// Both by key and observation.
    KeyAndObservation,
    /// Mutant: as ours, but looking for a flight and leading one are two lock sections.
    LookThenLead,
    /// Mutant: flights by the key alone, as plain single-flight does.
    FlightByKey,
    /// Mutant: leases by the key alone, as a plain dogpile lock does.
    LeaseByKey,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Entry {
    value: WriterSet,
    began: WriterSet,
    obs: u8,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
enum At {
    #[default]
    Lookup,
    Missed,
    /// Found no flight to join: only `LookThenLead` stops here.
    Alone,
    /// Rides on the flight that this reader leads.
    Joined(usize),
    /// Leads a flight that has no lease yet.
    Leading,
    /// Waits for a lease that another process holds.
    Waiting,
    /// Holds the lease (or lost it and goes on: a lease is efficiency only).
    Leased,
    Querying,
    Loaded,
    Done,
}

impl At {
    fn is_leader(self) -> bool {
        matches!(self, Self::Leading | Self::Waiting | Self::Leased | Self::Querying | Self::Loaded)
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
struct Reader {
    at: At,
    acked: WriterSet,
    obs: u8,
    /// The invalidations that had taken effect when this reader's flight began.
    born: WriterSet,
    holds_lease: bool,
    began: WriterSet,
    value: WriterSet,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct State {
    committed: WriterSet,
    bumped: WriterSet,
    acked: WriterSet,
    version: u8,
    entry: Option<Entry>,
    readers: [Reader; READERS],
    /// Acts done by each writer: commit, bump, acknowledged.
    writers: [u8; 2],
    drops: u8,
    expiries: u8,
}

/// `readers` spread over `processes`, and `writers` of one tag. `drops` leaders may be dropped
/// at any point, `expiries` leases may expire under their holders.
struct Flights {
    design: Design,
    processes: usize,
    readers: usize,
    writers: usize,
    drops: u8,
    expiries: u8,
}

impl Model for Flights {
    type State = State;

    fn initial(&self) -> State {
        let mut readers = [Reader::default(); READERS];
        readers[self.readers..].fill(steps::done());
        State {
            committed: WriterSet::default(),
            bumped: WriterSet::default(),
            acked: WriterSet::default(),
            version: 1,
            entry: None,
            readers,
            writers: [0; 2],
            drops: self.drops,
            expiries: self.expiries,
        }
    }

    fn steps(&self, from: &State) -> Vec<Step<State>> {
        let mut out: Vec<_> = (0..READERS).filter_map(|i| self.reader_step(from, i)).collect();
        out.extend((0..self.writers).filter_map(|i| writer_step(from, i)));
        out.extend((0..READERS).filter_map(|i| self.drop_leader(from, i)));
        out.extend((0..READERS).filter_map(|i| expire_lease(from, i)));
        out
    }

    /// Readers point at each other and live in processes: they are not interchangeable.
    fn canonical(&self, state: &State) -> State {
        *state
    }
}
