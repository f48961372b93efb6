//! Observe first, create elsewhere, store later.

use super::creation::{Coded, Kept, Plan};
use super::keep::Always;
use super::request::Request;
use super::store::Making;
use super::{InProcessRef, Region};
use crate::clock::Tick;
use crate::shared::Shared;
use crate::tag::{Observation, Standing};
use crate::value::Value;

/// Tag versions that were read before a value is created outside of the cache's own future: while
/// a stream is consumed, or by another task.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, minutes};
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
/// let observed = region.entry("total").tag("orders").observe().await;
/// let total = 7_u64; // ... read from somewhere that may change meanwhile ...
/// region.invalidate(["orders"]).await?;
///
/// observed.store(total).await;
/// assert!(region.entry("total").tag("orders").get::<u64>().await.is_none());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "an observation is good for nothing until a value is stored with it"]
pub struct Observed {
    region: Region,
    request: Request<'static>,
    observation: Observation,
    begun: Tick,
}

impl Observed {
    pub(super) async fn new(region: &Region, request: Request<'_>) -> Self {
        let begun = region.inner().clock.now();
        let observation = region.inner().observe_now(&request).await;
        Self { region: region.clone(), request: request.into_owned(), observation, begun }
    }

    /// Whether a value that was created right after the observation would still be a hit: nothing it
    /// depends on has moved, and it is not past its `ttl`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn is_current(&self) -> bool {
        let region = self.region.inner();
        let ttl = self.request.ttl.unwrap_or(region.policy.ttl);
        let in_time = region.clock.now() < self.begun.after(ttl);
        let standing = region.standing_now(&self.request, &self.observation);
        in_time && standing.await == Standing::Current
    }

    /// Stores a value that was created after the observation, unless a tag has moved meanwhile.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the value is then stored or not.
    pub async fn store<T: Value>(self, value: T) -> Shared<T> {
        self.store_as(value, &Coded(Always)).await
    }

    /// [`store`](Self::store) for a value that never leaves this process and takes `weight` bytes
    /// beyond its `size_of`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the value is then stored or not.
    pub async fn store_weighing<T>(self, value: T, weight: usize) -> Shared<T>
    where
        T: Send + Sync + 'static,
    {
        self.store_as(value, &Kept { weigh: |_: &T| Some(weight), rule: Always }).await
    }

    pub(super) async fn store_as<T, P>(self, value: T, plan: &P) -> Shared<T>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let Self { region, request, observation, begun } = self;
        let making = Making { request: &request, observation, begun, lease: None };
        Shared::new(region.inner().store(making, value, plan).await)
    }

    /// Whether a value that takes `weight` bytes beyond its `size_of` is small enough to be stored.
    pub fn fits(&self, weight: usize) -> bool {
        weight as u64 <= self.region.inner().policy.max_value
    }
}

impl<R> InProcessRef<'_, R> {
    /// [`EntryRef::observe`](super::EntryRef::observe).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn observe(self) -> Observed {
        self.0.observe().await
    }
}
