//! What this process knows of the versions in a backend, and since when.
//!
//! A local tier that does not ask the backend at every hit believes what was read a moment ago, or
//! what nobody has said to have changed. All regions on one backend share what they know: whichever
//! reads a tag, reads it for all of them.
//!
//! Two things must never happen, and each has its guard. An answer that was on its way while an
//! invalidation was heard of must not be believed: every register has a *stamp* (one of a fixed
//! number, by hash) that moves with each invalidation, and is compared before and after. And of two
//! answers that differ the one that was asked for first must not win: it is dropped.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smallvec::SmallVec;

use crate::backend::TagVersion;
use crate::clock::Tick;
use crate::key::ProcessHasher;
use crate::local::IdentityHash;

const SHARDS: usize = 64;
/// Registers that share a stamp cost each other a trip, never more.
const STAMPS: usize = 4096;
/// How many tags are known before those of a shard are forgotten.
const CAPACITY: usize = 1_000_000;
/// Nobody tells this process what others invalidate.
const NOT_LISTENING: u64 = 0;

/// The versions of all tags of one backend, as far as this process knows them.
#[derive(Debug)]
pub(crate) struct Known {
    /// By the hash of the name of either register.
    shards: Vec<Mutex<HashMap<u128, Arc<KnownTag>, IdentityHash>>>,
    shard_capacity: usize,
    stamps: Box<[AtomicU64]>,
    /// A number that no earlier connection to the backend's messages had.
    listening: AtomicU64,
}

/// What is known of one tag.
#[derive(Debug, Default)]
pub(crate) struct KnownTag {
    /// Another number after each change; entries hold the one that they were made from.
    generation: AtomicU64,
    /// When the answer was asked for that confirmed it last.
    confirmed: AtomicU64,
    /// What `listening` was when that was believed.
    listened: AtomicU64,
    versions: Mutex<Versions>,
}

/// The hard register and the soft one.
type Versions = Option<[TagVersion; 2]>;

/// What an entry was made from, to be compared without a trip.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    tag: Arc<KnownTag>,
    generation: u64,
}

/// The moment before a question.
#[derive(Debug)]
pub(crate) struct Since {
    at: Tick,
    listening: u64,
    /// Of each register that is asked for.
    stamps: SmallVec<[u64; 12]>,
}

/// How far what is known may be believed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Belief {
    /// As long as it was asked for at this moment or later.
    Since(Tick),
    /// As long as nobody has said otherwise, on this connection.
    Told(u64),
}

impl Known {
    pub(crate) fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    fn with_capacity(capacity: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            // Each tag stands under two names.
            shard_capacity: (2 * capacity).div_ceil(SHARDS).max(2),
            stamps: (0..STAMPS).map(|_| AtomicU64::new(0)).collect(),
            listening: AtomicU64::new(NOT_LISTENING),
        }
    }

    /// Looks at the clock and the stamps before `registers` are asked for.
    pub(crate) fn since(&self, now: Tick, registers: &[&str]) -> Since {
        let listening = self.listening.load(Ordering::SeqCst);
        let stamps = registers.iter().map(|name| self.stamp(hash(name)).load(Ordering::SeqCst));
        Since { at: now, listening, stamps: stamps.collect() }
    }

    /// Believes the answer about the tag whose registers were asked for at `place` and after it;
    /// nothing to hold on to if it may be older than what is known.
    pub(crate) fn learn(
        &self,
        since: &Since,
        place: usize,
        names: [&str; 2],
        versions: [TagVersion; 2],
    ) -> Option<Watched> {
        let hashes = names.map(hash);
        let tag = self.tag(hashes);
        let mut known = lock(&tag.versions);
        // Under the lock: who moves a stamp takes the lock after it.
        let heard = |i: usize| {
            let now = self.stamp(hashes[i]).load(Ordering::SeqCst);
            since.stamps.get(place + i) != Some(&now)
        };
        if heard(0) || heard(1) {
            return None;
        }
        let at = since.at.as_nanos();
        let newer = at >= tag.confirmed.load(Ordering::SeqCst);
        if *known != Some(versions) {
            if !newer {
                return None;
            }
            *known = Some(versions);
            tag.generation.store(token(), Ordering::SeqCst);
        }
        if newer {
            tag.confirmed.store(at, Ordering::SeqCst);
            tag.listened.store(since.listening, Ordering::SeqCst);
        }
        let generation = tag.generation.load(Ordering::SeqCst);
        drop(known);
        if self.leads_to(hashes, &tag) {
            return Some(Watched { tag, generation });
        }
        // It was pushed out meanwhile: nobody would tell it of an invalidation.
        tag.forget();
        None
    }

    /// An invalidation of `register` was begun here, or heard of.
    pub(crate) fn moved(&self, register: &str) {
        let hash = hash(register);
        self.stamp(hash).fetch_add(1, Ordering::SeqCst);
        if let Some(tag) = self.found(hash) {
            tag.forget();
        }
    }

    /// From now on others tell this process what they invalidate.
    pub(crate) fn listens(&self) {
        self.listening.store(token(), Ordering::SeqCst);
    }

    /// Nobody tells this process any more, or something that was told got lost.
    pub(crate) fn deaf(&self) {
        self.listening.store(NOT_LISTENING, Ordering::SeqCst);
    }

    /// How far is believed what nobody has contradicted; `None` while nobody would.
    #[inline]
    pub(crate) fn told(&self) -> Option<Belief> {
        let listening = self.listening.load(Ordering::Acquire);
        (listening != NOT_LISTENING).then_some(Belief::Told(listening))
    }

    /// How many names are held.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// The tag that both names lead to.
    fn tag(&self, [hard, soft]: [u128; 2]) -> Arc<KnownTag> {
        let tag = self.found(hard).unwrap_or_default();
        for hash in [hard, soft] {
            self.insert(hash, &tag);
        }
        tag
    }

    fn insert(&self, hash: u128, tag: &Arc<KnownTag>) {
        let mut shard = lock(self.shard(hash));
        if shard.len() >= self.shard_capacity && !shard.contains_key(&hash) {
            // What nobody would be told of any more must not be believed.
            shard.drain().for_each(|(_, tag)| tag.forget());
        }
        let replaced = shard.insert(hash, Arc::clone(tag));
        if let Some(replaced) = replaced.filter(|replaced| !Arc::ptr_eq(replaced, tag)) {
            replaced.forget();
        }
    }

    fn leads_to(&self, hashes: [u128; 2], tag: &Arc<KnownTag>) -> bool {
        hashes.iter().all(|hash| self.found(*hash).is_some_and(|found| Arc::ptr_eq(&found, tag)))
    }

    fn found(&self, hash: u128) -> Option<Arc<KnownTag>> {
        lock(self.shard(hash)).get(&hash).cloned()
    }

    fn shard(&self, hash: u128) -> &Mutex<HashMap<u128, Arc<KnownTag>, IdentityHash>> {
        &self.shards[index(hash >> 64, SHARDS)]
    }

    fn stamp(&self, hash: u128) -> &AtomicU64 {
        &self.stamps[index(hash >> 80, STAMPS)]
    }
}

impl KnownTag {
    /// Ends what was made from the versions known so far.
    fn forget(&self) {
        let mut versions = lock(&self.versions);
        *versions = None;
        self.generation.store(token(), Ordering::SeqCst);
    }
}

impl Watched {
    /// Whether the tag is known to be as it was.
    #[inline]
    pub(crate) fn holds(&self, belief: Belief) -> bool {
        self.tag.generation.load(Ordering::Acquire) == self.generation
            && match belief {
                Belief::Since(at) => self.tag.confirmed.load(Ordering::Acquire) >= at.as_nanos(),
                Belief::Told(on) => self.tag.listened.load(Ordering::Acquire) == on,
            }
    }
}

impl Belief {
    /// In what was asked for no longer than `bound` ago.
    pub(crate) fn bounded(now: Tick, bound: Duration) -> Self {
        Self::Since(now.before(bound))
    }
}

fn hash(register: &str) -> u128 {
    ProcessHasher::digest(register.as_bytes()).lookup
}

fn index(hash: u128, of: usize) -> usize {
    usize::try_from(hash % of as u128).unwrap_or_default()
}

/// A number that this process has never used and never will again.
fn token() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(NOT_LISTENING + 1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is one assignment: a poisoned value is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
