//! Looking at an entry without counting as a lookup.

use std::time::Duration;

use super::EntryRef;
use super::found::{Verdict, verdict};
use crate::observe::Reason;
use crate::tag::Tags;

/// How an entry stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It would be a hit.
    Fresh,
    /// It would be served as stale, for this reason.
    Stale(Reason),
    /// It would be a miss, for this reason.
    Missing(Reason),
}

/// What is known of an entry: its standing, its age, what it depends on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inspection {
    /// The name that the region's mangler gives the key.
    pub key: String,
    /// How the entry stands.
    pub state: State,
    /// The tags of the call, implicit ones included.
    pub tags: Tags,
    /// What is known where an entry is held, servable or not.
    pub held: Option<Held>,
}

/// An entry that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held {
    /// The time since its creation began.
    pub age: Duration,
    /// How much longer it is fresh; zero if it is not.
    pub fresh_for: Duration,
    /// How much longer it may be served as stale after that.
    pub stale_for: Duration,
    /// How long its creation took.
    pub created_in: Duration,
    /// What it weighs, in bytes.
    pub weight: u64,
}

impl EntryRef<'_> {
    /// Looks at the entry without using, counting or creating it.
    pub fn inspect(self) -> Inspection {
        let region = self.region.inner();
        let now = region.clock.now();
        let stale_for = self.request.stale_for(region);
        let mut state = State::Missing(Reason::ABSENT);
        let held = region.tier.peek(self.request.key.digest().lookup).map(|entry| {
            let header = entry.header();
            state = match verdict(header, &self.request, now, stale_for) {
                Verdict::Fresh => State::Fresh,
                Verdict::Stale(reason) => State::Stale(reason),
                Verdict::Unservable(reason) => State::Missing(reason),
            };
            Held {
                age: header.age(now),
                fresh_for: header.fresh_until.since(now),
                stale_for,
                created_in: header.created_in,
                weight: header.weight,
            }
        });
        let mut tags = (*self.request.tags).clone();
        tags.extend(region.key_tag(&self.request.key));
        tags.insert(&region.epoch);
        Inspection { key: region.mangler.mangle(&self.request.key), state, tags, held }
    }
}
