//! Events to the `metrics` facade.

mod handles;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};

use handles::Handles;

use super::{Event, Observer, series};
use crate::region::Region;

/// Sends every event of a region to the recorder of the `metrics` crate.
///
/// What it sends is listed in [`series`]. Install the recorder first: series are registered with
/// the one that is there when the region has its first event, and kept, so that a hit costs one
/// addition to a counter. One observer may serve several regions; clones share their series.
///
/// ```
/// # fn main() -> Result<(), dogpile::Error> {
/// use dogpile::observe::MetricsObserver;
/// use dogpile::{Region, minutes};
///
/// let metrics = MetricsObserver::new();
/// let region = Region::builder("shop").ttl(minutes(5)).observer(metrics.clone()).build()?;
/// // Now and then, or before each scrape:
/// metrics.sample(&region);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MetricsObserver(Arc<OnceLock<Box<Regional>>>);

/// The series of one region, and the next region.
struct Regional {
    region: Box<str>,
    handles: Handles,
    next: OnceLock<Box<Self>>,
}

impl MetricsObserver {
    /// An observer that uses the installed recorder; describes all series to it.
    pub fn new() -> Self {
        series::describe();
        Self(Arc::default())
    }

    /// Sends the values of the moment, which no event tells: entries, their weight, flights.
    pub fn sample(&self, region: &Region) {
        self.of(region.name()).sample(&region.stats());
    }

    /// The series of a region. There are as many regions as somebody has built, so few that a walk
    /// along a list without a lock is quickest.
    #[inline]
    fn of(&self, region: &str) -> &Handles {
        let mut link = &*self.0;
        loop {
            let held = link.get_or_init(|| Box::new(Regional::new(region)));
            if *held.region == *region {
                return &held.handles;
            }
            link = &held.next;
        }
    }
}

impl Regional {
    fn new(region: &str) -> Self {
        Self { region: region.into(), handles: Handles::new(region), next: OnceLock::new() }
    }
}

impl Default for MetricsObserver {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for MetricsObserver {
    #[inline]
    fn on_event(&self, region: &str, event: &Event) {
        self.of(region).record(region, event);
    }
}

impl fmt::Debug for MetricsObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.get();
        let all = std::iter::successors(first, |held| held.next.get());
        f.debug_set().entries(all.map(|held| &held.region)).finish()
    }
}
