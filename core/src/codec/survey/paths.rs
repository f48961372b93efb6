//! What a value holds at each place, to say where two values differ. Only made when they do.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::serializer::Walk;

/// One step down into a value. Shows names of the type only, never a key of a map.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// What a `Some` or a newtype holds.
    Through,
    Field(&'static str),
    Index(usize),
    Variant(&'static str),
    Element,
    Key,
    Value,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Through => Ok(()),
            Self::Field(name) => write!(f, ".{name}"),
            Self::Index(index) => write!(f, ".{index}"),
            Self::Variant(name) => write!(f, "::{name}"),
            Self::Element => f.write_str("[]"),
            Self::Key => f.write_str("{key}"),
            Self::Value => f.write_str("{}"),
        }
    }
}

/// For every path the sum of the digests found there.
#[derive(Debug, Default)]
pub(super) struct Paths(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    current: String,
    sums: BTreeMap<String, u128>,
}

impl Paths {
    pub(super) fn of<T: Serialize>(value: &T, human: bool) -> Self {
        let paths = Self::default();
        // What fails half-way has its places up to there.
        let _ = value.serialize(Walk::<true>::for_digest(human, Some(&paths)));
        paths
    }

    /// Goes one step down; gives what [`up`](Self::up) needs.
    pub(super) fn down(&self, step: Step) -> usize {
        let State { current, .. } = &mut *self.0.borrow_mut();
        let before = current.len();
        current.push_str(&step.to_string());
        before
    }

    /// Comes back up, with the digest of what was found below.
    pub(super) fn up(&self, before: usize, digest: u128) {
        let State { current, sums } = &mut *self.0.borrow_mut();
        let sum = sums.entry(current.clone()).or_default();
        *sum = sum.wrapping_add(digest);
        current.truncate(before);
    }

    /// The first of the deepest places that differ.
    pub(super) fn first_difference(&self, other: &Self) -> String {
        let (ours, theirs) = (&self.0.borrow().sums, &other.0.borrow().sums);
        let differs = |path: &&String| ours.get(*path) != theirs.get(*path);
        let differing: Vec<&String> = ours.keys().chain(theirs.keys()).filter(differs).collect();
        let innermost = |path: &&&String| {
            !differing
                .iter()
                .any(|other| other.len() > path.len() && other.starts_with(path.as_str()))
        };
        differing.iter().find(innermost).map(|path| (**path).clone()).unwrap_or_default()
    }
}
