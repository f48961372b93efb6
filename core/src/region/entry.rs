//! One entry of a region, with the options of one call.

use std::future::Future;
use std::time::Duration;

use super::creation::Creation;
use super::request::Request;
use super::{DetachedRef, InProcessRef, Observed, Region};
use crate::error::{Error, Result};
use crate::key::Key;
use crate::lent::Lent;
use crate::observe::{LookupSpan, Outcome};
use crate::shared::Shared;
use crate::tag::{Invalidation, Tag, Tags};
use crate::value::{Value, serialized_size};

/// The entry under one key, with options of this call.
///
/// Made by [`Region::entry`]; does nothing until one of its `async` methods is awaited.
#[derive(Debug, Clone)]
#[must_use = "an entry does nothing until it is asked for its value"]
pub struct EntryRef<'r> {
    pub(super) region: &'r Region,
    pub(super) request: Request<'r>,
}

impl<'r> EntryRef<'r> {
    #[inline]
    pub(super) const fn new(region: &'r Region, key: Lent<'r, Key>) -> Self {
        Self { region, request: Request::new(key) }
    }

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

    /// Creates in a task of its own, which outlives its caller.
    ///
    /// The creator must then own all it uses. A stale value is refreshed in the background.
    #[inline]
    pub const fn detached(self) -> DetachedRef<'r> {
        DetachedRef(self)
    }

    /// Keeps the value in this process only, which lifts the serde bounds from its type.
    #[inline]
    pub const fn in_process(self) -> InProcessRef<'r> {
        InProcessRef(self)
    }

    /// Reads the tag versions now, for a value that is created elsewhere and stored later.
    pub fn observe(self) -> Observed {
        Observed::new(self)
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
    {
        self.creation(|value: &T| Some(serialized_size(value))).run(create)
    }

    /// The value if the cache has one that may be served. Never creates, never waits for a creator.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn get<T: Value>(self) -> Option<Shared<T>> {
        self.lookup()
    }

    pub(super) fn lookup<T: Send + Sync + 'static>(self) -> Option<Shared<T>> {
        let region = self.region.inner();
        let lookup = LookupSpan::begin(region);
        if let Some(reason) = region.off() {
            lookup.end(Outcome::Bypass, None, Some(reason));
            return None;
        }
        let now = region.clock.now();
        let found = region.find(&self.request, now);
        found.end(lookup, now);
        found.servable().map(Shared::new)
    }

    /// Stores a value, whatever was there.
    ///
    /// What creations of this key that are under way make will not be served in its place; at worst
    /// one that ends at the very same moment costs a miss. An invalidation of a tag that
    /// landed before this call is not noticed: where the value was read from somewhere that may
    /// have changed meanwhile, [`observe`](Self::observe) first.
    ///
    /// # Errors
    ///
    /// None in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the value is then stored or not.
    pub async fn set<T: Value>(self, value: T) -> Result<()> {
        let weight = serialized_size(&value);
        self.region.inner().invalidate_key(&self.request.key, Invalidation::Hard);
        self.observe().store_weighing(value, weight);
        Ok(())
    }

    /// Removes the value. A creation of this key that is under way will not bring it back.
    ///
    /// # Errors
    ///
    /// None in a memory region.
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
    /// None in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the value is then invalidated or not.
    pub async fn invalidate(self, how: Invalidation) -> Result<()> {
        self.region.inner().invalidate_key(&self.request.key, how);
        Ok(())
    }

    #[inline]
    pub(super) fn creation<W>(self, weigh: W) -> Creation<'r, W> {
        Creation { region: self.region, request: self.request, weigh }
    }
}
