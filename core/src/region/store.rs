//! Putting a created value into the local tier.

use std::sync::Arc;

use super::Inner;
use super::request::Request;
use crate::clock::Tick;
use crate::observe::{Event, Reason};
use crate::tag::{Observation, Standing};
use crate::value::{Entry, Header};

/// What a tag of an entry takes: its name, its place in the list, and its place among the observed.
const TAG_WEIGHT: usize = 128;

impl Inner {
    /// Makes the entry and stores it, unless there is a reason not to; it is served either way.
    pub(super) fn store<T: Send + Sync + 'static>(
        &self,
        request: &Request<'_>,
        observation: Observation,
        begun: Tick,
        value: T,
        weight: Option<usize>,
    ) -> Arc<Entry<T>> {
        let unwanted = weight.is_none().then_some(Reason::UNWANTED);
        let own = size_of::<Entry<T>>() + request.tags.len() * TAG_WEIGHT;
        let weight = weight.unwrap_or(0).saturating_add(own) as u64;
        let header = self.header(request, observation, begun, weight);
        let entry = Arc::new(Entry::new(header, value));
        match unwanted.or_else(|| self.refusal(entry.header())) {
            Some(reason) => self.emit(&Event::Refused { reason }),
            None => {
                self.tier.insert(request.key.digest().lookup, Arc::clone(&entry) as _);
                let created_in = entry.header().created_in;
                self.emit(&Event::Stored { created_in, weight });
            }
        }
        entry
    }

    /// Why an entry is not to be stored.
    fn refusal(&self, header: &Header) -> Option<Reason> {
        if let Some(off) = self.off() {
            return Some(off);
        }
        if header.tags.len() > self.policy.max_tags {
            return Some(Reason::TOO_MANY_TAGS);
        }
        if header.weight > self.policy.max_value {
            return Some(Reason::TOO_LARGE);
        }
        // It could never be served, and might push out one that can.
        (header.observation.standing() == Standing::Moved).then_some(Reason::MOVED)
    }

    pub(super) fn header(
        &self,
        request: &Request<'_>,
        observation: Observation,
        begun: Tick,
        weight: u64,
    ) -> Header {
        let ttl = self.policy.jittered(request.ttl.unwrap_or(self.policy.ttl));
        Header {
            check: request.key.digest().check,
            tags: (*request.tags).clone(),
            observation,
            created: begun,
            fresh_until: begun.after(ttl),
            created_in: self.clock.now().since(begun),
            weight,
        }
    }
}
