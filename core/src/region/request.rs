//! What one call asks for.

use std::time::Duration;

use super::Inner;
use crate::flight::FlightKey;
use crate::key::Key;
use crate::tag::{Observation, Tag, Tags};

/// The options of one call.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) key: Key,
    pub(super) tags: Tags,
    pub(super) ttl: Option<Duration>,
    pub(super) stale_for: Option<Duration>,
}

impl Request {
    pub(super) fn new(key: Key) -> Self {
        Self { key, tags: Tags::new(), ttl: None, stale_for: None }
    }

    pub(super) fn stale_for(&self, region: &Inner) -> Duration {
        self.stale_for.unwrap_or(region.policy.stale_for)
    }
}

impl Inner {
    /// Reads the versions of everything that the entry of `request` will depend on.
    pub(super) fn observe(&self, request: &Request) -> Observation {
        let mut observation = Observation::default();
        self.tags.observe(&mut observation, [&self.epoch]);
        if let Some(tag) = self.key_tag(&request.key) {
            self.tags.observe(&mut observation, [&tag]);
        }
        self.tags.observe(&mut observation, request.tags.iter());
        observation
    }

    /// The implicit tag of an entry under a user's key.
    pub(super) fn key_tag(&self, key: &Key) -> Option<Tag> {
        key.canonical()?;
        Some(Tag::key(&format!("{}:{}", self.name, self.mangler.mangle(key))))
    }
}

/// The flight that a caller of this request and observation takes part in.
pub(super) fn flight_key<T: 'static>(request: &Request, observation: &Observation) -> FlightKey {
    FlightKey::new::<T>(request.key.digest(), observation)
}
