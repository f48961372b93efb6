//! One run after the other, until all was seen.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::choices::{Choices, Identity, Refused};
use super::recorder::Recorder;
use super::refusal::Refusal;

/// Runs in all, those that were refused included.
const RUNS: usize = 2_048;
/// Values asked for in all runs together: a few milliseconds.
const STEPS: usize = 50_000;
/// Levels of nesting. More are either a recursion that nothing ends, or too much for the stack.
const DEPTH: usize = 64;
/// How often all answers are exchanged for their next ones, when changing one of them did not help.
const LEVELS: usize = 3;

/// What the runs have shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// All there is to see, as a digest.
    Everything([u8; 32]),
    /// The type asks the codec what comes next.
    AsksWhatComesNext,
    /// It refuses what is invented for it, or there is too much of it.
    TooLittle,
}

/// Runs the `Deserialize` of `T` until everything in it was seen.
pub(super) fn trace<T: DeserializeOwned>(human_readable: bool) -> Seen {
    let mut trace = Trace::new(human_readable);
    let mut digest = Sha256::new();
    for _ in 0..RUNS {
        let refusals = Refusal::made();
        let run = || T::deserialize(Recorder::new(&mut trace)).map(drop);
        // A type may be as surprised by invented data as it likes.
        let Ok(result) = catch_unwind(AssertUnwindSafe(run)) else { return Seen::TooLittle };
        if let Some(end) = trace.end {
            return end.into();
        }
        if result.is_err() || Refusal::made() != refusals {
            if !trace.try_otherwise() {
                return Seen::TooLittle;
            }
            continue;
        }
        digest.update((trace.log.len() as u64).to_le_bytes());
        digest.update(&trace.log);
        trace.choices.keep();
        if trace.choices.is_done() {
            return Seen::Everything(digest.finalize().into());
        }
        trace.start();
    }
    Seen::TooLittle
}

/// What no further run can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    AsksWhatComesNext,
    TooMuch,
}

impl From<End> for Seen {
    fn from(end: End) -> Self {
        match end {
            End::AsksWhatComesNext => Self::AsksWhatComesNext,
            End::TooMuch => Self::TooLittle,
        }
    }
}

/// The last thing that a type was given: what it probably refused.
#[derive(Debug, Clone, Copy)]
enum Last {
    Nothing,
    /// An answer at a place that has so many.
    Answer(u64, usize),
    Choice(usize, Refused),
}

/// The state of the runs.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) human_readable: bool,
    pub(super) choices: Choices,
    /// What was asked for in this run.
    log: Vec<u8>,
    /// Where in the value this run is: a hash of the way there.
    place: u64,
    depth: usize,
    steps: usize,
    /// Which answer to give, where it is not the first.
    answers: HashMap<u64, usize>,
    level: usize,
    last: Last,
    end: Option<End>,
}

impl Trace {
    fn new(human_readable: bool) -> Self {
        Self {
            human_readable,
            choices: Choices::default(),
            log: Vec::new(),
            place: 0,
            depth: 0,
            steps: 0,
            answers: HashMap::new(),
            level: 0,
            last: Last::Nothing,
            end: None,
        }
    }

    /// Begins a run.
    fn start(&mut self) {
        self.choices.reset();
        self.log.clear();
        (self.place, self.depth) = (0, 0);
        self.last = Last::Nothing;
    }

    /// After a run that was refused: changes what was probably refused; `false` if nothing is left
    /// to be changed.
    fn try_otherwise(&mut self) -> bool {
        let changed = match self.last {
            Last::Nothing => false,
            Last::Choice(id, refused) => self.choices.change(id, refused),
            Last::Answer(place, of) => {
                let answer = self.answers.entry(place).or_default();
                *answer += 1;
                *answer < of
            }
        };
        self.start();
        if !changed {
            self.answers.clear();
            self.level += 1;
        }
        self.level < LEVELS
    }

    /// One more value is asked for, of this kind and with these names.
    pub(super) fn step(&mut self, kind: &str, names: &[&str]) -> Result<(), Refusal> {
        self.steps += 1;
        if self.steps > STEPS {
            return Err(self.end(End::TooMuch));
        }
        self.note(kind);
        self.log.extend_from_slice(&(names.len() as u64).to_le_bytes());
        names.iter().for_each(|name| self.note(name));
        Ok(())
    }

    pub(super) fn note(&mut self, text: &str) {
        self.note_number(text.len());
        self.log.extend_from_slice(text.as_bytes());
    }

    pub(super) fn note_number(&mut self, number: usize) {
        self.log.extend_from_slice(&(number as u64).to_le_bytes());
    }

    /// The answer to give here.
    pub(super) fn answer<A: Copy>(&mut self, answers: &[A]) -> A {
        let index = self.answers.get(&self.place).map_or(0, |index| *index) + self.level;
        self.last = Last::Answer(self.place, answers.len());
        let index = index % answers.len();
        self.note_number(index);
        answers[index]
    }

    pub(super) fn asked_what_comes_next(&mut self) -> Refusal {
        self.end(End::AsksWhatComesNext)
    }

    fn end(&mut self, end: End) -> Refusal {
        self.end.get_or_insert(end);
        Refusal::new()
    }

    /// Goes down to the part called `part`; gives what [`leave`](Self::leave) needs.
    pub(super) fn enter(&mut self, part: usize) -> Result<u64, Refusal> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.end(End::TooMuch));
        }
        let mixed = (self.place ^ (part as u64 + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Ok(std::mem::replace(&mut self.place, mixed.rotate_left(29)))
    }

    pub(super) const fn leave(&mut self, place: u64) {
        self.depth -= 1;
        self.place = place;
    }

    /// The number of the type that `V` reads.
    pub(super) fn id<V>(&mut self, size: usize) -> usize {
        let identity: Identity = (std::any::type_name::<V>(), size);
        self.choices.id(identity)
    }

    /// Whether to put something into the container.
    pub(super) fn open(&mut self, id: usize) -> bool {
        let open = self.choices.open(id);
        if !open {
            self.last = Last::Choice(id, Refused::Empty);
            self.note_number(id);
        }
        open
    }

    /// The struct asked for no element of the sequence that it was offered.
    pub(super) const fn wants_names(&mut self, id: usize) {
        self.last = Last::Choice(id, Refused::Sequence);
    }

    pub(super) const fn steps(&self) -> usize {
        self.steps
    }
}
