//! The in-process form of tags: a tag's version lives in a shared cell, and entries hold the cell
//! itself, so that a hit is validated by one atomic load and no look into the map.
//!
//! The map of cells has a cap. A removed cell may still be held by an entry and by readers that
//! found it earlier, while the next bump goes to whatever cell the map has then, or to none.

mod readers;
mod tests;
mod writers;

use super::state::WriterSet;
use super::step::{Model, Step};

const READERS: usize = 3;
const WRITERS: usize = 2;
/// One cell at first, and one more for each removal.
const CELLS: usize = 3;
/// The value of a cell that was removed.
const DEAD: u8 = 0;

/// How cells are removed and bumped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Design {
    /// Removal marks the cell dead, and bumps find and write it, all under the shard's lock.
    UnderLock,
    /// The bump finds the cell under the lock but writes it after, by compare-and-swap; if it
    /// is dead by then, it looks again. As good as `UnderLock`.
    BumpRetriesIfDead,
    /// Mutant: removal only forgets the cell.
    NotMarked,
    /// Mutant: removal forgets the cell, and marks it dead after the lock is given back.
    MarkedLate,
    /// Mutant: the bump writes a cell found before without looking whether it died since.
    BumpRevives,
    /// Mutant: "dead" is stored and compared like any version.
    DeadIsAVersion,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Entry {
    value: WriterSet,
    began: WriterSet,
    cell: usize,
    obs: u8,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum At {
    #[default]
    Lookup,
    Validate,
    Missed,
    Found,
    Observed,
    Querying,
    Loaded,
    Done,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Reader {
    at: At,
    acked: WriterSet,
    entry: Option<Entry>,
    cell: usize,
    obs: u8,
    began: WriterSet,
    value: WriterSet,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
enum Act {
    #[default]
    Commit,
    Find,
    /// Holds the cell to write.
    Write(usize),
    Acknowledge,
    Done,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct State {
    committed: WriterSet,
    bumped: WriterSet,
    acked: WriterSet,
    entry: Option<Entry>,
    cells: [u8; CELLS],
    /// How many cells were ever made.
    made: usize,
    /// What the map holds for the tag.
    mapped: Option<usize>,
    /// A cell forgotten but not yet marked: only `MarkedLate` has such a moment.
    unmarked: Option<usize>,
    /// Versions are never reused: one counter for the process, which cannot be evicted.
    version: u8,
    removals: u8,
    readers: [Reader; READERS],
    writers: [Act; WRITERS],
}

/// The cells under one design: three readers of one key, one or two writers, `removals` of the
/// cell by the cap.
struct Cells {
    design: Design,
    writers: usize,
    removals: u8,
}

impl Model for Cells {
    type State = State;

    fn initial(&self) -> State {
        let mut writers = [Act::Done; WRITERS];
        writers[..self.writers].fill(Act::Commit);
        State {
            committed: WriterSet::default(),
            bumped: WriterSet::default(),
            acked: WriterSet::default(),
            entry: None,
            cells: [DEAD; CELLS],
            made: 0,
            mapped: None,
            unmarked: None,
            version: DEAD,
            removals: self.removals,
            readers: [Reader::default(); READERS],
            writers,
        }
    }

    fn steps(&self, from: &State) -> Vec<Step<State>> {
        let mut out: Vec<_> = (0..READERS).filter_map(|i| self.reader_step(from, i)).collect();
        out.extend((0..WRITERS).filter_map(|i| self.writer_step(from, i)));
        out.extend(self.removal_steps(from));
        out
    }

    fn canonical(&self, state: &State) -> State {
        let mut state = *state;
        state.readers.sort_unstable();
        state
    }
}
