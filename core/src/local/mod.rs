//! The local tier: values of the caller's own types, in this process, bounded by weight.
//!
//! `quick_cache` is the store and nothing more. Who creates, and what is still valid, is decided
//! elsewhere: a store that coalesces loads itself keeps the result of a load that an invalidation
//! landed in.

mod identity;

use std::fmt;
use std::sync::Arc;

use quick_cache::OptionsBuilder;
use quick_cache::sync::{Cache, DefaultLifecycle};

pub(crate) use identity::IdentityHash;

use crate::value::AnyEntry;

type Store = Cache<
    u128,
    Arc<dyn AnyEntry>,
    ByWeight,
    IdentityHash,
    DefaultLifecycle<u128, Arc<dyn AnyEntry>>,
>;

/// Entries by the first digest of their key; `None` where none are kept, so that nobody waits for
/// the lock of a store that has nothing.
pub(crate) struct LocalTier(Option<Store>);

impl LocalTier {
    /// What an entry is assumed to weigh when the tier sizes its tables.
    const TYPICAL_WEIGHT: u64 = 1024;

    /// A tier that holds up to `capacity` bytes in values of up to `largest`.
    ///
    /// The store is divided into shards, and a value must fit into one with room to spare, or it
    /// would be dropped without a word.
    pub(crate) fn new(capacity: u64, largest: u64) -> Self {
        Self((capacity > 0).then(|| Self::store(capacity, largest)))
    }

    fn store(capacity: u64, largest: u64) -> Store {
        let items = usize::try_from(capacity / Self::TYPICAL_WEIGHT).unwrap_or(usize::MAX);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let fitting = usize::try_from(capacity / largest.saturating_mul(4).max(1));
        let shards = fitting.unwrap_or(usize::MAX).clamp(1, 4 * cores);
        let options = OptionsBuilder::new()
            .estimated_items_capacity(items.clamp(64, 1 << 20))
            .weight_capacity(capacity)
            // The store rounds up to a power of two: this rounds down.
            .shards(1 << shards.ilog2())
            .build();
        match options {
            Ok(options) => {
                Cache::with_options(options, ByWeight, IdentityHash, DefaultLifecycle::default())
            }
            // Both capacities are given above, which is all that the store asks for.
            Err(_) => {
                Cache::with(64, capacity, ByWeight, IdentityHash, DefaultLifecycle::default())
            }
        }
    }

    #[inline]
    pub(crate) fn get(&self, lookup: u128) -> Option<Arc<dyn AnyEntry>> {
        self.0.as_ref()?.get(&lookup)
    }

    /// Looks without counting as a use.
    pub(crate) fn peek(&self, lookup: u128) -> Option<Arc<dyn AnyEntry>> {
        self.0.as_ref()?.peek(&lookup)
    }

    pub(crate) fn insert(&self, lookup: u128, entry: Arc<dyn AnyEntry>) {
        if let Some(store) = &self.0 {
            store.insert(lookup, entry);
        }
    }

    pub(crate) fn remove(&self, lookup: u128) {
        if let Some(store) = &self.0 {
            store.remove(&lookup);
        }
    }

    /// How many entries are held, valid or not.
    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, Store::len)
    }

    /// What they weigh together, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        self.0.as_ref().map_or(0, Store::weight)
    }
}

impl fmt::Debug for LocalTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTier")
            .field("entries", &self.len())
            .field("weight", &self.weight())
            .finish()
    }
}

#[derive(Clone)]
struct ByWeight;

impl quick_cache::Weighter<u128, Arc<dyn AnyEntry>> for ByWeight {
    fn weight(&self, _: &u128, entry: &Arc<dyn AnyEntry>) -> u64 {
        // Zero would exempt an entry from eviction.
        entry.header().weight.max(1)
    }
}
