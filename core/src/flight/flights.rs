//! The map of flights under way.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use smallvec::SmallVec;

use super::seat::Seat;
use super::state::Flight;
use crate::key::Digest;
use crate::sync::{Mutex, MutexGuard};
use crate::tag::Observation;

const SHARDS: usize = 16;

/// What names a flight: the key, the type of its value, and the versions observed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FlightKey {
    digest: Digest,
    value: TypeId,
    kind: Kind,
    versions: SmallVec<[u128; 6]>,
}

/// What the leader of a flight may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Create the value of what was observed.
    Create,
    /// Create as soon as it is this key's turn; until then others may join who want the same done
    /// with the value: that it is stored, or only handed out.
    Gather { store: bool },
    /// Have the turn of this key.
    Turn,
}

impl FlightKey {
    pub(crate) fn new<T: 'static>(digest: Digest, observation: &Observation) -> Self {
        let (value, versions) = (TypeId::of::<T>(), observation.versions());
        Self { digest, value, kind: Kind::Create, versions }
    }

    /// The flight of those who want a creation that begins after they came.
    pub(crate) fn gather<T: 'static>(digest: Digest, store: bool) -> Self {
        let (value, versions) = (TypeId::of::<T>(), SmallVec::new());
        Self { digest, value, kind: Kind::Gather { store }, versions }
    }

    /// The flight whose lead is the turn of a key: one creation after the other.
    pub(crate) fn turn<T: 'static>(digest: Digest) -> Self {
        Self { kind: Kind::Turn, ..Self::gather::<T>(digest, false) }
    }

    /// Whether it never ends by itself: its failures are not in a row.
    pub(super) fn is_turn(&self) -> bool {
        self.kind == Kind::Turn
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
        let mut shard = self.shard(key.digest);
        let flight = match shard.get(&key) {
            Some(flight) => Arc::clone(flight),
            None => {
                let flight = Arc::new(Flight::new(Arc::clone(self), key.clone()));
                shard.insert(key, Arc::clone(&flight));
                flight
            }
        };
        flight.seats.fetch_add(1, Ordering::Relaxed);
        Seat::new(flight)
    }

    /// Takes a flight out of the map, so that whoever comes next starts another.
    pub(super) fn close(&self, flight: &Arc<Flight>) {
        take_out(&mut self.shard(flight.key.digest), flight);
    }

    /// Gives a seat up. The last one to leave takes the flight out of the map.
    pub(super) fn leave(&self, flight: &Arc<Flight>) {
        let mut shard = self.shard(flight.key.digest);
        if flight.seats.fetch_sub(1, Ordering::Relaxed) == 1 {
            take_out(&mut shard, flight);
        }
    }

    /// Whether a flight is under way for a key, whatever its type and what it observed.
    pub(crate) fn contains(&self, digest: Digest) -> bool {
        // A shard is short: it has only what is being created at this moment.
        self.shard(digest).keys().any(|key| key.digest == digest)
    }

    /// How many flights are under way.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|shard| lock(shard).len()).sum()
    }

    fn shard(&self, digest: Digest) -> MutexGuard<'_, Shard> {
        let index = usize::try_from((digest.lookup >> 64) % (SHARDS as u128));
        lock(&self.0[index.unwrap_or_default()])
    }
}

/// Removes `flight`, unless it has departed and another one has begun under its key.
fn take_out(shard: &mut Shard, flight: &Arc<Flight>) {
    if shard.get(&flight.key).is_some_and(|current| Arc::ptr_eq(current, flight)) {
        shard.remove(&flight.key);
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
