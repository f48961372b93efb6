//! What connections that went back to their pool may have left set.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::connection::Settings;

/// Odd while a connection of the pool may have other settings than it began with.
#[derive(Debug, Default)]
pub(crate) struct LeftBehind {
    turn: AtomicU64,
    settings: Mutex<Settings>,
}

impl LeftBehind {
    /// While this is the same, every connection of the pool is as it was when it began; `None` if one
    /// may not be.
    pub(crate) fn clean(&self) -> Option<u64> {
        let turn = self.turn.load(Ordering::SeqCst);
        turn.is_multiple_of(2).then_some(turn)
    }

    /// The settings of a connection that is taken from the pool.
    pub(crate) fn settings(&self) -> Settings {
        if self.clean().is_some() {
            return Settings::default();
        }
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A connection is about to go back to the pool; `only` if the pool has no other.
    ///
    /// Where there are several nobody can tell which of them it was, for as long as the pool lives.
    pub(crate) fn add(&self, settings: &Settings, only: bool) {
        let left = settings.left();
        let is_clean = left == Settings::default();
        if is_clean && (!only || self.clean().is_some()) {
            return;
        }
        let mut all = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        if only {
            *all = left;
        } else {
            all.merge(left);
        }
        // A read that began before must not take what it finds for what it was.
        let next = self.turn.load(Ordering::SeqCst) + 1;
        let is_right = next.is_multiple_of(2) == is_clean;
        self.turn.store(if is_right { next } else { next + 1 }, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_connection_can_be_reset_and_several_cannot() {
        for only in [true, false] {
            let left = LeftBehind::default();
            let clean = left.clean();
            left.add(&Settings::default(), only);
            assert_eq!(left.clean(), clean);
            left.add(&Settings::unknown(), only);
            assert_eq!((left.clean(), left.settings().are_known()), (None, false));
            left.add(&Settings::default(), only);
            assert_eq!(left.clean().is_some(), only);
            assert_ne!(left.clean(), clean);
        }
    }
}
