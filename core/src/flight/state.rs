//! The state of one flight, behind one small lock.

use std::sync::{Arc, PoisonError};
use std::task::Waker;

use tokio::runtime;
use tokio::time::Instant;

use super::keeper::Keepers;
use super::waiters::{Place, Until, Waiters};
use super::{FlightKey, Flights, MAX_FAILURES};
use crate::sync::{AtomicUsize, Mutex, MutexGuard, OnceLock};
use crate::value::AnyEntry;

/// One creation and everybody who waits for it.
pub(super) struct Flight {
    pub(super) key: FlightKey,
    /// The map that it is in until it has ended.
    pub(super) flights: Arc<Flights>,
    /// Written once, under the lock, after the flight has left the map; read without it.
    end: OnceLock<End>,
    state: Mutex<State>,
    /// How many hold a seat; changed under the lock of the map's shard, and only until the end.
    pub(super) seats: AtomicUsize,
}

#[derive(Default)]
struct State {
    led: bool,
    failures: u32,
    waiters: Waiters,
    keepers: Keepers,
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
    pub(super) fn new(flights: Arc<Flights>, key: FlightKey) -> Self {
        Self {
            key,
            flights,
            end: OnceLock::new(),
            state: Mutex::default(),
            seats: AtomicUsize::new(0),
        }
    }

    /// How the flight ended, if it has.
    pub(super) fn end(&self) -> Option<&End> {
        self.end.get()
    }

    /// Takes the lead or the result if either is there.
    pub(super) fn look(&self) -> Look {
        if let Some(end) = self.end() {
            return Look::Ended(end.clone());
        }
        self.look_locked(&mut self.state())
    }

    /// The same for somebody whom `waker` calls when it is worth looking again, until `until`.
    ///
    /// Who waits has a place, who leads or has waited for as long as they may has none.
    pub(super) fn look_or_wait(
        self: &Arc<Self>,
        place: &mut Option<Place>,
        until: Until,
        waker: &Waker,
    ) -> Look {
        if let Some(end) = self.end() {
            return Look::Ended(end.clone());
        }
        let mut state = self.state();
        let look = self.look_locked(&mut state);
        let waits = matches!(look, Look::Wait) && !(place.is_some() && until.is_over());
        let unused = if waits {
            state.keepers.keep(self, until);
            state.waiters.wait(place, until, waker)
        } else {
            // It may come without having been called: nobody must call it any more.
            place.take().and_then(|place| state.waiters.leave(place))
        };
        drop(state);
        drop(unused);
        look
    }

    fn look_locked(&self, state: &mut State) -> Look {
        if let Some(end) = self.end() {
            return Look::Ended(end.clone());
        }
        if state.led {
            return Look::Wait;
        }
        state.led = true;
        Look::Taken
    }

    /// Gives up a place among those who wait. A turn that was offered to it goes to the next.
    pub(super) fn stop_waiting(&self, place: Place) {
        if self.end().is_some() {
            return;
        }
        let mut state = self.state();
        let offered = !state.led && state.waiters.is_offered_to(place);
        let unused = state.waiters.leave(place);
        let next = if offered { state.waiters.offer() } else { None };
        drop(state);
        drop(unused);
        wake(next);
    }

    /// Ends the flight with a value.
    pub(super) fn land(self: &Arc<Self>, entry: Arc<dyn AnyEntry>) {
        self.finish(End::Landed(entry));
    }

    /// Frees the lead after a drop: the next waiter leads at once.
    pub(super) fn hand_on(&self) {
        let mut state = self.state();
        state.led = false;
        if self.key.is_turn() {
            state.failures = 0;
        }
        let next = state.waiters.offer();
        drop(state);
        wake(next);
    }

    /// Frees the lead after a failure; one failure too many ends the flight.
    pub(super) fn fail(self: &Arc<Self>) {
        let mut state = self.state();
        state.failures += 1;
        let over = state.failures >= MAX_FAILURES;
        drop(state);
        if over { self.finish(End::Failed) } else { self.hand_on() }
    }

    /// Ends the flight, which its leader does before it gives up the lead.
    fn finish(self: &Arc<Self>, end: End) {
        // First out of the map: whoever finds it there can still count on it.
        self.flights.close(self);
        let mut state = self.state();
        let waiters = std::mem::take(&mut state.waiters);
        state.keepers.dismiss();
        // There is one leader, who is here: nobody has set it.
        let _ = self.end.set(end);
        drop(state);
        waiters.wake_all();
    }

    /// Calls everybody who has waited for as long as they may; says when the next will have, which
    /// is when the keeper of `runtime` asks again.
    pub(super) fn expire(&self, now: Instant, runtime: runtime::Id) -> Option<Instant> {
        let mut state = self.state();
        let over = state.waiters.expire(now);
        let next = state.waiters.first_over();
        match next {
            Some(next) => state.keepers.goes_on(runtime, next),
            None => state.keepers.dismiss(),
        }
        drop(state);
        over.into_iter().for_each(Waker::wake);
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code of a caller runs under this lock: a poisoned state is sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
