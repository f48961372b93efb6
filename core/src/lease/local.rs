//! Leases within one process.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{BoxFuture, Locks, Owner};
use crate::Result;
use crate::clock::{Clock, CoarseClock, Tick};

/// A keyed lock in memory: what a region uses whose values live in this process.
#[derive(Debug)]
pub struct LocalLocks {
    held: Mutex<HashMap<String, (Owner, Tick)>>,
    clock: Arc<dyn Clock>,
}

impl LocalLocks {
    /// Locks whose leases end by the given clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { held: Mutex::default(), clock }
    }

    /// How many leases are held, ended ones included until somebody asks for them.
    pub fn len(&self) -> usize {
        self.held().len()
    }

    /// Whether no lease is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, (Owner, Tick)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, name: &str, owner: Owner, lease: Duration) -> bool {
        let now = self.clock.now();
        match self.held().entry(name.to_owned()) {
            Entry::Occupied(held) if held.get().1 > now => false,
            entry => {
                entry.insert_entry((owner, now.after(lease)));
                true
            }
        }
    }

    fn extend(&self, name: &str, owner: Owner, lease: Duration) -> bool {
        let until = self.clock.now().after(lease);
        match self.held().get_mut(name) {
            Some(held) if held.0 == owner => {
                held.1 = until;
                true
            }
            _ => false,
        }
    }

    fn give_back(&self, name: &str, owner: Owner) {
        let mut held = self.held();
        if held.get(name).is_some_and(|(holder, _)| *holder == owner) {
            held.remove(name);
        }
    }
}

impl Default for LocalLocks {
    fn default() -> Self {
        Self::new(Arc::new(CoarseClock))
    }
}

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
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{LocalLocks, Owner};
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
        assert!(locks.take("k", b, secs(3)), "an ended lease is still held");
        assert!(!locks.extend("k", a, secs(3)));
        locks.give_back("k", a);
        assert_eq!(locks.len(), 1, "a stranger gave the lease back");
        locks.give_back("k", b);
        assert!(locks.is_empty());
    }
}
