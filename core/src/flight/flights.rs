//! The map of flights under way.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smallvec::SmallVec;

use super::seat::Seat;
use super::state::Flight;
use crate::key::Digest;
use crate::tag::{Observation, Versions};

const SHARDS: usize = 16;

/// What names a flight: the key, the type of its value, and the versions observed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FlightKey {
    digest: Digest,
    value: TypeId,
    versions: SmallVec<[Versions; 6]>,
}

impl FlightKey {
    pub(crate) fn new<T: 'static>(digest: Digest, observation: &Observation) -> Self {
        Self { digest, value: TypeId::of::<T>(), versions: observation.versions() }
    }

    /// The name of the lease that belongs to this flight.
    pub(crate) fn lease_name(&self) -> String {
        let hash = RandomState::hash_one(&*OBSERVATIONS, &self.versions);
        format!("{}:{hash:016x}", self.digest)
    }
}

/// One key for all hashes of observations in this process.
static OBSERVATIONS: std::sync::LazyLock<RandomState> = std::sync::LazyLock::new(RandomState::new);

impl Hash for FlightKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The digest is a hash already; versions are compared, and seldom differ under one key.
        state.write_u128(self.digest.lookup);
    }
}

/// All flights of a region. Empty whenever nobody creates or waits.
#[derive(Default)]
pub(crate) struct Flights([Mutex<Shard>; SHARDS]);

type Shard = HashMap<FlightKey, Arc<Flight>, crate::local::IdentityHash>;

impl Flights {
    /// A seat in the flight of `key`, which begins if there is none.
    pub(crate) fn join(self: &Arc<Self>, key: FlightKey) -> Seat {
        let flight = {
            let mut shard = self.shard(&key);
            let flight = shard.entry(key.clone()).or_default();
            flight.enter();
            Arc::clone(flight)
        };
        Seat::new(Arc::clone(self), key, flight)
    }

    /// Takes a flight out of the map, so that whoever comes next starts another.
    pub(super) fn close(&self, key: &FlightKey, flight: &Arc<Flight>) {
        take_out(&mut self.shard(key), key, flight);
    }

    /// Gives a seat up. The last one to leave takes the flight out of the map.
    pub(super) fn leave(&self, key: &FlightKey, flight: &Arc<Flight>) {
        let mut shard = self.shard(key);
        if flight.exit() {
            take_out(&mut shard, key, flight);
        }
    }

    /// How many flights are under way.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|shard| lock(shard).len()).sum()
    }

    fn shard(&self, key: &FlightKey) -> MutexGuard<'_, Shard> {
        let index = usize::try_from((key.digest.lookup >> 64) % (SHARDS as u128));
        lock(&self.0[index.unwrap_or_default()])
    }
}

/// Removes `flight`, unless another one has begun under its key.
fn take_out(shard: &mut Shard, key: &FlightKey, flight: &Arc<Flight>) {
    if shard.get(key).is_some_and(|current| Arc::ptr_eq(current, flight)) {
        shard.remove(key);
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // No code of a caller runs under this lock: a poisoned shard is sound.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").field("under_way", &self.len()).finish()
    }
}
