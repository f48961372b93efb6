//! Tokens: the `Transactional` level, where versions and rows become visible at one instant.
//!
//! The registers are in the database that is written to. A writer puts a row of its own beside its
//! change, a random token, and the two become visible together, or never. A version is the register
//! XOR all tokens that a statement sees; now and then tokens are folded into the register, which
//! changes no version. A lookup reads the entry and the versions by one statement, so at one instant.
//! The property is that of taints: a lookup that begins after a COMMIT took effect never gets a value
//! without it.

mod steps;
mod tests;

use super::state::WriterSet;
use super::step::{Model, Step};

const READERS: usize = 3;
const WRITERS: usize = 2;
const ABSENT: u8 = 0;

/// What a version is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Design {
    /// A token of its own for every transaction, and a register that they are folded into.
    Tokens,
    /// Mutant: a row that counts the transactions, and begins anew when it is lost.
    CounterRow,
    /// Mutant: the highest number in a log; numbers are dealt out before the COMMIT.
    HighestNumber,
    /// Mutant: the token is put there by a transaction of its own, before the COMMIT.
    OtherTransaction,
    /// Mutant: folding takes the tokens away first, and changes the register then.
    FoldInTwo,
    /// Mutant: an entry is stored with the version that holds then, and not with the observed one.
    StoreObserves,
}

/// The XOR of a register's own token, of which each is new, and those of writers.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Version {
    base: u8,
    tokens: WriterSet,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Entry {
    value: WriterSet,
    obs: Version,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Reader {
    #[default]
    Lookup,
    /// Found the register absent.
    Create,
    Query(Version),
    Store(Entry),
    Done,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
enum Act {
    #[default]
    Write,
    Commit,
    Done,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
struct State {
    committed: WriterSet,
    /// What lies in the register; what was folded into it is part of that.
    register: Version,
    /// The tokens that everybody sees, and are in rows of their own.
    visible: WriterSet,
    /// Those that a fold has taken away and not yet put into the register.
    between: WriterSet,
    /// The number of each writer's row in the log; 0 before it has one.
    numbers: [u8; WRITERS],
    /// How many commits the counter has seen since it was last lost.
    count: u8,
    entry: Option<Entry>,
    readers: [Reader; READERS],
    writers: [Act; WRITERS],
    losses: u8,
    bumps: u8,
}

/// Three readers of one key, two writers of its tag that commit or roll back, and somebody who folds.
struct Tokens {
    design: Design,
    /// How often the register may be lost.
    losses: u8,
    /// How often somebody invalidates by hand.
    bumps: u8,
}

impl Model for Tokens {
    type State = State;

    fn initial(&self) -> State {
        State { losses: self.losses, bumps: self.bumps, ..State::default() }
    }

    fn steps(&self, from: &State) -> Vec<Step<State>> {
        let mut out: Vec<_> = (0..READERS).filter_map(|i| self.reader_step(from, i)).collect();
        out.extend((0..WRITERS).flat_map(|i| self.writer_steps(from, i)));
        out.extend([self.fold(from), self.bump(from), self.lose(from)].into_iter().flatten());
        out
    }

    fn canonical(&self, state: &State) -> State {
        let mut state = *state;
        state.readers.sort_unstable();
        state
    }
}
