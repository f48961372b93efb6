//! Taints: the `Fenced` level, where not even the moment between COMMIT and bump shows old values.
//!
//! A writer marks the tag and bumps it, renews the mark or sets it anew if it was lost, commits, then
//! bumps and unmarks; while a tag bears marks, readers neither use nor store its entries. Where a
//! writer cannot unmark, somebody bumps for it later, and the mark is left to expire. The property is stronger than I1: a lookup that
//! begins after a COMMIT *took effect* never gets a value without it, whether or not the writer
//! lives to say so. Two assumptions are built in: a mark does not expire between its renewal and the
//! COMMIT it stands for, unless its writer died before sending that; and the marks themselves are
//! not evicted then, which is an option here because it costs the level its name.

mod steps;
mod tests;

use super::state::WriterSet;
use super::step::{Model, Step};

use steps::{die, evict};

const READERS: usize = 3;
const WRITERS: usize = 2;
const ABSENT: u8 = 0;

/// How writers mark and unmark.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Design {
    /// A set of writer ids in the tag's own register; the last one to expire makes it absent.
    Fenced,
    /// No marks at all: the default level. Right in what it promises, but not at this level.
    AfterCommit,
    /// Mutant: one mark for everybody, so the first writer to finish takes away the other's.
    OneMark,
    /// Mutant: marking does not bump, and an expired mark leaves the version as it was.
    MarkWithoutBump,
    /// Mutant: a bump that is not a writer's own writes the register whole, without its marks.
    BumpErases,
    /// Mutant: readers use a marked register as any other.
    MarksUnread,
    /// Mutant: the mark is taken away before the COMMIT.
    UnmarkFirst,
    /// Mutant: a mark that was lost before the COMMIT is not set anew.
    LostForGood,
    /// Mutant: an entry is stored with the version that holds then, and not with the observed one.
    StoreObserves,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
struct Register {
    version: u8,
    marks: WriterSet,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Entry {
    value: WriterSet,
    obs: u8,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Reader {
    #[default]
    Lookup,
    /// Found the tag absent.
    Create,
    Query(u8),
    Store(Entry),
    Done,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
enum Act {
    #[default]
    Mark,
    /// Its mark may have expired while it did other things.
    Renew,
    Commit,
    Bump,
    Done,
    Dead,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
struct State {
    committed: WriterSet,
    register: Register,
    entry: Option<Entry>,
    readers: [Reader; READERS],
    writers: [Act; WRITERS],
    deaths: u8,
    evictions: u8,
}

/// Three readers of one key and two writers of its tag, of which `deaths` may die anywhere.
struct Taints {
    design: Design,
    deaths: u8,
    evictions: u8,
}

impl Model for Taints {
    type State = State;

    fn initial(&self) -> State {
        State { deaths: self.deaths, evictions: self.evictions, ..State::default() }
    }

    fn steps(&self, from: &State) -> Vec<Step<State>> {
        let mut out: Vec<_> = (0..READERS).filter_map(|i| self.reader_step(from, i)).collect();
        for i in 0..WRITERS {
            out.extend(self.writer_steps(from, i));
            out.extend(die(from, i));
            out.extend(self.expire_mark(from, i));
        }
        out.extend(evict(from));
        out
    }

    fn canonical(&self, state: &State) -> State {
        let mut state = *state;
        state.readers.sort_unstable();
        state
    }
}
