//! How a region is described.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::background::Background;
use super::{Inner, Region};
use crate::clock::{Clock, CoarseClock};
use crate::error::{Error, ErrorKind, Result};
use crate::flight::Flights;
use crate::key::{HashLong, KeyHasher, KeyMangler, ProcessHasher};
use crate::lease::{LocalLocks, Locks};
use crate::local::LocalTier;
use crate::observe::{Counters, Observer};
use crate::policy::Policy;
use crate::tag::{Tag, TagSpace};
use crate::units::{megabytes, millis};

/// The description of a [`Region`], finished by [`build`](Self::build).
///
/// Only `ttl` must be given.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RegionBuilder {
    name: String,
    policy: Policy,
    local: u64,
    tags: TagSpace,
    locks: Option<Arc<dyn Locks>>,
    clock: Arc<dyn Clock>,
    mangler: Arc<dyn KeyMangler>,
    hasher: Arc<dyn KeyHasher>,
    observer: Option<Arc<dyn Observer>>,
}

impl RegionBuilder {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            policy: Policy::new(),
            local: megabytes(64),
            tags: TagSpace::process(),
            locks: None,
            clock: Arc::new(CoarseClock),
            mangler: Arc::new(HashLong::default()),
            hasher: Arc::new(ProcessHasher),
            observer: None,
        }
    }

    /// How long a value is fresh, counted from the beginning of its creation.
    ///
    /// Default: none, it must be set.
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.policy.ttl = ttl;
        self
    }

    /// How long after its `ttl`, or after a soft invalidation, a value may still be served while
    /// one caller creates the next.
    ///
    /// Default: zero, nothing stale is ever served.
    pub const fn stale_for(mut self, stale_for: Duration) -> Self {
        self.policy.stale_for = stale_for;
        self
    }

    /// The largest share of `ttl` that is taken off each value at random, so that values stored
    /// together do not expire together; from 0 to 1.
    ///
    /// Default: `0.1`.
    pub const fn jitter(mut self, share: f64) -> Self {
        self.policy.jitter = share;
        self
    }

    /// How many bytes of values the region keeps in this process.
    ///
    /// Default: 64 MiB.
    pub const fn local(mut self, bytes: u64) -> Self {
        self.local = bytes;
        self
    }

    /// The largest value that is stored, in bytes. Larger ones are handed out but not kept.
    ///
    /// Never more than a quarter of `local`, so that one value cannot push out all others.
    ///
    /// Default: 1 MiB.
    pub const fn max_value(mut self, bytes: u64) -> Self {
        self.policy.max_value = bytes;
        self
    }

    /// The most tags an entry may depend on, implicit ones not counted. Values with more are handed
    /// out but not kept.
    ///
    /// Default: 32.
    pub const fn max_tags(mut self, tags: usize) -> Self {
        self.policy.max_tags = tags;
        self
    }

    /// How long callers wait for somebody else's creation, and how long a lease is renewed. A
    /// creation that takes longer goes on, but nobody waits for it any more.
    ///
    /// Default: 60 s.
    pub const fn max_load(mut self, limit: Duration) -> Self {
        self.policy.max_load = limit;
        self
    }

    /// How long one call to a lock store may take.
    ///
    /// Default: 100 ms.
    pub const fn op_timeout(mut self, limit: Duration) -> Self {
        self.policy.op_timeout = limit;
        self
    }

    /// How long a creator waits for a lock store that does not answer before it goes on without.
    ///
    /// Default: 5 s.
    pub const fn lock_wait(mut self, limit: Duration) -> Self {
        self.policy.lock_wait = limit;
        self
    }

    /// How long a lease lasts that is not renewed; it is renewed at every third of this.
    ///
    /// Default: 3 s.
    pub const fn lease(mut self, length: Duration) -> Self {
        self.policy.lease = length;
        self
    }

    /// How many creators may run at once without flight or lease, after a bound was reached.
    ///
    /// Default: the number of cores.
    pub const fn unlocked_creators(mut self, limit: usize) -> Self {
        self.policy.unlocked_creators = limit;
        self
    }

    /// The tag space whose versions this region reads and moves.
    ///
    /// Regions that must see the same writes must share one.
    ///
    /// Default: [`TagSpace::process`].
    pub fn tag_space(mut self, tags: TagSpace) -> Self {
        self.tags = tags;
        self
    }

    /// Where leases are kept.
    ///
    /// Default: [`LocalLocks`], for this region alone.
    pub fn locks(mut self, locks: impl Locks) -> Self {
        self.locks = Some(Arc::new(locks));
        self
    }

    /// How keys become names.
    ///
    /// Default: [`HashLong`] over [`Readable`](crate::Readable) names of up to 200 bytes.
    pub fn mangler(mut self, mangler: impl KeyMangler) -> Self {
        self.mangler = Arc::new(mangler);
        self
    }

    /// What adapters make fingerprints with; tests force collisions here.
    ///
    /// Default: [`ProcessHasher`].
    pub fn hasher(mut self, hasher: impl KeyHasher) -> Self {
        self.hasher = Arc::new(hasher);
        self
    }

    /// Where the region gets its time from.
    ///
    /// Default: [`CoarseClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Who is told of every event.
    ///
    /// Default: nobody.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Checks the description and builds the region.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`], naming the setting that is wrong and what it may be.
    pub fn build(self) -> Result<Region> {
        self.check()?;
        let mut policy = self.policy;
        policy.max_value = policy.max_value.min((self.local / 4).max(1));
        let epoch = Tag::region(&self.name);
        self.tags.pin(&epoch);
        let all_tables = Tag::all_tables();
        self.tags.pin(&all_tables);
        let clock = self.clock;
        let local_locks = || Arc::new(LocalLocks::new(Arc::clone(&clock))) as Arc<dyn Locks>;
        Ok(Region {
            inner: Arc::new(Inner {
                name: self.name.into_boxed_str(),
                tier: LocalTier::new(self.local, policy.max_value),
                tags: self.tags,
                epoch,
                all_tables,
                flights: Arc::new(Flights::default()),
                locks: self.locks.unwrap_or_else(local_locks),
                unlocked: Semaphore::new(policy.unlocked_creators),
                background: Arc::new(Background::default()),
                clock,
                mangler: self.mangler,
                hasher: self.hasher,
                observer: self.observer,
                counters: Counters::default(),
                reads_off: AtomicBool::new(false),
                closed: AtomicBool::new(false),
                policy,
            }),
        })
    }

    fn check(&self) -> Result<()> {
        let policy = &self.policy;
        if self.name.is_empty() {
            return Err(wrong("the name is empty; give the region a name such as \"shop\""));
        }
        if self.name.len() > 100 || self.name.chars().any(char::is_control) {
            let error = wrong("a name has at most 100 bytes and no control characters");
            return Err(error.with("bytes", self.name.len()));
        }
        if policy.ttl.is_zero() {
            return Err(wrong("ttl is not set; say how long a value is fresh: .ttl(minutes(5))"));
        }
        if !(0.0..=1.0).contains(&policy.jitter) {
            let error = wrong("jitter is a share of the ttl between 0 and 1, such as 0.1");
            return Err(error.with("jitter", policy.jitter));
        }
        if self.local == 0 {
            return Err(wrong("local is 0 bytes; a region needs room for its values"));
        }
        if policy.lease < millis(10) {
            let error = wrong("lease is shorter than 10 ms; nobody could renew it in time");
            return Err(error.with("lease", format_args!("{:?}", policy.lease)));
        }
        if policy.max_load.is_zero() || policy.op_timeout.is_zero() {
            return Err(wrong("max_load and op_timeout must be longer than zero"));
        }
        if policy.unlocked_creators == 0 {
            return Err(wrong("unlocked_creators must be at least 1"));
        }
        Ok(())
    }
}

fn wrong(message: &'static str) -> Error {
    Error::new(ErrorKind::Config, "build region", message)
}
