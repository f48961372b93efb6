//! What the links to one backend have in common in this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::breaker::{Breaker, Opened};
use super::event::LinkEvent;
use super::journal::Journal;
use super::turn::Turns;
use crate::backend::Listening;
use crate::clock::{Clock, Tick};
use crate::tag::Known;

/// The state of one [`identity`](crate::backend::Backend::identity).
///
/// It lives as long as a link to the backend does, or something is owed to it: what is left points
/// at the link that owes, which points here. Delivering it breaks the ring.
pub(super) struct Shared {
    pub(super) breaker: Breaker,
    pub(super) journal: Journal,
    pub(super) known: Known,
    /// What keeps the backend telling us, once somebody wants to hear.
    pub(super) listening: OnceLock<Option<Box<dyn Listening>>>,
    /// The clock of the link that came first: the ticks of two clocks cannot be compared.
    clock: Arc<dyn Clock>,
    pub(super) turns: Turns,
    /// Tells the deliverer to try now.
    pub(super) wake: Notify,
    /// Something is no longer owed.
    pub(super) settled: Notify,
    recovery: Mutex<Option<Recovery>>,
}

/// The backend is back, and what was owed is on its way.
#[derive(Debug, Clone, Copy)]
struct Recovery {
    down_for: Duration,
    owed: usize,
    delivered: usize,
}

impl Shared {
    /// The state of `identity`; `clock` is for the first who asks.
    pub(super) fn of(identity: String, clock: &Arc<dyn Clock>) -> Arc<Self> {
        static ALL: LazyLock<Mutex<HashMap<String, Weak<Shared>>>> = LazyLock::new(Mutex::default);
        let mut all = lock(&ALL);
        if let Some(shared) = all.get(&identity).and_then(Weak::upgrade) {
            return shared;
        }
        all.retain(|_, shared| shared.strong_count() > 0);
        let shared = Arc::new(Self::new(Arc::clone(clock)));
        all.insert(identity, Arc::downgrade(&shared));
        shared
    }

    fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            breaker: Breaker::default(),
            journal: Journal::default(),
            known: Known::new(),
            listening: OnceLock::new(),
            clock,
            turns: Turns::default(),
            wake: Notify::new(),
            settled: Notify::new(),
            recovery: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Tick {
        self.clock.now()
    }

    /// The breaker has opened.
    pub(super) fn opened(&self, opened: Opened) {
        let unfinished = lock(&self.recovery).take();
        unfinished.into_iter().for_each(|recovery| self.tell(recovery.event()));
        let Opened { failures, retry_in } = opened;
        self.tell(LinkEvent::Opened { failures, retry_in });
    }

    /// The breaker has closed: said at once if nothing is left to be delivered, else when it is.
    pub(super) fn closed(&self, down_for: Duration) {
        let recovery = Recovery { down_for, owed: self.journal.left(), delivered: 0 };
        *lock(&self.recovery) = Some(recovery);
        self.wake.notify_one();
        self.delivered(0);
    }

    /// Registers that were left have been delivered.
    pub(super) fn delivered(&self, registers: usize) {
        self.settled.notify_waiters();
        let mut recovery = lock(&self.recovery);
        if let Some(recovery) = recovery.as_mut() {
            recovery.delivered += registers;
        }
        let done = if self.journal.left() == 0 { recovery.take() } else { None };
        drop(recovery);
        done.into_iter().for_each(|recovery| self.tell(recovery.event()));
    }

    /// Tells all links.
    pub(super) fn tell(&self, event: LinkEvent) {
        let members = self.journal.change(|ledger| ledger.members());
        members.iter().for_each(|member| member.tell(&event));
    }
}

impl Recovery {
    fn event(self) -> LinkEvent {
        let Self { down_for, owed, delivered } = self;
        // More may have been left since.
        LinkEvent::Recovered { down_for, owed: owed.max(delivered), delivered }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The ledger points at members, and members point here.
        let left = self.journal.left();
        f.debug_struct("Shared")
            .field("breaker", &self.breaker)
            .field("left", &left)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is one assignment: a poisoned value is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
