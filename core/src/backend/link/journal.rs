//! The journal: the ledger behind a lock, and what can be asked of it without the lock.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ledger::Ledger;

/// What is owed to one backend in this process.
///
/// Bounded: [`MAX_OWED`](super::ledger::MAX_OWED) registers are known by name. One more that is
/// left undelivered, and the epochs of all regions on the backend are owed in place of the names;
/// until they have moved, everything is owed. What that guarantees: no region *of this process*
/// serves what depends on a name that was let go, now or later, and no process serves it from a
/// region that this one has, too. What it does not: a region that only other processes have may go
/// on serving what depends on such a name until its `ttl`.
#[derive(Debug, Default)]
pub(super) struct Journal {
    ledger: Mutex<Ledger>,
    owing: AtomicBool,
    left: AtomicUsize,
    replays: AtomicU64,
}

impl Journal {
    /// Whether one of `registers` is owed. One atomic load while nothing is.
    #[inline]
    pub(super) fn owes(&self, registers: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
        // Whoever comes after the owing sees it, on any thread: `change` stores before it returns.
        self.is_owing() && self.lock().owes(registers)
    }

    /// Whether any register is owed.
    #[inline]
    pub(super) fn is_owing(&self) -> bool {
        self.owing.load(Ordering::SeqCst)
    }

    /// How many registers wait for the deliverer.
    pub(super) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// How often the backend was seen to have lost its memory.
    ///
    /// Who reads a number also sees in [`owes`](Self::owes) what that loss made owed.
    pub(super) fn replays(&self) -> u64 {
        self.replays.load(Ordering::SeqCst)
    }

    /// Works on the ledger. `work` must call nobody else's code.
    pub(super) fn change<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledger = self.lock();
        let output = work(&mut ledger);
        self.owing.store(!ledger.is_clear(), Ordering::SeqCst);
        self.left.store(ledger.left(), Ordering::SeqCst);
        self.replays.store(ledger.replays, Ordering::SeqCst);
        let spent = ledger.take_spent();
        drop(ledger);
        drop(spent);
        output
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        // Plain bookkeeping does not panic half-way: a poisoned ledger is sound.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
