//! Locks that are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dogpile::{BoxFuture, LocalLocks, Locks, Owner, Result};

/// The local locks, and how many leases were ever taken. All clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct CountedLocks {
    locks: Arc<LocalLocks>,
    taken: Arc<AtomicUsize>,
}

impl CountedLocks {
    /// How many leases are held.
    pub(crate) fn held(&self) -> usize {
        self.locks.len()
    }

    /// How many were ever taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

impl Locks for CountedLocks {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let taken = self.locks.try_acquire(name, owner, lease).await?;
            self.taken.fetch_add(usize::from(taken), Ordering::SeqCst);
            Ok(taken)
        })
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.locks.renew(name, owner, lease)
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        self.locks.release(name, owner)
    }

    fn abandon(&self, name: &str, owner: Owner) {
        self.locks.abandon(name, owner);
    }

    fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        self.locks.freed(name)
    }
}
