//! Entries by name, bounded by weight.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::super::Stored;
use crate::clock::Tick;
use crate::units::megabytes;

/// What an entry weighs beside its name and its bytes: its place in the tables.
const UPKEEP: u64 = 96;
/// What an entry is assumed to weigh when the tables are sized.
const TYPICAL: u64 = 1024;
/// A shard is not made smaller than this: an entry must fit into one.
const SHARD: u64 = megabytes(16);

#[derive(Clone)]
struct Entry {
    bytes: Bytes,
    until: Tick,
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<Arc<str>, Entry> for ByWeight {
    fn weight(&self, name: &Arc<str>, entry: &Entry) -> u64 {
        weight(name, &entry.bytes)
    }
}

fn weight(name: &str, bytes: &[u8]) -> u64 {
    (name.len() as u64).saturating_add(bytes.len() as u64).saturating_add(UPKEEP)
}

type Names = DefaultHashBuilder;
type Cached = Cache<Arc<str>, Entry, ByWeight, Names, DefaultLifecycle<Arc<str>, Entry>>;

pub(super) struct Entries(Cached);

impl Entries {
    pub(super) fn new(capacity: u64) -> Self {
        let items = usize::try_from(capacity / TYPICAL).unwrap_or(usize::MAX).clamp(64, 1 << 20);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let fitting = usize::try_from(capacity / SHARD).unwrap_or(usize::MAX);
        let shards = fitting.clamp(1, 4 * cores);
        let options = OptionsBuilder::new()
            .estimated_items_capacity(items)
            .weight_capacity(capacity)
            // The store rounds up to a power of two: this rounds down.
            .shards(1 << shards.ilog2())
            .build();
        let lifecycle = DefaultLifecycle::default();
        Self(match options {
            Ok(options) => Cache::with_options(options, ByWeight, Names::default(), lifecycle),
            // Both capacities are given above, which is all that the store asks for.
            Err(_) => Cache::with(items, capacity, ByWeight, Names::default(), lifecycle),
        })
    }

    /// The bytes of the largest entry that is taken under a name of up to `name` bytes.
    pub(super) fn largest(&self, name: usize) -> u64 {
        self.heaviest().saturating_sub(UPKEEP).saturating_sub(name as u64)
    }

    /// The store drops, without a word, what does not fit into the hot part of one shard.
    fn heaviest(&self) -> u64 {
        self.0.shard_capacity() / 8 * 7
    }

    pub(super) fn get(&self, name: &str, now: Tick) -> Option<Bytes> {
        let entry = self.0.get(name)?;
        if entry.until > now {
            return Some(entry.bytes);
        }
        self.0.remove_if(name, |entry| entry.until <= now);
        None
    }

    pub(super) fn insert(&self, name: &str, bytes: &[u8], until: Tick) -> Stored {
        if weight(name, bytes) > self.heaviest() {
            return Stored::TooLarge;
        }
        // Copied, because what was given may be a small part of a large buffer, which would stay in
        // memory for as long as the entry, and nobody would count it.
        let bytes = Bytes::copy_from_slice(bytes);
        self.0.insert(name.into(), Entry { bytes, until });
        Stored::Yes
    }

    pub(super) fn remove(&self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn weight(&self) -> u64 {
        self.0.weight()
    }
}
