//! Setting and removing several values: every step once for all of them.

use super::EntriesRef;
use super::batch::Led;
use crate::error::Result;
use crate::observe::Source;
use crate::region::creation::Coded;
use crate::region::keep::Rule;
use crate::region::store::Making;
use crate::tag::{Invalidation, Tags};
use crate::value::Value;

impl<K, R> EntriesRef<'_, K, R> {
    /// Invalidates all keys.
    pub(super) async fn invalidate_all(&self) -> Result<()> {
        let region = self.region.inner();
        let keys = &self.asked.keys;
        let tags: Tags = keys.iter().filter_map(|key| region.key_tag(key)).collect();
        for key in keys.iter().filter(|key| key.canonical().is_none()) {
            region.invalidate_key(key, Invalidation::Hard).await?;
        }
        region.bump(&tags, Invalidation::Hard, Source::Key).await
    }

    /// Invalidates all keys, observes what they depend on, and stores `values`, one for each place.
    pub(super) async fn set_all<T: Value>(self, values: Vec<T>) -> Result<()>
    where
        R: Rule<T>,
    {
        if values.is_empty() {
            return Ok(());
        }
        self.invalidate_all().await?;
        let Self { region, asked, places, rule, .. } = self;
        let (region, requests, plan) = (region.inner(), asked.requests(), Coded(rule));
        let begun = region.clock.now();
        let observations = region.observe_all_now(&requests).await;
        let mut last: Vec<Option<T>> = requests.iter().map(|_| None).collect();
        places.into_iter().zip(values).for_each(|(place, value)| last[place] = Some(value));
        let led: Vec<Led> =
            observations.into_iter().enumerate().map(|(i, seen)| Led::set(i, seen)).collect();
        let entry = |(led, value): (&Led, Option<T>)| {
            let (request, observation) = (&requests[led.index], led.observation.clone());
            let making = Making { request, observation, begun, lease: None };
            value.map(|value| region.entry_of(making, value, &plan))
        };
        let made: Vec<_> = led.iter().zip(last).map(entry).collect();
        region.store_all(&led, |led| &requests[led.index], &made, begun, &plan).await;
        Ok(())
    }
}
