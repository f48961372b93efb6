//! The state of one flight, behind one small lock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::MAX_FAILURES;
use crate::value::AnyEntry;

/// One creation and everybody who waits for it.
#[derive(Default)]
pub(super) struct Flight {
    state: Mutex<State>,
    /// Woken one at a time when the lead is free, all at once when the flight has ended.
    pub(super) changed: Notify,
    /// How many hold a seat; only touched under the lock of the map's shard.
    seats: AtomicUsize,
}

#[derive(Default)]
struct State {
    led: bool,
    failures: u32,
    end: Option<End>,
}

/// How a flight ended.
#[derive(Clone)]
pub(super) enum End {
    Landed(Arc<dyn AnyEntry>),
    Failed,
}

/// What a seat finds when it looks.
pub(super) enum Look {
    Ended(End),
    /// The lead was free and is now the looker's.
    Taken,
    Wait,
}

impl Flight {
    pub(super) fn enter(&self) {
        self.seats.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether this was the last seat.
    pub(super) fn exit(&self) -> bool {
        self.seats.fetch_sub(1, Ordering::Relaxed) == 1
    }

    pub(super) fn look(&self) -> Look {
        let mut state = self.state();
        if let Some(end) = &state.end {
            return Look::Ended(end.clone());
        }
        if state.led {
            return Look::Wait;
        }
        state.led = true;
        Look::Taken
    }

    pub(super) fn land(&self, entry: Arc<dyn AnyEntry>) {
        self.state().end = Some(End::Landed(entry));
        self.changed.notify_waiters();
    }

    /// Frees the lead after a drop: the next waiter leads at once.
    pub(super) fn hand_on(&self) {
        self.state().led = false;
        self.changed.notify_one();
    }

    /// Frees the lead after a failure. One failure too many ends the flight, after `close` has taken
    /// it out of the map: whoever comes then starts another.
    pub(super) fn fail(&self, close: impl FnOnce()) {
        let mut state = self.state();
        state.led = false;
        state.failures += 1;
        let over = state.failures >= MAX_FAILURES;
        if over {
            close();
            state.end = Some(End::Failed);
        }
        drop(state);
        if over {
            self.changed.notify_waiters();
        } else {
            self.changed.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code of a caller runs under this lock: a poisoned state is sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
