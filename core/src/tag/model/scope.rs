//! How large one search is, and what the environment may do in it.

use super::design::Design;
use super::state::{At, Budget, READERS, Reader, State, WriterSet};
use super::step::{Model, Step};

/// How a lookup reads the entry and the tags.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reads {
    /// All in one trip.
    Together,
    /// One by one, in every order, with anything in between.
    Apart,
}

/// What a writer's invalidation is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Hard,
    Soft,
}

/// One search's size and options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) keys: u8,
    pub(super) readers: usize,
    pub(super) writers: &'static [Kind],
    pub(super) reads: Reads,
    /// Whether the region reads the soft register.
    pub(super) soft: bool,
    /// Whether a store re-reads the tags first and is dropped if they moved.
    pub(super) recheck: bool,
    pub(super) evictions: u8,
    pub(super) flushes: u8,
    /// Whether the journal may repeat an acknowledged bump once.
    pub(super) replay: bool,
    /// How many creates the network may deliver a second time.
    pub(super) late_creates: u8,
    /// How many ticks the writers' clock is behind the readers'.
    pub(super) lag: u8,
}

impl Scope {
    /// Three readers of one key, one hard writer, no accidents.
    pub(super) const PLAIN: Self = Self {
        keys: 1,
        readers: 3,
        writers: &[Kind::Hard],
        reads: Reads::Together,
        soft: false,
        recheck: true,
        evictions: 0,
        flushes: 0,
        replay: false,
        late_creates: 0,
        lag: 0,
    };

    /// The writers that invalidate softly.
    pub(super) fn soft_writers(&self) -> WriterSet {
        let soft = self.writers.iter().enumerate().filter(|(_, kind)| **kind == Kind::Soft);
        soft.fold(WriterSet::default(), |set, (writer, _)| set.with(writer))
    }
}

/// The tag protocol: a design in a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tags {
    pub(super) design: Design,
    pub(super) scope: Scope,
}

impl Model for Tags {
    type State = State;

    fn initial(&self) -> State {
        let mut readers = [Reader::default(); READERS];
        for (reader, key) in readers.iter_mut().zip((0..self.scope.keys).cycle()) {
            reader.key = key;
        }
        readers[self.scope.readers..].fill(Reader { at: At::Done, ..Reader::default() });
        let budget = Budget {
            evictions: self.scope.evictions,
            flushes: self.scope.flushes,
            late_creates: self.scope.late_creates,
        };
        // The clock starts where a lagging one is still above zero, which means "absent".
        State { readers, budget, clock: self.scope.lag + 1, ..State::default() }
    }

    fn steps(&self, from: &State) -> Vec<Step<State>> {
        let mut out = Vec::new();
        self.reader_steps(from, &mut out);
        self.writer_steps(from, &mut out);
        self.store_steps(from, &mut out);
        out
    }

    fn canonical(&self, state: &State) -> State {
        let mut state = *state;
        state.readers.sort_unstable();
        state
    }
}
