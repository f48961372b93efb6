//! Whose turn it is to be the deliverer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shared::Shared;
use crate::clock::Tick;
use crate::units::secs;

/// After so long without a word the deliverer is taken to be lost: its runtime may be there and
/// not run. Longer than its longest pause; that two deliver at once does no harm.
pub(super) const TURN_LIFE: Duration = secs(60);

/// Who is the deliverer at present.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Holder>);

#[derive(Debug, Default)]
struct Holder {
    number: u64,
    /// When it is taken to be lost; `None`: there is none.
    until: Option<Tick>,
}

/// The right to be the deliverer. Given back on every way out: the task may be dropped with its
/// runtime, before or after its first poll.
pub(super) struct Turn {
    shared: Arc<Shared>,
    number: u64,
}

impl Turns {
    fn lock(&self) -> MutexGuard<'_, Holder> {
        // Nothing between lock and unlock can panic: a poisoned holder is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody is the deliverer.
    #[cfg(test)]
    pub(super) fn is_free(&self) -> bool {
        self.lock().until.is_none()
    }
}

impl Turn {
    /// Takes the turn if nobody has it.
    pub(super) fn take(shared: &Arc<Shared>) -> Option<Self> {
        let now = shared.now();
        let mut holder = shared.turns.lock();
        if holder.until.is_some_and(|until| now < until) {
            return None;
        }
        holder.number += 1;
        holder.until = Some(now.after(TURN_LIFE));
        Some(Self { shared: Arc::clone(shared), number: holder.number })
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Says that the deliverer is there; `false` if another one has taken its turn.
    pub(super) fn renew(&self) -> bool {
        let now = self.shared.now();
        let mut holder = self.shared.turns.lock();
        let mine = holder.number == self.number;
        if mine {
            holder.until = Some(now.after(TURN_LIFE));
        }
        mine
    }

    /// Gives the turn back, or goes on: who left something just before has started nobody.
    pub(super) fn end(self) -> Option<Self> {
        let shared = Arc::clone(&self.shared);
        drop(self);
        if shared.journal.left() == 0 { None } else { Self::take(&shared) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut holder = self.shared.turns.lock();
        if holder.number == self.number {
            holder.until = None;
        }
    }
}
