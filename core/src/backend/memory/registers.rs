//! Registers by name, bounded in number.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::unsync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter};

use super::super::{Stamp, TagVersion, Writer};
use crate::clock::{Clock, Tick};

const SHARDS: usize = 64;

/// A version is written under its shard's lock only, and nothing remembers one that was
/// overwritten, has ended or was pushed out: so none comes back.
pub(super) struct Registers {
    shards: Vec<Mutex<Shard>>,
    hasher: DefaultHashBuilder,
    clock: Arc<dyn Clock>,
}

type Shard = Cache<Box<str>, Register, UnitWeighter, DefaultHashBuilder, KeepTainted>;

#[derive(Clone)]
struct Register {
    version: TagVersion,
    /// The end of a register without writers.
    until: Tick,
    /// Who has tainted it, each until a moment of its own: one that died is not kept by the others.
    writers: Vec<(Writer, Tick)>,
}

impl Register {
    /// What is left of it at `now`; a register ends with the last of its writers.
    fn at(mut self, now: Tick) -> Option<Self> {
        let ends = self.writers.iter().map(|(_, until)| *until).max().unwrap_or(self.until);
        self.writers.retain(|(_, until)| *until > now);
        (ends > now).then_some(self)
    }

    fn is_tainted(&self) -> bool {
        !self.writers.is_empty()
    }
}

/// A taint is not pushed out: with it would go what its writer relies on.
#[derive(Debug)]
struct KeepTainted(Arc<dyn Clock>);

impl Lifecycle<Box<str>, Register> for KeepTainted {
    type RequestState = ();

    fn is_pinned(&self, _: &Box<str>, register: &Register) -> bool {
        let now = || self.0.now();
        register.is_tainted() && register.writers.iter().any(|(_, until)| *until > now())
    }
}

/// What a register shows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Absent,
    Version(TagVersion),
    Tainted,
}

impl Shown {
    pub(super) const fn version(self) -> Option<TagVersion> {
        match self {
            Self::Version(version) => Some(version),
            Self::Absent | Self::Tainted => None,
        }
    }
}

impl Registers {
    pub(super) fn new(capacity: usize, clock: Arc<dyn Clock>) -> Self {
        let of_shard = capacity.div_ceil(SHARDS).max(1);
        let shard = || {
            let (names, keep) = (DefaultHashBuilder::default(), KeepTainted(Arc::clone(&clock)));
            Mutex::new(Cache::with(of_shard, of_shard as u64, UnitWeighter, names, keep))
        };
        let shards = (0..SHARDS).map(|_| shard()).collect();
        Self { shards, hasher: DefaultHashBuilder::default(), clock }
    }

    pub(super) fn get(&self, name: &str) -> Shown {
        self.with(name, |place| match place.held {
            None => Shown::Absent,
            Some(register) if register.is_tainted() => Shown::Tainted,
            Some(register) => Shown::Version(register.version),
        })
    }

    pub(super) fn create(&self, stamp: &Stamp<'_>, life: Duration) -> Option<TagVersion> {
        self.with(stamp.register, |place| {
            if place.is_tainted() {
                return None;
            }
            let version = place.held.as_ref().map_or(stamp.version, |register| register.version);
            place.write(version, life, Vec::new());
            Some(version)
        })
    }

    pub(super) fn bump(&self, stamp: &Stamp<'_>, life: Duration) {
        self.with(stamp.register, |mut place| {
            let writers = place.take_writers();
            place.write(stamp.version, life, writers);
        });
    }

    pub(super) fn extend(&self, name: &str, life: Duration) {
        self.with(name, |place| {
            // One that has ended stays ended, and one that is tainted ends with its taints: somebody
            // may have seen that already, or will soon.
            if let Some(version) = place.held.as_ref().map(|register| register.version)
                && !place.is_tainted()
            {
                place.write(version, life, Vec::new());
            }
        });
    }

    /// Gives it a version and puts `writer` among its writers.
    pub(super) fn place(&self, stamp: &Stamp<'_>, writer: Writer, life: Duration) {
        self.with(stamp.register, |mut place| {
            let writers = place.take_writers();
            let ends = place.now.after(life);
            let mine = writers.iter().find(|(other, _)| *other == writer);
            let ends = mine.map_or(ends, |(_, until)| ends.max(*until));
            let others = writers.into_iter().filter(|(other, _)| *other != writer);
            let writers = others.chain([(writer, ends)]).collect();
            place.write(stamp.version, Duration::ZERO, writers);
        });
    }

    /// Lets the taint of `writer` last; says whether it was there.
    pub(super) fn renew(&self, name: &str, writer: Writer, life: Duration) -> bool {
        self.with(name, |mut place| {
            let ends = place.now.after(life);
            let mut writers = place.take_writers();
            let mine = writers.iter_mut().find(|(other, _)| *other == writer);
            let held = mine.map(|(_, until)| *until = ends.max(*until)).is_some();
            if let Some(version) = place.held.as_ref().map(|register| register.version)
                && held
            {
                place.write(version, Duration::ZERO, writers);
            }
            held
        })
    }

    /// Gives it a version and takes `writer` out of its writers; says whether it was there.
    pub(super) fn lift(&self, stamp: &Stamp<'_>, writer: Writer, life: Duration) -> bool {
        self.with(stamp.register, |mut place| {
            let mut writers = place.take_writers();
            let before = writers.len();
            writers.retain(|(other, _)| *other != writer);
            let held = writers.len() < before;
            place.write(stamp.version, life, writers);
            held
        })
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
        let held = shard.get(name).cloned().and_then(|register| register.at(now));
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
    fn is_tainted(&self) -> bool {
        self.held.as_ref().is_some_and(Register::is_tainted)
    }

    /// The writers, to be written back.
    fn take_writers(&mut self) -> Vec<(Writer, Tick)> {
        let held = self.held.as_mut();
        held.map(|register| std::mem::take(&mut register.writers)).unwrap_or_default()
    }

    /// Writes the version; whoever asked for a longer life before still gets it.
    fn write(self, version: TagVersion, life: Duration, writers: Vec<(Writer, Tick)>) {
        let promised = self.held.map_or(self.now, |register| register.until);
        let until = promised.max(self.now.after(life));
        self.shard.insert(self.name.into(), Register { version, until, writers });
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // Nothing between lock and unlock can leave a shard half changed: a poisoned one is sound.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
