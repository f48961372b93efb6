//! Observe first, create elsewhere, store later.

use super::request::Request;
use super::{EntryRef, InProcessRef, Region};
use crate::clock::Tick;
use crate::shared::Shared;
use crate::tag::{Observation, Standing};
use crate::value::{Value, serialized_size};

/// Tag versions that were read before a value is created outside of the cache's own future: while
/// a stream is consumed, or by another task.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, minutes};
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
/// let observed = region.entry("total").tag("orders").observe();
/// let total = 7_u64; // ... read from somewhere that may change meanwhile ...
/// region.invalidate(["orders"]).await?;
///
/// observed.store(total);
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
    pub(super) fn new(entry: EntryRef<'_>) -> Self {
        let EntryRef { region, request } = entry;
        let observation = region.inner().observe(&request);
        let begun = region.inner().clock.now();
        let request = request.into_owned();
        Self { region: region.clone(), request, observation, begun }
    }

    /// Whether a value that was created right after the observation would still be a hit: nothing it
    /// depends on has moved, and it is not past its `ttl`.
    pub fn is_current(&self) -> bool {
        let region = self.region.inner();
        let ttl = self.request.ttl.unwrap_or(region.policy.ttl);
        let in_time = region.clock.now() < self.begun.after(ttl);
        in_time && self.observation.standing() == Standing::Current
    }

    /// Stores a value that was created after the observation, unless a tag has moved meanwhile.
    pub fn store<T: Value>(self, value: T) -> Shared<T> {
        let weight = serialized_size(&value);
        self.store_weighing(value, weight)
    }

    /// [`store`](Self::store) for a value that never leaves this process and takes `weight` bytes
    /// beyond its `size_of`.
    pub fn store_weighing<T: Send + Sync + 'static>(self, value: T, weight: usize) -> Shared<T> {
        let Self { region, request, observation, begun } = self;
        Shared::new(region.inner().store(&request, observation, begun, value, Some(weight)))
    }

    /// Whether a value that takes `weight` bytes beyond its `size_of` is small enough to be stored.
    pub fn fits(&self, weight: usize) -> bool {
        weight as u64 <= self.region.inner().policy.max_value
    }
}

impl InProcessRef<'_> {
    /// [`EntryRef::observe`].
    pub fn observe(self) -> Observed {
        Observed::new(self.0)
    }
}
