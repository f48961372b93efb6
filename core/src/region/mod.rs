//! Regions: a named cache with its policies, and everything one does with it.

#![expect(clippy::future_not_send, reason = "these are Send whenever the creator is")]

mod as_region;
mod background;
mod board;
mod builder;
mod create;
mod creation;
mod declared;
mod detached;
mod entries;
mod entry;
mod explain;
mod fall_back;
mod fence;
mod found;
mod in_process;
mod in_turn;
mod inspect;
mod invalidate;
mod keep;
mod leases;
mod make;
mod observed;
mod registry;
mod remote;
mod reports;
mod request;
mod step;
mod store;
mod write_guard;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::flight::Flights;
use crate::key::{Key, KeyHasher, KeyMangler, KeyRef};
use crate::lease::Locks;
use crate::local::LocalTier;
use crate::observe::{Event, LookupSpan, Outcome, Reason, Stats};
use crate::policy::{Freshness, Policy};
use crate::tag::{Tag, TagSpace};
use crate::wait::bounded;

pub use as_region::AsRegion;
use background::Background;
pub use builder::RegionBuilder;
pub use declared::DeclaredRegion;
pub use detached::DetachedRef;
pub use entries::EntriesRef;
pub use entry::EntryRef;
pub use explain::Explanation;
use fall_back::Resting;
pub use in_process::InProcessRef;
pub use inspect::{Held, Inspection, State};
pub use keep::{Always, And, Keep, NegativeTtl, Rule, ShouldCache, TtlBy};
pub use observed::Observed;
pub use registry::Regions;
use remote::Remote;
use reports::Reports;
pub use write_guard::WriteGuard;

/// A named cache: where its values live, how long, and who may create them.
///
/// Cheap to clone; all clones are the same region. It has no type parameters: each key may hold a
/// value of its own type.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, minutes};
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
///
/// let page = region
///     .entry(("page", "home"))
///     .tag("pages")
///     .get_or_create(async || Ok::<_, dogpile::Error>(String::from("<h1>Home</h1>")))
///     .await?;
/// assert_eq!(*page, "<h1>Home</h1>");
///
/// region.invalidate(["pages"]).await?;
/// assert!(region.entry(("page", "home")).tag("pages").get::<String>().await.is_none());
/// # Ok(()) }
/// ```
///
/// Waits are bounded by the timers of tokio: run it on a tokio runtime with time enabled. On any
/// other executor it works too, but waits for as long as the creator takes.
#[derive(Clone)]
pub struct Region {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    policy: Policy,
    tier: LocalTier,
    /// The backend, if the values live in one.
    remote: Option<Remote>,
    tags: TagSpace,
    /// The implicit tag of every entry, never removed from the tag space.
    epoch: Tag,
    /// The implicit tag of every entry that depends on a table.
    all_tables: Tag,
    flights: Arc<Flights>,
    locks: Arc<dyn Locks>,
    /// Bounds the creators that run without flight or lease.
    unlocked: Semaphore,
    background: Arc<Background>,
    resting: Resting,
    clock: Arc<dyn Clock>,
    mangler: Arc<dyn KeyMangler>,
    /// What stands before the names of its entries: no name of another region begins so.
    scope: Box<str>,
    hasher: Arc<dyn KeyHasher>,
    pub(crate) reports: Arc<Reports>,
    reads_off: AtomicBool,
    closed: AtomicBool,
}

impl Region {
    /// Starts the description of a region called `name`.
    pub fn builder(name: impl Into<String>) -> RegionBuilder {
        RegionBuilder::new(name.into())
    }

    /// The region's name.
    pub fn name(&self) -> &str {
        self.inner.name()
    }

    /// What a write does that owes it an invalidation.
    pub fn freshness(&self) -> Freshness {
        self.inner.policy.freshness
    }

    /// Whether its values leave this process, because it has a backend.
    pub fn is_shared(&self) -> bool {
        self.inner.remote.is_some()
    }

    /// The most tags an entry may depend on, implicit ones not counted.
    pub fn max_tags(&self) -> usize {
        self.inner.policy.max_tags
    }

    /// How many bytes an entry may take; what is larger is not stored.
    pub fn max_value(&self) -> u64 {
        self.inner.policy.max_value
    }

    /// Whether an invalidation in either region is one in both: they have one backend, or both have
    /// none and keep their tags in one space.
    pub fn shares_tags_with(&self, other: &Self) -> bool {
        match (&self.inner.remote, &other.inner.remote) {
            (None, None) => self.inner.tags.is_same(&other.inner.tags),
            (Some(this), Some(other)) => this.link.has_backend_of(&other.link),
            _ => false,
        }
    }

    /// The tag that [`delete`](EntryRef::delete) and [`invalidate`](EntryRef::invalidate) of the entry
    /// under `key` give a fresh version: what carries it is invalidated with that entry.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
    /// use dogpile::{Key, Region, minutes};
    ///
    /// let region = Region::builder("shop").ttl(minutes(5)).build()?;
    /// let report = region.entry("report").tag(region.key_tag(&Key::from("front page")));
    /// report.clone().set(7_u64).await?;
    ///
    /// region.entry("front page").delete().await?;
    /// assert!(report.get::<u64>().await.is_none());
    /// # Ok(()) }
    /// ```
    pub fn key_tag(&self, key: &Key) -> Tag {
        self.inner.tag_of_name(key)
    }

    /// The entry under `key`, with options of this call.
    ///
    /// Pass `&key` of a [`Key`](crate::Key) that is kept to look up without hashing or allocating.
    #[inline]
    pub fn entry<'r>(&'r self, key: impl Into<KeyRef<'r>>) -> EntryRef<'r> {
        EntryRef::new(self, key.into().0)
    }

    /// The counts since the region was built.
    pub fn stats(&self) -> Stats {
        Stats {
            entries: self.inner.tier.len(),
            weight: self.inner.tier.weight(),
            flights: self.inner.flights.len(),
            ..self.inner.reports.counters.stats()
        }
    }

    /// Switches reads on or off, for all clones.
    ///
    /// While they are off every lookup is a bypass. Writes go on invalidating, so that nothing is
    /// out of date when reads are switched on again.
    ///
    /// Default: on.
    pub fn set_reads(&self, on: bool) {
        self.inner.reads_off.store(!on, Ordering::SeqCst);
    }

    /// Why every lookup is a bypass at present; `None` while the region is in use.
    pub fn off(&self) -> Option<Reason> {
        self.inner.off()
    }

    /// What adapters make fingerprints with.
    pub fn hasher(&self) -> &dyn KeyHasher {
        &*self.inner.hasher
    }

    /// Counts a lookup that an adapter sent past the cache.
    pub fn bypass(&self, reason: Reason) {
        LookupSpan::begin(&self.inner).end(Outcome::Bypass, reason);
    }

    /// Runs work that neither flight nor lease protects, a bounded number at a time, and counts it.
    ///
    /// Waits for its turn no longer than `max_load`.
    ///
    /// # Cancel safety
    ///
    /// As `work` itself.
    pub async fn unlocked<F: Future>(&self, reason: Reason, work: F) -> F::Output {
        let turn = self.inner.unlocked.acquire();
        // A permit may be held by somebody who is never polled again: nobody waits for ever.
        let _permit = bounded(self.inner.policy.max_load, turn).await;
        self.inner.emit(&Event::Unlocked { reason });
        work.await
    }

    /// Ends the region: every lookup from now on is a bypass; detached creations and abandoned
    /// writes are waited for, and invalidations that a backend has not acknowledged are delivered.
    ///
    /// Creations inside the futures of callers end with those; what they create is not stored.
    /// Waits no longer than `max_load`. Writes go on invalidating.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn close(&self) {
        self.inner.closed.store(true, Ordering::SeqCst);
        let limit = self.inner.policy.max_load;
        let settled = async {
            self.inner.background.settled(limit).await;
            if let Some(remote) = &self.inner.remote {
                remote.link.settle(limit).await;
            }
        };
        bounded(limit, settled).await;
    }

    #[inline]
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Runs `work` as a task of its own that `close` waits for.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn<F>(&self, work: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.inner.background.spawn(work)
    }
}

impl Inner {
    pub(crate) fn name(&self) -> &str {
        self.reports.region()
    }

    /// A name of this region's alone.
    fn scoped(&self, name: &str) -> String {
        [&*self.scope, name].concat()
    }

    #[inline]
    pub(crate) fn emit(&self, event: &Event) {
        self.reports.emit(event);
    }

    /// Why lookups go past the cache at present, if they do.
    #[inline]
    pub(crate) fn off(&self) -> Option<Reason> {
        if self.closed.load(Ordering::Relaxed) {
            return Some(Reason::CLOSED);
        }
        self.reads_off.load(Ordering::Relaxed).then_some(Reason::DISABLED)
    }
}

/// The name of a region, which a `:` ends whatever is in it.
fn scope(region: &str) -> Box<str> {
    format!("{}:", region.replace('%', "%25").replace(':', "%3a")).into()
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region")
            .field("name", &self.name())
            .field("policy", &self.inner.policy)
            .field("tier", &self.inner.tier)
            .field("flights", &self.inner.flights)
            .finish_non_exhaustive()
    }
}
