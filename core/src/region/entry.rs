//! One entry of a region, with the options of one call.

use std::future::Future;
use std::time::Duration;

use tokio::task::coop::consume_budget;

use super::creation::{Coded, Creation, Plan};
use super::found::Found;
use super::in_turn::Then;
use super::keep::{Always, And, NegativeTtl, Rule, ShouldCache, TtlBy};
use super::request::Request;
use super::{DetachedRef, InProcessRef, Observed, Region};
use crate::error::{Error, Result};
use crate::key::Key;
use crate::lent::Lent;
use crate::observe::{LookupSpan, Outcome, Reason, Tier};
use crate::shared::Shared;
use crate::tag::{Invalidation, Tag, Tags};
use crate::value::Value;

/// The entry under one key, with options of this call.
///
/// Made by [`Region::entry`]; does nothing until one of its `async` methods is awaited.
#[derive(Debug, Clone)]
#[must_use = "an entry does nothing until it is asked for its value"]
pub struct EntryRef<'r, R = Always> {
    pub(super) region: &'r Region,
    pub(super) request: Request<'r>,
    rule: R,
}

impl<'r> EntryRef<'r> {
    #[inline]
    pub(super) const fn new(region: &'r Region, key: Lent<'r, Key>) -> Self {
        Self::of(region, Request::new(key))
    }

    pub(super) const fn of(region: &'r Region, request: Request<'r>) -> Self {
        Self { region, request, rule: Always }
    }
}

impl<'r, R> EntryRef<'r, R> {
    /// Adds a tag that the value depends on.
    ///
    /// Tags are part of an entry: a caller that declares others than the entry has gets a miss.
    ///
    /// Default: none but the implicit tags of the region and, for a user's key, of the key.
    #[inline]
    pub fn tag(mut self, tag: impl Into<Tag>) -> Self {
        self.request.tags.to_mut().insert(tag);
        self
    }

    /// Adds several tags; a [prepared](Tags::prepared) list costs least.
    ///
    /// Default: none.
    #[inline]
    pub fn tags(mut self, tags: &'r Tags) -> Self {
        self.request.add_tags(tags);
        self
    }

    /// How long a value created by this call is fresh.
    ///
    /// Default: the region's.
    #[inline]
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.request.ttl = Some(ttl);
        self
    }

    /// How long past its freshness this call accepts a value while somebody refreshes it.
    ///
    /// Default: the region's.
    #[inline]
    pub const fn stale_for(mut self, stale_for: Duration) -> Self {
        self.request.stale_for = Some(stale_for);
        self
    }

    /// How old a value this call accepts, counted from the beginning of its creation, where the
    /// creation of its successor fails.
    ///
    /// It is served instead of the creator's error, and for the region's `error_throttle` nobody
    /// tries again. A value whose tags were invalidated is never served so.
    ///
    /// Default: the region's.
    #[inline]
    pub const fn serve_stale_on_error(mut self, max_age: Duration) -> Self {
        self.request.stale_on_error = Some(max_age);
        self
    }

    /// Keeps a value that this call creates only if `keep` says so; it is handed out either way.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
    /// # let region = dogpile::Region::builder("shop").ttl(dogpile::minutes(5)).build()?;
    /// let rows = region
    ///     .entry("rows")
    ///     .should_cache(|_key, rows: &Vec<u64>| !rows.is_empty())
    ///     .get_or_create(async || Ok::<_, dogpile::Error>(Vec::new()))
    ///     .await?;
    /// assert!(rows.is_empty() && region.stats().stored == 0);
    /// # Ok(()) }
    /// ```
    ///
    /// Default: every value is kept.
    pub fn should_cache<T, F: Fn(&Key, &T) -> bool>(
        self,
        keep: F,
    ) -> EntryRef<'r, And<R, ShouldCache<F>>> {
        self.rule(ShouldCache(keep))
    }

    /// Decides from the value how long it is fresh; `None` leaves it as it is.
    ///
    /// Default: the call's `ttl`, or the region's.
    pub fn ttl_by<T, F: Fn(&T) -> Option<Duration>>(
        self,
        ttl: F,
    ) -> EntryRef<'r, And<R, TtlBy<F>>> {
        self.rule(TtlBy(ttl))
    }

    /// How long the answer "there is none", a value that is `None`, is fresh.
    ///
    /// Default: as any other value.
    pub fn negative_ttl(self, ttl: Duration) -> EntryRef<'r, And<R, NegativeTtl>> {
        self.rule(NegativeTtl(ttl))
    }

    fn rule<S>(self, rule: S) -> EntryRef<'r, And<R, S>> {
        let Self { region, request, rule: before } = self;
        EntryRef { region, request, rule: And(before, rule) }
    }

    /// Creates in a task of its own, which outlives its caller.
    ///
    /// The creator must then own all it uses. A stale value is refreshed in the background.
    #[inline]
    pub fn detached(self) -> DetachedRef<'r, R> {
        DetachedRef(self)
    }

    /// Keeps the value in this process only, which lifts the serde bounds from its type.
    #[inline]
    pub fn in_process(self) -> InProcessRef<'r, R> {
        InProcessRef(self)
    }

    /// Reads the tag versions now, for a value that is created elsewhere and stored later.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn observe(self) -> Observed {
        Observed::new(self.region, self.request).await
    }

    /// The value: from the cache, or created by one caller while the others wait for it or are
    /// served the stale one.
    ///
    /// The creator runs inside this future. When the caller goes away the next waiter creates.
    ///
    /// # Errors
    ///
    /// The creator's own error, for the caller whose creator failed. Callers who only waited try
    /// their own creators in turn; after three failures in a row those who still wait get
    /// [`ErrorKind::LeaderFailed`](crate::ErrorKind::LeaderFailed). The cache itself never fails.
    ///
    /// # Panics
    ///
    /// Where the creator panics, in the caller whose creator it is. Nobody else panics.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: the flight, the lease and the seat are given up at once.
    pub fn get_or_create<T, E, F, Fut>(
        self,
        create: F,
    ) -> impl Future<Output = Result<Shared<T>, E>>
    where
        T: Value,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        R: Rule<T>,
    {
        self.creation(Coded).run(create)
    }

    /// Creates the value anew and stores it, whatever is there.
    ///
    /// One creation of a key runs at a time. Whoever asks for a refresh while one is running does
    /// not get its result, which may be older than what the caller has just changed: all who ask
    /// meanwhile share the next one. Readers are served what is there until then.
    ///
    /// # Errors
    ///
    /// As [`get_or_create`](Self::get_or_create).
    ///
    /// # Panics
    ///
    /// As [`get_or_create`](Self::get_or_create).
    ///
    /// # Cancel safety
    ///
    /// As [`get_or_create`](Self::get_or_create).
    pub async fn refresh<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        T: Value,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        R: Rule<T>,
    {
        let creation = self.creation(Coded);
        Box::pin(creation.in_turn(Then::Store, create)).await
    }

    /// The value if the cache has one that may be served. Never creates, never waits for a creator.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn get<T: Value>(self) -> Option<Shared<T>> {
        self.lookup(&Coded(Always)).await
    }

    pub(super) async fn lookup<T, P>(self, plan: &P) -> Option<Shared<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        consume_budget().await;
        let region = self.region.inner();
        if region.remote.is_some() {
            return Box::pin(region.lookup_afar(&self.request, plan)).await;
        }
        let lookup = LookupSpan::begin(region);
        if let Some(reason) = region.off() {
            lookup.end(Outcome::Bypass, reason);
            return None;
        }
        let now = region.clock.now();
        let found = region.find(&self.request, now);
        if matches!(found, Found::Missing(..)) && region.is_tainted(&self.request) {
            lookup.end(Outcome::Bypass, Reason::TAINTED);
            return None;
        }
        found.end(lookup, Tier::Local, now);
        found.servable().map(Shared::new)
    }

    /// Stores a value, whatever was there.
    ///
    /// What creations of this key that are under way make will not be served in its place; at worst
    /// one that ends at the very same moment costs a miss. An invalidation of a tag that
    /// landed before this call is not noticed: where the value was read from somewhere that may
    /// have changed meanwhile, [`observe`](Self::observe) first. A value that is not wanted, too
    /// large, or otherwise refused is counted in [`Stats::refused`](crate::Stats) and not stored.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the backend did not acknowledge
    /// the invalidation: it is owed, and until it is delivered this process goes past the cache.
    /// Never in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the value is then stored or not.
    pub async fn set<T: Value>(self, value: T) -> Result<()>
    where
        R: Rule<T>,
    {
        let Self { region, request, rule } = self;
        region.inner().invalidate_key(&request.key, Invalidation::Hard).await?;
        Observed::new(region, request).await.store_as(value, &Coded(rule)).await;
        Ok(())
    }

    /// Removes the value. A creation of this key that is under way will not bring it back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the backend did not acknowledge
    /// the invalidation: it is owed, and until it is delivered this process goes past the cache.
    /// Never in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the value is then removed or not.
    pub async fn delete(self) -> Result<()> {
        self.invalidate(Invalidation::Hard).await
    }

    /// Invalidates the value, leaving it servable as stale if `how` is soft.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the backend did not acknowledge
    /// the invalidation: it is owed, and until it is delivered this process goes past the cache.
    /// Never in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the value is then invalidated or not.
    pub async fn invalidate(self, how: Invalidation) -> Result<()> {
        self.region.inner().invalidate_key(&self.request.key, how).await
    }

    #[inline]
    pub(super) fn creation<P>(self, plan: impl FnOnce(R) -> P) -> Creation<'r, P> {
        Creation { region: self.region, request: self.request, plan: plan(self.rule) }
    }
}
