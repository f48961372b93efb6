//! Who is told of invalidations.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::super::{Listener, Listening};

/// The listeners of one store.
#[derive(Debug, Clone, Default)]
pub(super) struct Listeners(Arc<Mutex<Vec<Weak<dyn Listener>>>>);

/// One of them, as long as it listens.
#[derive(Debug)]
pub(super) struct Heard {
    listener: Arc<dyn Listener>,
    others: Listeners,
}

impl Listeners {
    pub(super) fn add(&self, listener: Arc<dyn Listener>) -> Heard {
        self.all().push(Arc::downgrade(&listener));
        listener.begins();
        Heard { listener, others: self.clone() }
    }

    pub(super) fn moved(&self, register: &str) {
        self.tell(|listener| listener.moved(register));
    }

    /// What the store has lost nobody was told of.
    pub(super) fn lost(&self) {
        self.tell(Listener::lost);
        self.tell(Listener::begins);
    }

    fn tell(&self, what: impl Fn(&dyn Listener)) {
        // Called without the lock: what they do is theirs.
        let listeners: Vec<_> = self.all().iter().filter_map(Weak::upgrade).collect();
        listeners.iter().for_each(|listener| what(&**listener));
    }

    fn all(&self) -> MutexGuard<'_, Vec<Weak<dyn Listener>>> {
        // Every change is one call: a poisoned list is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listening for Heard {}

impl Drop for Heard {
    fn drop(&mut self) {
        let own = Arc::downgrade(&self.listener);
        self.others.all().retain(|other| !other.ptr_eq(&own) && other.strong_count() > 0);
    }
}
