//! Who waits for a lease to be given back.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use tokio::sync::Notify;

use super::BoxFuture;
use crate::sync::{Mutex, MutexGuard};

/// Waiters for leases, to be woken by name: what [`Locks::freed`](super::Locks::freed) is made of.
///
/// Cheap to clone; clones are the same. Keeps nothing about a lease that nobody waits for.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use dogpile::backend::Waiters;
///
/// let waiters = Waiters::default();
/// let freed = waiters.freed("lease");
/// waiters.tell("lease");
/// freed.await;
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Waiters(Arc<Mutex<HashMap<String, Awaited>>>);

/// A lease that somebody waits for.
#[derive(Debug, Default)]
struct Awaited {
    told: Arc<Notify>,
    waiters: usize,
}

impl Waiters {
    /// Resolves when `name` is told from now on, whether or not it is polled by then.
    pub fn freed(&self, name: &str) -> BoxFuture<'static, ()> {
        let told = {
            let mut all = self.all();
            let awaited = all.entry(name.to_owned()).or_default();
            awaited.waiters += 1;
            Arc::clone(&awaited.told)
        };
        let freed = Arc::clone(&told).notified_owned();
        let place = Place { waiters: self.clone(), name: name.to_owned(), told };
        Box::pin(async move {
            freed.await;
            drop(place);
        })
    }

    /// Wakes whoever waits for the lease `name`.
    pub fn tell(&self, name: &str) {
        let awaited = self.all().remove(name);
        awaited.iter().for_each(|awaited| awaited.told.notify_waiters());
    }

    /// Wakes everybody.
    pub fn tell_all(&self) {
        let all = std::mem::take(&mut *self.all());
        all.values().for_each(|awaited| awaited.told.notify_waiters());
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Awaited>> {
        // Every change is one call: a poisoned map is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One waiter, for as long as it waits.
struct Place {
    waiters: Waiters,
    name: String,
    told: Arc<Notify>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.waiters.all();
        // Told by then, it is gone, or another one in its place.
        let mine = all.get_mut(&self.name).filter(|there| Arc::ptr_eq(&there.told, &self.told));
        let Some(awaited) = mine else { return };
        awaited.waiters -= 1;
        if awaited.waiters == 0 {
            all.remove(&self.name);
        }
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use futures_util::FutureExt;

    use super::Waiters;

    #[test]
    fn all_waiters_of_a_lease_are_woken_and_those_of_others_are_not() {
        let waiters = Waiters::default();
        let (first, second, other) = (waiters.freed("a"), waiters.freed("a"), waiters.freed("b"));
        waiters.tell("a");
        assert_eq!((first.now_or_never(), second.now_or_never()), (Some(()), Some(())));
        assert_eq!(waiters.freed("a").now_or_never(), None, "told before it was asked");
        assert_eq!(other.now_or_never(), None);
        let (a, b) = (waiters.freed("a"), waiters.freed("b"));
        waiters.tell_all();
        assert_eq!((a.now_or_never(), b.now_or_never()), (Some(()), Some(())));
    }

    #[test]
    fn nothing_is_kept_about_a_lease_that_nobody_waits_for() {
        let waiters = Waiters::default();
        let (first, second) = (waiters.freed("a"), waiters.freed("a"));
        drop(first);
        assert!(!waiters.is_empty(), "the second still waits");
        waiters.tell("a");
        let later = waiters.freed("a");
        drop(second);
        assert!(!waiters.is_empty(), "whoever was told took another's place along");
        drop(later);
        assert!(waiters.is_empty());
        waiters.tell("a");
        assert!(waiters.is_empty());
    }
}
