//! The bumps that were acknowledged lately: what a backend that lost its memory may have lost.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Tick;
use crate::units::secs;

/// How long an acknowledged bump is remembered.
pub(super) const RECENT_LIFE: Duration = secs(60);
/// How many of them are remembered.
pub(super) const MAX_RECENT: usize = 10_000;

/// A bounded memory of registers; the oldest is forgotten first.
#[derive(Debug, Default)]
pub(super) struct Recent {
    bumps: HashMap<Arc<str>, Bump>,
    order: BTreeMap<u64, Arc<str>>,
    next: u64,
    /// When the last one was bumped that had to be forgotten before its time.
    spilled: Option<Tick>,
}

#[derive(Debug, Clone, Copy)]
struct Bump {
    place: u64,
    at: Tick,
}

/// What is taken out of a [`Recent`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) registers: Vec<Arc<str>>,
    /// Whether there were more than could be remembered.
    pub(super) incomplete: bool,
}

impl Recent {
    /// Remembers that `register` was bumped.
    pub(super) fn push(&mut self, register: &Arc<str>, now: Tick) {
        let bump = Bump { place: self.next, at: now };
        self.next += 1;
        if let Some(earlier) = self.bumps.insert(Arc::clone(register), bump) {
            self.order.remove(&earlier.place);
        }
        self.order.insert(bump.place, Arc::clone(register));
        self.forget_old(now);
        if self.bumps.len() > MAX_RECENT {
            self.spilled = self.forget_first().or(self.spilled);
        }
    }

    /// All that is remembered; nothing is afterwards.
    pub(super) fn take(&mut self, now: Tick) -> Taken {
        self.forget_old(now);
        let Self { order, spilled, .. } = std::mem::take(self);
        let incomplete = spilled.is_some_and(|at| now.since(at) < RECENT_LIFE);
        Taken { registers: order.into_values().collect(), incomplete }
    }

    fn forget_old(&mut self, now: Tick) {
        while self.first().is_some_and(|bump| now.since(bump.at) >= RECENT_LIFE) {
            self.forget_first();
        }
    }

    fn first(&self) -> Option<Bump> {
        let (_, register) = self.order.first_key_value()?;
        self.bumps.get(register).copied()
    }

    fn forget_first(&mut self) -> Option<Tick> {
        let (_, register) = self.order.pop_first()?;
        self.bumps.remove(&register).map(|bump| bump.at)
    }
}
