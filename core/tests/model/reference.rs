//! The model: what is stored where, which versions it was made from, and what a lookup may find.

use std::time::Duration;

use dogpile::{Invalidation, secs};

use crate::operations::{Call, KEYS, TAGS};

pub(crate) const TTL: Duration = secs(60);
const HARD: usize = 0;
const SOFT: usize = 1;

/// The registers: the region's epoch, all tables, the tags, the keys.
const EPOCH: usize = 0;
const ALL_TABLES: usize = 1;
const TABLE: usize = 2;
const REGISTERS: usize = 2 + TAGS.len() + KEYS;

pub(crate) const fn tag_register(tag: usize) -> usize {
    2 + tag
}

pub(crate) const fn key_register(key: usize) -> usize {
    2 + TAGS.len() + key
}

/// The versions that a value depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation(Vec<(usize, [u64; 2])>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Current,
    Softened,
    Moved,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) value: u64,
    pub(crate) tags: Vec<usize>,
    pub(crate) observation: Observation,
    pub(crate) created: Duration,
    pub(crate) fresh_until: Duration,
}

/// How an entry may be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fresh,
    Stale,
    Not,
}

/// What a lookup may say.
#[derive(Debug, Default, Clone)]
pub(crate) struct Expected {
    pub(crate) fresh: Vec<u64>,
    pub(crate) stale: Vec<u64>,
    pub(crate) must_hit: bool,
    pub(crate) must_be_servable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) hits: u64,
    pub(crate) stale: u64,
    pub(crate) misses: u64,
    pub(crate) bypasses: u64,
    pub(crate) stored: u64,
    pub(crate) refused: u64,
    pub(crate) failed: u64,
}

pub(crate) struct Model {
    versions: [[u64; 2]; REGISTERS],
    next_version: u64,
    pub(crate) now: Duration,
    /// The entries of the backend, each with the end of its life there.
    shared: Option<Vec<Option<(Entry, Duration)>>>,
    /// What each region's local tier may hold: one entry, unless the model cannot tell which.
    local: Option<Vec<Vec<Vec<Entry>>>>,
    stale_for: Vec<Duration>,
    pub(crate) off: Vec<bool>,
    pub(crate) counts: Vec<Counts>,
}

impl Model {
    pub(crate) fn new(stale_for: Vec<Duration>, backend: bool, local: bool) -> Self {
        let regions = stale_for.len();
        Self {
            versions: [[0; 2]; REGISTERS],
            next_version: 1,
            now: Duration::ZERO,
            shared: backend.then(|| vec![None; KEYS]),
            local: local.then(|| vec![vec![Vec::new(); KEYS]; regions]),
            stale_for,
            off: vec![false; regions],
            counts: vec![Counts::default(); regions],
        }
    }

    pub(crate) fn bump(&mut self, register: usize, how: Invalidation) {
        let which = if how == Invalidation::Hard { HARD } else { SOFT };
        self.versions[register][which] = self.next_version;
        self.next_version += 1;
    }

    pub(crate) fn bump_epoch(&mut self, how: Invalidation) {
        self.bump(EPOCH, how);
    }

    pub(crate) fn bump_tables(&mut self) {
        self.bump(ALL_TABLES, Invalidation::Hard);
    }

    /// Every register is lost: whatever was observed never holds again.
    pub(crate) fn forget(&mut self) {
        for register in 0..REGISTERS {
            self.bump(register, Invalidation::Hard);
            self.bump(register, Invalidation::Soft);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.forget();
        self.shared = self.shared.take().map(|_| vec![None; KEYS]);
    }

    /// A refresh in a backend begins with a soft invalidation of its key.
    pub(crate) fn begin_refresh(&mut self, key: usize) {
        if self.shared.is_some() {
            self.bump(key_register(key), dogpile::Invalidation::Soft);
        }
    }

    pub(crate) fn observe(&self, call: &Call) -> Observation {
        let mut registers = vec![EPOCH, key_register(call.key)];
        if call.tags.contains(&TABLE) {
            registers.push(ALL_TABLES);
        }
        registers.extend(call.tags.iter().map(|tag| tag_register(*tag)));
        Observation(registers.into_iter().map(|r| (r, self.versions[r])).collect())
    }

    pub(crate) fn standing(&self, observation: &Observation) -> Standing {
        let moved = |which: usize| {
            observation.0.iter().any(|(r, seen)| self.versions[*r][which] != seen[which])
        };
        if moved(HARD) {
            Standing::Moved
        } else if moved(SOFT) {
            Standing::Softened
        } else {
            Standing::Current
        }
    }

    pub(crate) fn stale_for(&self, call: &Call) -> Duration {
        call.stale_for.unwrap_or(self.stale_for[call.region])
    }

    /// What a value becomes that is made from `observation` at `begun`.
    pub(crate) fn entry(
        &self,
        call: &Call,
        observation: Observation,
        begun: Duration,
        value: u64,
    ) -> Entry {
        let mut tags = call.tags.to_vec();
        tags.sort_unstable();
        let fresh_until = begun + call.ttl.unwrap_or(TTL);
        Entry { value, tags, observation, created: begun, fresh_until }
    }

    fn verdict(&self, entry: &Entry, call: &Call) -> Verdict {
        let mut tags = call.tags.to_vec();
        tags.sort_unstable();
        let standing = self.standing(&entry.observation);
        if tags != entry.tags || standing == Standing::Moved {
            return Verdict::Not;
        }
        if standing == Standing::Current && self.now < entry.fresh_until {
            return Verdict::Fresh;
        }
        let servable = self.now < entry.fresh_until + self.stale_for(call);
        if servable && !self.stale_for(call).is_zero() { Verdict::Stale } else { Verdict::Not }
    }

    fn in_backend(&self, key: usize) -> Option<&Entry> {
        let (entry, until) = self.shared.as_ref()?[key].as_ref()?;
        (self.now < *until).then_some(entry)
    }

    fn in_process(&self, call: &Call) -> &[Entry] {
        self.local.as_ref().map_or(&[], |local| &local[call.region][call.key])
    }

    pub(crate) fn expected(&self, call: &Call) -> Expected {
        let mut expected = Expected::default();
        let local = self.in_process(call);
        let certain = local.iter().filter(|_| local.len() == 1).chain(self.in_backend(call.key));
        for entry in certain {
            expected.must_hit |= self.verdict(entry, call) == Verdict::Fresh;
            expected.must_be_servable |= self.verdict(entry, call) != Verdict::Not;
        }
        for entry in local.iter().chain(self.in_backend(call.key)) {
            match self.verdict(entry, call) {
                Verdict::Fresh => expected.fresh.push(entry.value),
                Verdict::Stale => expected.stale.push(entry.value),
                Verdict::Not => {}
            }
        }
        expected
    }

    /// A lookup has found `value`, or one of those that may be served as stale.
    pub(crate) fn found(&mut self, call: &Call, value: Option<u64>) {
        let shared = self.in_backend(call.key).cloned();
        let usable = shared.filter(|entry| self.verdict(entry, call) != Verdict::Not);
        let Some(local) = &mut self.local else { return };
        let held = &mut local[call.region][call.key];
        match value {
            Some(value) => {
                held.extend(usable);
                held.retain(|entry| entry.value == value);
                held.truncate(1);
            }
            None => held.extend(usable.filter(|new| held.iter().all(|old| old.value != new.value))),
        }
    }

    /// Stores an entry if it may be stored; counts what becomes of it.
    pub(crate) fn store(&mut self, call: &Call, entry: Entry) {
        let standing = self.standing(&entry.observation);
        // What is stale already does not go to a backend: it might overwrite what is not.
        let refused = self.off[call.region]
            || standing == Standing::Moved
            || (self.shared.is_some() && standing != Standing::Current)
            || (self.shared.is_none() && self.overtaken(call, &entry));
        let counts = &mut self.counts[call.region];
        if refused {
            counts.refused += 1;
            return;
        }
        counts.stored += 1;
        let left = entry.fresh_until.saturating_sub(self.now) + self.stale_for(call);
        if let Some(shared) = &mut self.shared {
            shared[call.key] = Some((entry.clone(), self.now + left));
        }
        if let Some(local) = &mut self.local {
            local[call.region][call.key] = vec![entry];
        }
    }

    /// Whether a newer entry is there, which is as good as on the day it was made.
    fn overtaken(&self, call: &Call, entry: &Entry) -> bool {
        self.in_process(call).iter().any(|there| {
            there.created > entry.created && self.standing(&there.observation) == Standing::Current
        })
    }
}
