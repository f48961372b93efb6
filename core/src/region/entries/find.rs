//! One lookup for several keys.

use tokio::task::coop::consume_budget;

use crate::observe::{LookupSpan, Outcome, Reason, Tier};
use crate::region::Inner;
use crate::region::creation::Plan;
use crate::region::found::Found;
use crate::region::remote::Purpose;
use crate::region::request::Request;
use crate::region::step::IsTainted;
use crate::shared::Shared;
use crate::tag::Observation;

/// What was read with a value from a backend. In a box: hits are many, and should be small.
type Seen = Option<Box<Observation>>;

/// What the lookup says of one of the keys.
pub(super) enum Each<T> {
    Served(Shared<T>),
    /// Served, unless the caller gets to refresh it; the versions, where they came from a backend.
    Stale(Shared<T>, Seen),
    /// Nothing to serve; and whether there is something to fall back on.
    Missing(Seen, bool),
    /// The cache cannot be asked, or not be trusted.
    Apart,
}

impl<T> Each<T> {
    pub(super) const fn servable(&self) -> Option<&Shared<T>> {
        match self {
            Self::Served(value) | Self::Stale(value, _) => Some(value),
            Self::Missing(..) | Self::Apart => None,
        }
    }

    pub(super) fn into_servable(self) -> Option<Shared<T>> {
        match self {
            Self::Served(value) | Self::Stale(value, _) => Some(value),
            Self::Missing(..) | Self::Apart => None,
        }
    }
}

impl Inner {
    /// Counts the lookups of several keys that are not made, if the cache is not to be asked.
    pub(super) fn bypasses(&self, keys: usize) -> bool {
        let Some(reason) = self.off() else { return false };
        for _ in 0..keys {
            LookupSpan::begin(self).end(Outcome::Bypass, reason);
        }
        true
    }

    /// Looks all of them up, each counted as one lookup.
    pub(super) async fn find_many<T, P>(&self, requests: &[Request<'_>], plan: &P) -> Vec<Each<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        consume_budget().await;
        if self.remote.is_some() {
            return Box::pin(self.find_many_afar(requests, plan)).await;
        }
        let now = self.clock.now();
        let mut each = Vec::with_capacity(requests.len());
        for request in requests {
            let lookup = LookupSpan::begin(self);
            let found = self.find(request, now);
            each.push(match self.seen_at_miss(request, &found) {
                Ok(seen) => {
                    found.end(lookup, Tier::Local, now);
                    found.into_each(seen)
                }
                Err(IsTainted) => {
                    lookup.end(Outcome::Bypass, Reason::TAINTED);
                    Each::Apart
                }
            });
        }
        each
    }

    async fn find_many_afar<T, P>(&self, requests: &[Request<'_>], plan: &P) -> Vec<Each<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let lookups: Vec<_> = requests.iter().map(|_| LookupSpan::begin(self)).collect();
        let near: Vec<_> = requests.iter().map(|request| self.near(request)).collect();
        let asked = requests.iter().zip(&near).filter(|(_, near)| near.is_none());
        let asked: Vec<_> = asked.map(|(request, _)| request).collect();
        let looked = self.look_many_afar(&asked, plan, Purpose::Create).await;
        let mut looked = looked.into_iter();
        let now = self.clock.now();
        let mut each = Vec::with_capacity(requests.len());
        for (lookup, near) in lookups.into_iter().zip(near) {
            each.push(match near {
                Some(entry) => {
                    let found = Found::Fresh(entry);
                    found.end(lookup, Tier::Local, now);
                    found.into_each(None)
                }
                None => match looked.next().and_then(|looked| looked.end(lookup, now)) {
                    Some((found, seen, _)) => found.into_each(Some(seen)),
                    None => Each::Apart,
                },
            });
        }
        each
    }
}

impl<T> Found<T> {
    fn into_each(self, seen: Option<Observation>) -> Each<T> {
        match self {
            Self::Fresh(entry) => Each::Served(Shared::new(entry)),
            Self::Stale(entry, _) => Each::Stale(Shared::new(entry), seen.map(Box::new)),
            Self::Missing(_, old) => Each::Missing(seen.map(Box::new), old.is_some()),
        }
    }
}
