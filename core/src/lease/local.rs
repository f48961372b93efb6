//! Leases within one process.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::ready;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{BoxFuture, Locks, Owner, Waiters};
use crate::Result;
use crate::clock::{Clock, CoarseClock, Tick};
use crate::sync::{Mutex, MutexGuard};

/// A keyed lock in memory: what a region uses whose values live in this process.
#[derive(Debug)]
pub struct LocalLocks {
    held: Mutex<Held>,
    waiters: Waiters,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct Held {
    leases: HashMap<String, (Owner, Tick)>,
    /// How many leases it takes before those that have ended are looked for.
    sweep_at: usize,
}

impl Held {
    /// Fewer leases than this are never swept.
    const SMALL: usize = 1024;

    /// Drops the ended leases that nobody has asked for again, now and then.
    ///
    /// The next sweep waits until there are twice as many as were left, so that each acquisition
    /// pays for a constant number of steps.
    fn sweep(&mut self, now: Tick) {
        if self.leases.len() >= self.sweep_at.max(Self::SMALL) {
            self.leases.retain(|_, (_, until)| *until > now);
            self.sweep_at = 2 * self.leases.len();
        }
    }

    fn is_held(&self, name: &str, owner: Owner, now: Tick) -> bool {
        self.leases.get(name).is_some_and(|(holder, until)| *holder == owner && *until > now)
    }
}

impl LocalLocks {
    /// Locks whose leases end by the given clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { held: Mutex::default(), waiters: Waiters::default(), clock }
    }

    /// How many leases are held, ended ones included until somebody asks for them or there are so
    /// many that they are swept.
    pub fn len(&self) -> usize {
        self.held().leases.len()
    }

    /// Whether no lease is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Does `work` if `owner` holds the lease, which nobody else can take meanwhile.
    ///
    /// `work` must be short, and must not ask for a lease.
    pub(crate) fn while_held<T>(
        &self,
        name: &str,
        owner: Owner,
        work: impl FnOnce() -> T,
    ) -> Option<T> {
        let held = self.held();
        held.is_held(name, owner, self.clock.now()).then(work)
    }

    /// Forgets every lease, as a store does that was restarted.
    pub(crate) fn clear(&self) {
        *self.held() = Held::default();
        self.waiters.tell_all();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, name: &str, owner: Owner, lease: Duration) -> bool {
        let mut held = self.held();
        // Read under the lock: no later moment has been seen by whoever holds the lease.
        let now = self.clock.now();
        held.sweep(now);
        match held.leases.entry(name.to_owned()) {
            Entry::Occupied(held) if held.get().1 > now => false,
            entry => {
                entry.insert_entry((owner, now.after(lease)));
                true
            }
        }
    }

    fn extend(&self, name: &str, owner: Owner, lease: Duration) -> bool {
        let mut held = self.held();
        let now = self.clock.now();
        if !held.is_held(name, owner, now) {
            return false;
        }
        held.leases.insert(name.to_owned(), (owner, now.after(lease)));
        true
    }

    fn give_back(&self, name: &str, owner: Owner) {
        let mut held = self.held();
        if held.leases.get(name).is_some_and(|(holder, _)| *holder == owner) {
            held.leases.remove(name);
            drop(held);
            self.waiters.tell(name);
        }
    }
}

impl Default for LocalLocks {
    fn default() -> Self {
        Self::new(Arc::new(CoarseClock))
    }
}

#[deny(clippy::missing_trait_methods)]
impl Locks for LocalLocks {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(ready(Ok(self.take(name, owner, lease))))
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(ready(Ok(self.extend(name, owner, lease))))
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        self.give_back(name, owner);
        Box::pin(ready(Ok(())))
    }

    fn abandon(&self, name: &str, owner: Owner) {
        self.give_back(name, owner);
    }

    fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        Some(self.waiters.freed(name))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Held, LocalLocks, Owner};
    use crate::{ManualClock, secs};

    #[test]
    fn a_lease_ends_by_itself_and_only_its_owner_gives_it_back() {
        let clock = ManualClock::new();
        let locks = LocalLocks::new(Arc::new(clock.clone()));
        let (a, b) = (Owner::random(), Owner::random());
        assert!(locks.take("k", a, secs(3)));
        assert!(!locks.take("k", b, secs(3)));
        clock.advance(secs(2));
        assert!(locks.extend("k", a, secs(3)));
        clock.advance(secs(2));
        assert!(!locks.take("k", b, secs(3)), "a renewed lease ended early");
        clock.advance(secs(2));
        assert!(!locks.extend("k", a, secs(3)), "an ended lease was renewed");
        assert!(locks.take("k", b, secs(3)), "an ended lease is still held");
        assert!(!locks.extend("k", a, secs(3)));
        locks.give_back("k", a);
        assert_eq!(locks.len(), 1, "a stranger gave the lease back");
        locks.give_back("k", b);
        assert!(locks.is_empty());
    }

    #[test]
    fn leases_that_nobody_gave_back_are_swept() {
        let clock = ManualClock::new();
        let locks = LocalLocks::new(Arc::new(clock.clone()));
        for n in 0..100 * Held::SMALL {
            locks.take(&n.to_string(), Owner::random(), secs(3));
            clock.advance(secs(1));
        }
        assert!(locks.len() <= Held::SMALL, "{} leases", locks.len());
    }

    #[test]
    fn what_a_lease_protects_is_done_by_its_holder_only() {
        let clock = ManualClock::new();
        let locks = LocalLocks::new(Arc::new(clock.clone()));
        let (a, b) = (Owner::random(), Owner::random());
        assert_eq!(locks.while_held("k", a, || 1), None);
        assert!(locks.take("k", a, secs(3)));
        assert_eq!(locks.while_held("k", a, || 1), Some(1));
        assert_eq!(locks.while_held("k", b, || 1), None);
        clock.advance(secs(3));
        assert_eq!(locks.while_held("k", a, || 1), None);
    }
}
