//! Who wants to know what others do.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dogpile::BoxFuture;
use dogpile::backend::{Listener, Waiters};
use tokio::time::Instant;

/// So long after somebody has last waited for a lease the next one finds a connection.
const LINGER: Duration = Duration::from_secs(30);

/// Those who listen, and those who wait for a lease.
///
/// One task tells them, step by step and not under the lock: what they do is theirs, and may end the
/// listening itself.
#[derive(Default)]
pub(super) struct Board {
    state: Mutex<State>,
    waiters: Waiters,
}

#[derive(Default)]
struct State {
    members: Vec<Member>,
    last: u64,
    /// Whether the task is there.
    heard: bool,
    /// When somebody has last waited.
    awaited: Option<Instant>,
    /// Whether the store is gone: listeners may outlive it, waiters do not count any more.
    closed: bool,
}

/// A listener, and whether it was told that all is told from now on.
struct Member {
    id: Id,
    listener: Arc<dyn Listener>,
    begun: bool,
}

/// Which listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(u64);

impl State {
    fn is_needed(&self) -> bool {
        let waits = self.awaited.is_some_and(|at| at.elapsed() < LINGER);
        !self.members.is_empty() || (waits && !self.closed)
    }
}

impl Board {
    pub(super) fn join(&self, listener: Arc<dyn Listener>) -> Id {
        let mut state = self.state();
        state.last += 1;
        let id = Id(state.last);
        state.members.push(Member { id, listener, begun: false });
        id
    }

    pub(super) fn leave(&self, id: Id) {
        let place = {
            let mut state = self.state();
            let place = state.members.iter().position(|member| member.id == id);
            place.map(|place| state.members.remove(place))
        };
        // Without the lock: it may be the last to hold who knows what.
        drop(place);
    }

    /// Resolves when a lease is told to be free.
    pub(super) fn freed(&self, name: &str) -> BoxFuture<'static, ()> {
        self.state().awaited = Some(Instant::now());
        self.waiters.freed(name)
    }

    pub(super) fn closes(&self) {
        self.state().closed = true;
    }

    /// Whether a task is needed that is not there; it is from now on.
    pub(super) fn begins(&self) -> bool {
        let mut state = self.state();
        let begins = !state.heard && state.is_needed();
        state.heard |= begins;
        begins
    }

    /// Whether the task is not needed any more; it is gone from now on.
    pub(super) fn ends(&self) -> bool {
        let mut state = self.state();
        state.heard = state.is_needed();
        !state.heard
    }

    /// Whether anybody wants to know.
    pub(super) fn is_needed(&self) -> bool {
        self.state().is_needed()
    }

    /// The task is gone, needed or not.
    pub(super) fn is_deserted(&self) {
        self.state().heard = false;
    }

    /// From now on everything is told: to those who do not know yet.
    pub(super) fn all_is_told(&self) {
        self.turn(true).iter().for_each(|listener| listener.begins());
    }

    /// Something may not have been told.
    pub(super) fn lost(&self) {
        self.turn(false).iter().for_each(|listener| listener.lost());
    }

    pub(super) fn moved(&self, register: &str) {
        let all: Vec<_> =
            self.state().members.iter().map(|member| Arc::clone(&member.listener)).collect();
        all.iter().for_each(|listener| listener.moved(register));
    }

    pub(super) fn given_back(&self, lease: &str) {
        self.waiters.tell(lease);
    }

    /// Those for whom this is new.
    fn turn(&self, begun: bool) -> Vec<Arc<dyn Listener>> {
        let mut state = self.state();
        let turned = state.members.iter_mut().filter(|member| member.begun != begun);
        turned
            .map(|member| {
                member.begun = begun;
                Arc::clone(&member.listener)
            })
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one call: a poisoned state is sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (listeners, heard) = {
            let state = self.state();
            (state.members.len(), state.heard)
        };
        f.debug_struct("Board").field("listeners", &listeners).field("heard", &heard).finish()
    }
}
