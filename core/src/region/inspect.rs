//! Looking at an entry without counting as a lookup.

use std::time::Duration;

use super::found::Verdict;
use super::request::Request;
use super::{EntryRef, Inner};
use crate::clock::Tick;
use crate::observe::Reason;
use crate::tag::{Standing, Tags};
use crate::value::Header;

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
    /// The tags of the call, and those of the key and the region.
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
    /// How much longer than that it may be served as stale; zero if it may not.
    pub stale_for: Duration,
    /// How long its creation took.
    pub created_in: Duration,
    /// What it weighs, in bytes.
    pub weight: u64,
}

impl<R> EntryRef<'_, R> {
    /// Looks at the entry without using, counting or creating it.
    ///
    /// The type of the value is not known here: an entry that would be a miss because it holds
    /// another one looks servable.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn inspect(self) -> Inspection {
        let Self { region, request, .. } = self;
        let region = region.inner();
        let (state, held) = match &region.remote {
            None => region.held_here(&request),
            Some(remote) => Box::pin(region.held_afar(remote, &request)).await,
        };
        let mut tags = (*request.tags).clone();
        tags.extend(region.key_tag(&request.key));
        tags.insert(&region.epoch);
        Inspection { key: region.mangler.mangle(&request.key), state, tags, held }
    }

    /// Whether somebody in this process is creating the value right now, or waits to do so.
    pub fn is_being_created(&self) -> bool {
        self.region.inner().flights.contains(self.request.key.digest())
    }
}

impl Inner {
    fn held_here(&self, request: &Request<'_>) -> (State, Option<Held>) {
        match self.tier.peek(request.key.digest().lookup) {
            _ if self.is_tainted(request) => (State::Missing(Reason::TAINTED), None),
            None => (State::Missing(Reason::ABSENT), None),
            Some(entry) => {
                let standing = entry.header().observation.standing();
                self.state(request, entry.header(), standing)
            }
        }
    }

    /// How an entry with this header stands.
    pub(super) fn state(
        &self,
        request: &Request<'_>,
        header: &Header,
        standing: Standing,
    ) -> (State, Option<Held>) {
        let now = self.clock.now();
        let state = match self.verdict(header, request, standing, now) {
            Verdict::Fresh => State::Fresh,
            Verdict::Stale(reason) => State::Stale(reason),
            Verdict::OnError(reason) | Verdict::Unservable(reason) => State::Missing(reason),
        };
        (state, Some(Held::new(header, state, now, request.stale_for(self))))
    }
}

impl Held {
    fn new(header: &Header, state: State, now: Tick, stale_for: Duration) -> Self {
        let fresh_for = header.fresh_until.since(now);
        let until_gone = header.fresh_until.after(stale_for).since(now);
        let (fresh_for, stale_for) = match state {
            State::Fresh => (fresh_for, until_gone.saturating_sub(fresh_for)),
            State::Stale(_) => (Duration::ZERO, until_gone),
            State::Missing(_) => (Duration::ZERO, Duration::ZERO),
        };
        Self {
            age: header.age(now),
            fresh_for,
            stale_for,
            created_in: header.created_in,
            weight: header.weight,
        }
    }
}
