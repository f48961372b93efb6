//! Which servers this process has met, so that it notices when acknowledged writes may be lost.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use super::mask::Mask;

/// What tells one life of one server from all others: its run, and the history of its data.
///
/// A restart changes the run, also where the data come back from a snapshot. A failover changes the
/// history, also where a server that kept running was a replica for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) run: String,
    pub(super) history: String,
}

/// The servers that one backend has met. All handles of one identity share it: what one of them
/// notices concerns the bumps of all.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    incarnation: AtomicU64,
    met: Mutex<Met>,
}

#[derive(Debug, Default)]
struct Met {
    /// `None`: it would not say.
    lives: HashMap<String, Option<Life>>,
    /// All places were met that there were at first: a new one may stand for an old one.
    complete: bool,
}

impl Lineage {
    /// The lineage of `identity`.
    pub(crate) fn of(identity: &str) -> Arc<Self> {
        static ALL: LazyLock<Mutex<HashMap<String, Weak<Lineage>>>> = LazyLock::new(Mutex::default);
        let mut all = lock(&ALL);
        if let Some(lineage) = all.get(identity).and_then(Weak::upgrade) {
            return lineage;
        }
        all.retain(|_, lineage| lineage.strong_count() > 0);
        let lineage = Arc::new(Self::default());
        all.insert(identity.to_owned(), Arc::downgrade(&lineage));
        lineage
    }

    pub(crate) fn incarnation(&self) -> u64 {
        self.incarnation.load(Ordering::SeqCst)
    }

    /// A connection leads to this life of a server; called before anything is asked over it. Returns
    /// what its versions are masked with.
    pub(super) fn met(&self, place: &str, life: Option<Life>) -> Mask {
        let mask = Mask::of(life.as_ref());
        let mut met = lock(&self.met);
        let same = match met.lives.get(place) {
            Some(known) => life.is_some() && *known == life,
            None => !met.complete,
        };
        met.lives.insert(place.to_owned(), life);
        if !same {
            self.incarnation.fetch_add(1, Ordering::SeqCst);
        }
        mask
    }

    /// From now on a place that was not met before is a reason for doubt.
    pub(super) fn complete(&self) {
        lock(&self.met).complete = true;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Life, Lineage};

    fn life(run: &str, history: &str) -> Option<Life> {
        Some(Life { run: run.to_owned(), history: history.to_owned() })
    }

    #[test]
    fn only_another_life_of_a_server_changes_the_incarnation() {
        let lineage = Lineage::default();
        let mut before = lineage.incarnation();
        let mut changes = |life| {
            lineage.met("", life);
            let after = lineage.incarnation();
            std::mem::replace(&mut before, after) != after
        };
        assert!(!changes(life("a", "1")), "nothing was acknowledged before the first connection");
        assert!(!changes(life("a", "1")));
        assert!(changes(life("b", "1")), "a restart with a snapshot");
        assert!(changes(life("b", "2")), "it was a replica meanwhile");
        assert!(changes(None));
        assert!(changes(None), "two that will not say may be two");
        assert!(changes(life("b", "2")));
        assert!(!changes(life("b", "2")));
    }

    #[test]
    fn a_new_place_is_a_change_once_the_first_ones_were_met() {
        let lineage = Lineage::default();
        lineage.met("one", life("a", "1"));
        lineage.met("two", life("b", "2"));
        lineage.complete();
        assert_eq!(lineage.incarnation(), 0);
        lineage.met("two", life("b", "2"));
        assert_eq!(lineage.incarnation(), 0);
        lineage.met("three", life("c", "3"));
        assert_eq!(lineage.incarnation(), 1);
    }

    #[test]
    fn handles_of_one_identity_share_their_lineage() {
        let (a, b) = (Lineage::of("lineage:x"), Lineage::of("lineage:x"));
        a.met("", life("a", "1"));
        b.met("", life("b", "1"));
        assert_eq!(a.incarnation(), 1);
        drop((a, b));
        assert_eq!(Lineage::of("lineage:x").incarnation(), 0, "forgotten with its last handle");
    }
}
