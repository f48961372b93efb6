//! What a model is: a state, and the steps that lead out of it.

use std::fmt;
use std::hash::Hash;

use super::properties::Broken;

/// Something that moves in steps. Any actor may move at any time; that is the whole scheduler.
pub(super) trait Model {
    type State: Clone + Eq + Hash;

    fn initial(&self) -> Self::State;

    /// Every single step that some actor can take now.
    fn steps(&self, from: &Self::State) -> Vec<Step<Self::State>>;

    /// One name for states that differ only in which of two equal readers is which.
    /// Only the set of visited states uses it; traces are made of the states really met.
    fn canonical(&self, state: &Self::State) -> Self::State;
}

/// One step: who did what, the state after it, and what it broke.
pub(super) struct Step<S> {
    pub(super) label: Label,
    pub(super) to: S,
    pub(super) broken: Vec<Broken>,
}

impl<S> Step<S> {
    pub(super) fn new(who: Who, does: &'static str, to: S) -> Self {
        Self { label: Label { who, does }, to, broken: Vec::new() }
    }

    pub(super) fn breaking(self, broken: Vec<Broken>) -> Self {
        Self { broken, ..self }
    }
}

#[derive(Clone, Copy)]
pub(super) enum Who {
    Reader(usize),
    Writer(usize),
    Store,
}

#[derive(Clone, Copy)]
pub(super) struct Label {
    pub(super) who: Who,
    pub(super) does: &'static str,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Who::Reader(i) => write!(f, "R{i} {}", self.does),
            Who::Writer(i) => write!(f, "W{i} {}", self.does),
            Who::Store => write!(f, "store {}", self.does),
        }
    }
}
