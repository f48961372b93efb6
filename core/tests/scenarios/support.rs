//! The places where a region can keep its values.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile::backend::MemoryBackend;
use dogpile::{Error, ErrorKind, ManualClock, Region, RegionBuilder, TagSpace, megabytes, minutes};

/// Two regions that are one: two handles of a region in memory, or two processes on a backend.
pub(crate) struct Pair {
    pub(crate) place: &'static str,
    pub(crate) a: Region,
    pub(crate) b: Region,
    pub(crate) clock: ManualClock,
}

/// A pair in each place, with the settings that `set` makes.
pub(crate) fn everywhere(set: impl Fn(RegionBuilder) -> RegionBuilder) -> Vec<Pair> {
    let places = ["memory", "backend", "backend and local tier"];
    places.into_iter().map(|place| pair(place, &set)).collect()
}

fn pair(place: &'static str, set: &impl Fn(RegionBuilder) -> RegionBuilder) -> Pair {
    let clock = ManualClock::new();
    let builder = || {
        let builder = Region::builder("test").ttl(minutes(5)).jitter(0.0);
        set(builder.clock(clock.clone()).tag_space(TagSpace::new(10_000)))
    };
    if place == "memory" {
        let a = builder().build().unwrap();
        return Pair { place, b: a.clone(), a, clock };
    }
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let local = if place == "backend" { 0 } else { megabytes(4) };
    let region = || builder().local(local).backend(backend.clone()).build().unwrap();
    let (a, b) = (region(), region());
    Pair { place, a, b, clock }
}

pub(crate) fn made<T>(value: T) -> Result<T, Error> {
    Ok(value)
}

pub(crate) fn failure<T>() -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unavailable, "query", "the database said no"))
}

/// Counts how often creators ran.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs(Arc<AtomicUsize>);

impl Runs {
    /// The number of this run, from one.
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}
