//! Registers by name, bounded in number.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::DefaultHashBuilder;
use quick_cache::unsync::Cache;

use super::super::{Stamp, TagVersion};
use crate::clock::{Clock, Tick};

const SHARDS: usize = 64;

/// A version is written under its shard's lock only, and nothing remembers one that was
/// overwritten, has ended or was pushed out: so none comes back.
pub(super) struct Registers {
    shards: Vec<Mutex<Shard>>,
    hasher: DefaultHashBuilder,
    clock: Arc<dyn Clock>,
}

type Shard = Cache<Box<str>, Register>;

#[derive(Clone, Copy)]
struct Register {
    version: TagVersion,
    until: Tick,
}

impl Registers {
    pub(super) fn new(capacity: usize, clock: Arc<dyn Clock>) -> Self {
        let of_shard = capacity.div_ceil(SHARDS).max(1);
        let shards = (0..SHARDS).map(|_| Mutex::new(Cache::new(of_shard))).collect();
        Self { shards, hasher: DefaultHashBuilder::default(), clock }
    }

    pub(super) fn get(&self, name: &str) -> Option<TagVersion> {
        self.with(name, |place| place.held.map(|register| register.version))
    }

    pub(super) fn create(&self, stamp: &Stamp<'_>, life: Duration) -> TagVersion {
        self.with(stamp.register, |place| {
            let version = place.held.map_or(stamp.version, |register| register.version);
            place.write(version, life);
            version
        })
    }

    pub(super) fn bump(&self, stamp: &Stamp<'_>, life: Duration) {
        self.with(stamp.register, |place| place.write(stamp.version, life));
    }

    pub(super) fn extend(&self, name: &str, life: Duration) {
        self.with(name, |place| {
            // One that has ended stays ended: somebody may have seen that already.
            if let Some(register) = place.held {
                place.write(register.version, life);
            }
        });
    }

    pub(super) fn clear(&self) {
        self.shards.iter().for_each(|shard| lock(shard).clear());
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Looks the register up and does `work`, under one lock.
    fn with<T>(&self, name: &str, work: impl FnOnce(Place<'_>) -> T) -> T {
        // The hashers of the shards' own tables have other keys than this one.
        let index = self.hasher.hash_one(name) % (SHARDS as u64);
        let mut shard = lock(&self.shards[usize::try_from(index).unwrap_or_default()]);
        // Read under the lock: a moment from before it could find a register alive that somebody
        // else has already seen ended.
        let now = self.clock.now();
        let held = shard.get(name).copied().filter(|register| register.until > now);
        work(Place { shard: &mut shard, name, held, now })
    }
}

/// A register's place in its locked shard, and what is in it now.
struct Place<'a> {
    shard: &'a mut Shard,
    name: &'a str,
    held: Option<Register>,
    now: Tick,
}

impl Place<'_> {
    /// Writes the version; whoever asked for a longer life before still gets it.
    fn write(self, version: TagVersion, life: Duration) {
        let promised = self.held.map_or(self.now, |register| register.until);
        let until = promised.max(self.now.after(life));
        self.shard.insert(self.name.into(), Register { version, until });
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // Nothing between lock and unlock can leave a shard half changed: a poisoned one is sound.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
