//! Doing the same to regions and model, and comparing.

use std::cell::Cell;
use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{
    EntryRef, Error, ErrorKind, ManualClock, Observed, Region, Tag, TagSpace, hours, megabytes,
    secs,
};

use crate::operations::{Call, Creation, KEYS, Operation, SLOTS, Simple, TAGS};
use crate::reference::{
    Counts, Entry, Expected, Model, Observation, Standing, TTL, key_register, tag_register,
};

/// Where the values live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) regions: usize,
    pub(crate) backend: bool,
    pub(crate) local: bool,
}

/// The regions, which a creator may use while it runs.
struct World {
    regions: Vec<Region>,
    clock: ManualClock,
    backend: Option<MemoryBackend>,
    /// Values are never used twice, and say whose they are.
    values: Cell<u64>,
}

/// What was read for a value that is stored later.
struct Slot {
    observed: Observed,
    call: Call,
    observation: Observation,
    begun: Duration,
}

pub(crate) struct Run {
    world: World,
    model: Model,
    slots: [Option<Slot>; SLOTS],
    /// When a creation failed last, by region and key.
    failed: std::collections::HashMap<(usize, usize), Duration>,
}

const fn key(index: usize) -> &'static str {
    ["k0", "k1", "k2"][index]
}

fn failure<T>() -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unavailable, "test", "told to fail"))
}

impl World {
    fn new(setup: Setup, stale_for: &[Duration]) -> Self {
        let clock = ManualClock::new();
        let space = TagSpace::new(10_000);
        let backend = setup.backend.then(|| MemoryBackend::builder().clock(clock.clone()).build());
        let local = if setup.local { megabytes(4) } else { 0 };
        let region = |stale_for: &Duration| {
            // No lease may end in virtual time: the task that renews it lives in real time.
            let builder = Region::builder("test")
                .ttl(TTL)
                .stale_for(*stale_for)
                .jitter(0.0)
                .lease(hours(1_000))
                .local(local)
                .tag_space(space.clone())
                .clock(clock.clone());
            let builder = match &backend {
                Some(backend) => builder.backend(backend.clone()),
                None => builder,
            };
            builder.build().unwrap()
        };
        let regions = stale_for.iter().map(region).collect();
        Self { regions, clock, backend, values: Cell::new(0) }
    }

    fn entry(&self, call: &Call) -> EntryRef<'_> {
        let mut entry = self.regions[call.region].entry(key(call.key));
        for tag in call.tags {
            entry = entry.tag(TAGS[*tag]);
        }
        if let Some(ttl) = call.ttl {
            entry = entry.ttl(ttl);
        }
        match call.stale_for {
            Some(stale_for) => entry.stale_for(stale_for),
            None => entry,
        }
    }

    fn new_value(&self, key: usize) -> u64 {
        self.values.set(self.values.get() + 1);
        self.values.get() * KEYS as u64 + key as u64
    }

    /// The creator of `key`: something may happen in its midst.
    async fn create(&self, made: &Made, key: usize, creation: &Creation) -> Result<u64, Error> {
        let value = self.new_value(key);
        made.set(Some((value, self.meanwhile(creation).await)));
        if creation.fails { failure() } else { Ok(value) }
    }

    async fn meanwhile(&self, creation: &Creation) -> Option<u64> {
        match &creation.meanwhile {
            Some(simple) => self.simple(simple).await,
            None => None,
        }
    }

    /// Does it; returns the value that was set, if one was.
    async fn simple(&self, simple: &Simple) -> Option<u64> {
        match simple {
            Simple::Advance(time) => self.clock.advance(*time),
            Simple::Invalidate(region, how, tags) => {
                let tags = tags.iter().map(|tag| TAGS[*tag]);
                self.regions[*region].invalidate_with(*how, tags).await.unwrap();
            }
            Simple::InvalidateTables(region) => {
                self.regions[*region].invalidate([Tag::all_tables()]).await.unwrap();
            }
            Simple::InvalidateAll(region, how) => {
                self.regions[*region].invalidate_all(*how).await.unwrap();
            }
            Simple::InvalidateKey(region, index, how) => {
                self.regions[*region].entry(key(*index)).invalidate(*how).await.unwrap();
            }
            Simple::Set(call) => {
                let value = self.new_value(call.key);
                self.entry(call).set(value).await.unwrap();
                return Some(value);
            }
            Simple::DeleteAll(region) => {
                self.regions[*region].entries((0..KEYS).map(key)).delete_multi().await.unwrap();
            }
            Simple::Reads(region, on) => self.regions[*region].set_reads(*on),
            Simple::Forget => self.backend.iter().for_each(MemoryBackend::forget_registers),
            Simple::Clear => self.backend.iter().for_each(MemoryBackend::clear),
        }
        None
    }

    fn counts(&self, region: usize) -> Counts {
        let stats = self.regions[region].stats();
        let sum = stats.hits + stats.stale + stats.misses + stats.bypasses;
        assert_eq!(sum, stats.lookups, "I11");
        assert_eq!(stats.flights, 0, "I6");
        assert_eq!((stats.unlocked, stats.backend_failed), (0, 0));
        Counts {
            hits: stats.hits,
            stale: stats.stale,
            misses: stats.misses,
            bypasses: stats.bypasses,
            stored: stats.stored,
            refused: stats.refused,
            failed: stats.failed,
        }
    }
}

/// The value that a creator made, and the one that was set while it ran.
type Made = Cell<Option<(u64, Option<u64>)>>;

impl Run {
    pub(crate) fn new(setup: Setup) -> Self {
        let stale_for = &[secs(30), secs(0)][..setup.regions];
        Self {
            world: World::new(setup, stale_for),
            model: Model::new(stale_for.to_vec(), setup.backend, setup.local),
            slots: [const { None }; SLOTS],
            failed: std::collections::HashMap::new(),
        }
    }

    pub(crate) async fn step(&mut self, operation: &Operation) {
        match operation {
            Operation::Simple(simple) => {
                let set = self.world.simple(simple).await;
                self.simple(simple, set);
            }
            Operation::Get(call) => self.get(call).await,
            Operation::GetOtherType(call) => {
                assert!(self.world.entry(call).get::<String>().await.is_none(), "I9");
                let counts = &mut self.model.counts[call.region];
                let off = self.model.off[call.region];
                *(if off { &mut counts.bypasses } else { &mut counts.misses }) += 1;
            }
            Operation::GetOrCreate(call, creation) => self.get_or_create(call, creation).await,
            Operation::Refresh(call, creation) => self.refresh(call, creation).await,
            Operation::GetMulti(call, keys) => self.get_multi(call, keys).await,
            Operation::GetOrCreateMulti(call, keys, creation) => {
                self.get_or_create_multi(call, keys, creation).await;
            }
            Operation::Observe(call, slot) => {
                let observed = self.world.entry(call).observe().await;
                let (observation, begun) = (self.model.observe(call), self.model.now);
                self.slots[*slot] = Some(Slot { observed, call: call.clone(), observation, begun });
            }
            Operation::StoreObserved(slot) => self.store_observed(*slot).await,
        }
        for region in 0..self.world.regions.len() {
            assert_eq!(self.world.counts(region), self.model.counts[region], "region {region}");
        }
        if let Some(backend) = &self.world.backend {
            assert_eq!(backend.leases(), 0, "a lease was not given back");
        }
    }

    fn simple(&mut self, simple: &Simple, set: Option<u64>) {
        let model = &mut self.model;
        match simple {
            Simple::Advance(time) => model.now += *time,
            Simple::Invalidate(_, how, tags) => {
                tags.iter().for_each(|tag| model.bump(tag_register(*tag), *how));
            }
            Simple::InvalidateTables(_) => model.bump_tables(),
            Simple::InvalidateAll(_, how) => model.bump_epoch(*how),
            Simple::InvalidateKey(_, key, how) => model.bump(key_register(*key), *how),
            Simple::Set(call) => {
                model.bump(key_register(call.key), dogpile::Invalidation::Hard);
                let entry = model.entry(call, model.observe(call), model.now, set.unwrap());
                model.store(call, entry);
            }
            Simple::DeleteAll(_) => {
                (0..KEYS)
                    .for_each(|key| model.bump(key_register(key), dogpile::Invalidation::Hard));
            }
            Simple::Reads(region, on) => model.off[*region] = !on,
            Simple::Forget => model.forget(),
            Simple::Clear => model.clear(),
        }
    }

    async fn get(&mut self, call: &Call) {
        let expected = self.model.expected(call);
        let value = self.world.entry(call).get::<u64>().await.map(|value| *value);
        if self.model.off[call.region] {
            assert_eq!(value, None);
            self.model.counts[call.region].bypasses += 1;
        } else {
            self.judge(call, &expected, value);
        }
    }

    /// Judges what a lookup served, or that it served nothing.
    fn judge(&mut self, call: &Call, expected: &Expected, value: Option<u64>) {
        let counts = &mut self.model.counts[call.region];
        match value {
            Some(value) if expected.fresh.contains(&value) => counts.hits += 1,
            Some(value) if expected.stale.contains(&value) && !expected.must_hit => {
                counts.stale += 1;
            }
            Some(value) => panic!("{value} may not be served: {expected:?}"),
            None => {
                assert!(!expected.must_be_servable, "a miss: {expected:?}");
                counts.misses += 1;
            }
        }
        if value.is_some() {
            self.model.found(call, value);
        }
    }

    async fn get_or_create(&mut self, call: &Call, creation: &Creation) {
        let (expected, made) = (self.model.expected(call), Made::default());
        let (observation, begun) = (self.model.observe(call), self.model.now);
        let before = self.world.counts(call.region);
        let create = async || self.world.create(&made, call.key, creation).await;
        let value = self.world.entry(call).get_or_create(create).await.map(|value| *value);
        let Some((new, set)) = made.get() else {
            self.judge(call, &expected, Some(value.unwrap()));
            let refreshed = !expected.fresh.is_empty() || self.rests(call);
            assert!(refreshed, "a stale value was not refreshed");
            return;
        };
        assert!(self.model.off[call.region] || !expected.must_hit, "created: {expected:?}");
        let off = self.model.off[call.region];
        if off {
            self.model.counts[call.region].bypasses += 1;
        } else if self.world.counts(call.region).stale > before.stale {
            assert!(!expected.stale.is_empty(), "{expected:?}");
            self.model.counts[call.region].stale += 1;
            self.model.found(call, None);
        } else {
            assert!(!expected.must_be_servable, "{expected:?}");
            self.model.counts[call.region].misses += 1;
        }
        self.meanwhile(creation, set);
        assert_eq!(value.ok(), (!creation.fails).then_some(new));
        if !off {
            let entry = self.model.entry(call, observation, begun, new);
            self.ended(call, creation, entry);
        }
    }

    /// Whether a creation of this key failed so lately that nobody tries again.
    fn rests(&self, call: &Call) -> bool {
        let failed = self.failed.get(&(call.region, call.key));
        failed.is_some_and(|failed| self.model.now < *failed + dogpile::secs(1))
    }

    fn meanwhile(&mut self, creation: &Creation, set: Option<u64>) {
        if let Some(simple) = &creation.meanwhile {
            self.simple(simple, set);
        }
    }

    fn ended(&mut self, call: &Call, creation: &Creation, entry: Entry) {
        if creation.fails {
            self.model.counts[call.region].failed += 1;
            self.failed.insert((call.region, call.key), self.model.now);
        } else {
            self.model.store(call, entry);
        }
    }

    async fn refresh(&mut self, call: &Call, creation: &Creation) {
        let made = Made::default();
        self.model.begin_refresh(call.key);
        let (observation, begun) = (self.model.observe(call), self.model.now);
        let create = async || self.world.create(&made, call.key, creation).await;
        let value = self.world.entry(call).refresh(create).await.map(|value| *value);
        let (new, set) = made.get().unwrap();
        self.meanwhile(creation, set);
        assert_eq!(value.ok(), (!creation.fails).then_some(new));
        let entry = self.model.entry(call, observation, begun, new);
        self.ended(call, creation, entry);
    }

    async fn store_observed(&mut self, slot: usize) {
        let Some(slot) = self.slots[slot].take() else { return };
        let Slot { observed, call, observation, begun } = slot;
        let current = self.model.standing(&observation) == Standing::Current
            && self.model.now < begun + call.ttl.unwrap_or(TTL);
        assert_eq!(observed.is_current().await, current);
        let value = self.world.new_value(call.key);
        assert_eq!(*observed.store(value).await, value);
        let entry = self.model.entry(&call, observation, begun, value);
        self.model.store(&call, entry);
    }

    fn each<'c>(call: &'c Call, keys: &[usize]) -> impl Iterator<Item = Call> + use<'c> {
        let mut once: Vec<usize> = Vec::new();
        keys.iter().for_each(|key| {
            if !once.contains(key) {
                once.push(*key);
            }
        });
        once.into_iter().map(|key| Call { key, ..call.clone() })
    }

    fn entries(&self, call: &Call, keys: &[usize]) -> dogpile::EntriesRef<'_, &'static str> {
        let mut entries = self.world.regions[call.region].entries(keys.iter().map(|k| key(*k)));
        for tag in call.tags {
            entries = entries.tag(TAGS[*tag]);
        }
        if let Some(ttl) = call.ttl {
            entries = entries.ttl(ttl);
        }
        match call.stale_for {
            Some(stale_for) => entries.stale_for(stale_for),
            None => entries,
        }
    }

    async fn get_multi(&mut self, call: &Call, keys: &[usize]) {
        let values = self.entries(call, keys).get_multi::<u64>().await;
        for each in Self::each(call, keys) {
            let place = keys.iter().position(|key| *key == each.key).unwrap();
            let value = values[place].as_deref().copied();
            if self.model.off[call.region] {
                assert_eq!(value, None);
                self.model.counts[call.region].bypasses += 1;
            } else {
                self.judge(&each, &self.model.expected(&each), value);
            }
        }
        self.same_for_same(keys, &values);
    }

    fn same_for_same<T: PartialEq + std::fmt::Debug>(&self, keys: &[usize], values: &[T]) {
        assert_eq!(keys.len(), values.len());
        for (key, value) in keys.iter().zip(values) {
            let first = keys.iter().position(|other| other == key).unwrap();
            assert_eq!(value, &values[first]);
        }
    }

    async fn get_or_create_multi(&mut self, call: &Call, keys: &[usize], creation: &Creation) {
        let off = self.model.off[call.region];
        let asked: Vec<Call> = Self::each(call, keys).collect();
        let judged: Vec<_> = asked
            .iter()
            .map(|each| (self.model.expected(each), self.model.observe(each)))
            .collect();
        let begun = self.model.now;
        let made = Cell::new(None);
        let create = async |missing: Vec<&'static str>| {
            let index = |name: &&str| (0..KEYS).find(|index| key(*index) == *name).unwrap();
            let values: Vec<_> = missing
                .iter()
                .map(|name| (index(name), self.world.new_value(index(name))))
                .collect();
            let set = self.world.meanwhile(creation).await;
            made.set(Some((values.clone(), set)));
            if creation.fails { failure() } else { Ok(values.iter().map(|(_, v)| *v).collect()) }
        };
        let values = self.entries(call, keys).get_or_create_multi(create).await;
        let (new, set) = match made.take() {
            Some((new, set)) => (new, Some(set)),
            None => (Vec::new(), None),
        };
        let values = values.map(|values| values.iter().map(|value| **value).collect::<Vec<u64>>());
        if let Ok(values) = &values {
            self.same_for_same(keys, values);
        }
        let created = |key: usize| new.iter().find(|(other, _)| *other == key).map(|(_, v)| *v);
        for (each, (expected, _)) in asked.iter().zip(&judged) {
            match (created(each.key), &values) {
                (Some(_), _) => {}
                (None, Ok(values)) => {
                    let place = keys.iter().position(|key| *key == each.key).unwrap();
                    self.judge(each, expected, Some(values[place]));
                }
                (None, Err(_)) => self.count_unseen(each, expected),
            }
        }
        for (each, (expected, _)) in asked.iter().zip(&judged) {
            if created(each.key).is_none() {
                continue;
            }
            let stale_left =
                self.world.counts(call.region).stale - self.model.counts[call.region].stale;
            if off {
                self.model.counts[call.region].bypasses += 1;
            } else if stale_left > 0 && !expected.stale.is_empty() {
                // Served as stale by the lookup, and refreshed by this call.
                self.model.counts[call.region].stale += 1;
                self.model.found(each, None);
            } else {
                self.judge(each, expected, None);
            }
        }
        let Some(set) = set else { return };
        assert_eq!(values.is_err(), creation.fails);
        self.meanwhile(creation, set);
        if creation.fails {
            if !off {
                self.model.counts[call.region].failed += new.len() as u64;
                for (key, _) in &new {
                    self.failed.insert((call.region, *key), self.model.now);
                }
            }
            return;
        }
        for (each, (_, observation)) in asked.iter().zip(judged) {
            if off {
                // Whatever happens meanwhile: who goes past the cache stores nothing.
            } else if let Some(value) = created(each.key) {
                let place = keys.iter().position(|key| *key == each.key).unwrap();
                assert_eq!(values.as_ref().unwrap()[place], value);
                let entry = self.model.entry(each, observation, begun, value);
                self.model.store(each, entry);
            }
        }
    }

    /// A value that was found and never seen, because the creation of another key failed.
    fn count_unseen(&mut self, call: &Call, expected: &Expected) {
        assert!(!expected.fresh.is_empty() || !expected.stale.is_empty(), "{expected:?}");
        let counts = &mut self.model.counts[call.region];
        if expected.must_hit {
            counts.hits += 1;
        } else {
            counts.stale += 1;
        }
        self.model.found(call, None);
    }
}
