//! How a region is described.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::background::Background;
use super::fall_back::Resting;
use super::remote::Remote;
use super::reports::Reports;
use super::{Inner, Region};
use crate::backend::Backend;
use crate::clock::{Clock, CoarseClock};
use crate::codec::{Codec, Trials};
use crate::coherence::Coherence;
use crate::error::Result;
use crate::flight::Flights;
use crate::key::{HashLong, KeyHasher, KeyMangler, ProcessHasher, Sha256Hasher};
use crate::lease::{LocalLocks, Locks};
use crate::local::LocalTier;
use crate::observe::Observer;
use crate::policy::{Freshness, Policy, wrong};
use crate::tag::{Tag, TagSpace};
use crate::units::megabytes;

/// The description of a [`Region`], finished by [`build`](Self::build).
///
/// Only `ttl` must be given.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RegionBuilder {
    name: String,
    policy: Policy,
    local: u64,
    backend: Option<Arc<dyn Backend>>,
    codec: Codec,
    value_version: u64,
    tags: TagSpace,
    locks: Option<Arc<dyn Locks>>,
    clock: Arc<dyn Clock>,
    mangler: Arc<dyn KeyMangler>,
    hasher: Option<Arc<dyn KeyHasher>>,
    observer: Option<Arc<dyn Observer>>,
}

impl RegionBuilder {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            policy: Policy::new(),
            local: megabytes(64),
            backend: None,
            codec: Codec::default(),
            value_version: 0,
            tags: TagSpace::process(),
            locks: None,
            clock: Arc::new(CoarseClock),
            mangler: Arc::new(HashLong::default()),
            hasher: None,
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

    /// How old a value may be, counted from the beginning of its creation, that is served because
    /// the creation of its successor failed.
    ///
    /// Default: zero, the caller whose creator failed gets the error.
    pub const fn serve_stale_on_error(mut self, max_age: Duration) -> Self {
        self.policy.stale_on_error = max_age;
        self
    }

    /// How long after such a failure the old value is served without trying again.
    ///
    /// Default: 1 s.
    pub const fn error_throttle(mut self, rest: Duration) -> Self {
        self.policy.error_throttle = rest;
        self
    }

    /// How eagerly values are refreshed before they expire, by XFetch: `1.0` begins about as long
    /// before the end as the creation takes, larger numbers earlier. One caller is elected; with
    /// [`detached`](crate::EntryRef::detached) nobody waits.
    ///
    /// Default: `0.0`, never.
    pub const fn early_refresh(mut self, beta: f64) -> Self {
        self.policy.early_refresh = beta;
        self
    }

    /// How long a caller who has an old value to fall back on waits for the new one. A detached
    /// creation goes on, any other is dropped.
    ///
    /// Default: none.
    pub const fn soft_load_limit(mut self, limit: Duration) -> Self {
        self.policy.soft_load_limit = Some(limit);
        self
    }

    /// How long a creation may take; then it is dropped, and its caller gets
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout).
    ///
    /// Default: none.
    pub const fn hard_load_limit(mut self, limit: Duration) -> Self {
        self.policy.hard_load_limit = Some(limit);
        self
    }

    /// How many refreshes that nobody waits for may run at once. One more is put off: the stale value
    /// is served, and a later caller tries again.
    ///
    /// Default: 64.
    pub const fn background_refreshes(mut self, limit: usize) -> Self {
        self.policy.background_refreshes = limit;
        self
    }

    /// What a write does to the entries that depend on what it wrote.
    ///
    /// Default: [`Freshness::AfterCommit`].
    pub const fn freshness(mut self, freshness: Freshness) -> Self {
        self.policy.freshness = freshness;
        self
    }

    /// How long a taint of [`Freshness::Fenced`] lasts whose writer has gone; what depends on its tag
    /// goes to the database meanwhile. It must be longer than the longest write that commits by
    /// itself takes, and than the longest COMMIT.
    ///
    /// Default: 30 s.
    pub const fn taint_life(mut self, life: Duration) -> Self {
        self.policy.taint_life = life;
        self
    }

    /// How old a copy in this process may be, compared with what the backend has.
    ///
    /// Only for a region with a [`backend`](Self::backend) and a [`local`](Self::local) tier.
    ///
    /// Default: [`Coherence::Strict`].
    pub const fn coherence(mut self, coherence: Coherence) -> Self {
        self.policy.coherence = coherence;
        self
    }

    /// Keeps values in a backend, beyond this process; the local tier then holds copies that are
    /// checked against the backend's versions at every hit.
    ///
    /// Default: none, values live in this process only.
    pub fn backend(mut self, backend: impl Backend) -> Self {
        self.backend = Some(Arc::new(backend));
        self
    }

    /// How values become bytes, where there is a backend.
    ///
    /// Default: [`Codec::MessagePack`].
    pub const fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// The version of the types of values: raise it when their meaning changes and their shape does
    /// not. Entries of other versions are misses, and share their invalidations.
    ///
    /// Default: 0.
    pub const fn value_version(mut self, version: u64) -> Self {
        self.value_version = version;
        self
    }

    /// How many bytes of values the region keeps in this process. With a backend it may be 0.
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
    /// Default: [`ProcessHasher`]; with a backend [`Sha256Hasher`], whose fingerprints are the same
    /// in every process.
    pub fn hasher(mut self, hasher: impl KeyHasher) -> Self {
        self.hasher = Some(Arc::new(hasher));
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
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), naming the setting that is wrong and what it may be.
    pub fn build(self) -> Result<Region> {
        self.check()?;
        let reports = Arc::new(Reports::new(&self.name, self.observer));
        let epoch = Tag::region(&self.name);
        let all_tables = Tag::all_tables();
        self.tags.pin(&epoch);
        self.tags.pin(&all_tables);
        let mut policy = self.policy;
        if self.backend.is_none() || self.local > 0 {
            policy.max_value = policy.max_value.min((self.local / 4).max(1));
        }
        let remote = self.backend.map(|backend| {
            let fenced_stores = self.locks.is_none();
            let link = Remote::link(&backend, &policy, &self.clock, &epoch, &reports);
            let wants = policy.freshness == Freshness::Transactional;
            let transactional = backend.transactional().filter(|_| wants);
            if policy.freshness.may_fence() && !link.can_taint() {
                warn_of_no_taints(&self.name, &*backend);
            }
            Remote {
                capabilities: backend.capabilities(),
                locks: backend.locks(),
                transactional,
                link,
                codec: self.codec,
                value_version: self.value_version,
                trials: Trials::default(),
                fences: fenced_stores,
            }
        });
        let hasher: Arc<dyn KeyHasher> = match (self.hasher, &remote) {
            (Some(hasher), _) => hasher,
            (None, Some(_)) => Arc::new(Sha256Hasher),
            (None, None) => Arc::new(ProcessHasher),
        };
        let backend_locks = remote.as_ref().and_then(|remote| remote.locks.clone());
        let local_locks = || Arc::new(LocalLocks::new(Arc::clone(&self.clock))) as Arc<dyn Locks>;
        Ok(Region {
            inner: Arc::new(Inner {
                tier: LocalTier::new(self.local, policy.max_value),
                locks: self.locks.or(backend_locks).unwrap_or_else(local_locks),
                remote,
                tags: self.tags,
                epoch,
                all_tables,
                flights: Arc::new(Flights::default()),
                unlocked: Semaphore::new(policy.unlocked_creators),
                background: Arc::new(Background::new(policy.background_refreshes)),
                resting: Resting::default(),
                clock: self.clock,
                mangler: self.mangler,
                hasher,
                scope: super::scope(reports.region()),
                reports,
                reads_off: AtomicBool::new(false),
                closed: AtomicBool::new(false),
                policy,
            }),
        })
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.name.is_empty() {
            return Err(wrong("the name is empty; give the region a name such as \"shop\""));
        }
        if self.name.len() > 100 || self.name.chars().any(char::is_control) {
            let error = wrong("a name has at most 100 bytes and no control characters");
            return Err(error.with("bytes", self.name.len()));
        }
        if self.local == 0 && self.backend.is_none() {
            return Err(wrong("local is 0 bytes; a region needs room for its values"));
        }
        self.policy.coherence.check(self.backend.as_deref(), self.local)?;
        self.policy.check()
    }
}

/// Once for each region: what is missing does not come back.
fn warn_of_no_taints(region: &str, backend: &dyn Backend) {
    tracing::warn!(
        target: "dogpile", region, backend = backend.kind(),
        "freshness is `fenced`, and the backend cannot taint: writes go on as with `after_commit`",
    );
}
