//! What one call asks for.

use std::time::Duration;

use super::Inner;
use crate::flight::FlightKey;
use crate::key::Key;
use crate::lent::Lent;
use crate::tag::{Observation, Tag, Tags};

/// The options of one call.
///
/// Key and tags are borrowed where the caller keeps them: a hit then touches no reference count but
/// the value's own.
#[derive(Debug, Clone)]
pub(super) struct Request<'r> {
    pub(super) key: Lent<'r, Key>,
    pub(super) tags: Lent<'r, Tags>,
    pub(super) ttl: Option<Duration>,
    pub(super) stale_for: Option<Duration>,
    pub(super) stale_on_error: Option<Duration>,
}

static NO_TAGS: Tags = Tags::new();

impl<'r> Request<'r> {
    #[inline]
    pub(super) const fn new(key: Lent<'r, Key>) -> Self {
        let tags = Lent::Kept(&NO_TAGS);
        Self { key, tags, ttl: None, stale_for: None, stale_on_error: None }
    }

    /// Adds tags; without any so far, borrows the caller's list.
    #[inline]
    pub(super) fn add_tags(&mut self, tags: &'r Tags) {
        if self.tags.is_empty() {
            self.tags = Lent::Kept(tags);
        } else {
            self.tags.to_mut().join(tags);
        }
    }

    /// The same options for another key, borrowed.
    pub(super) fn at<'k>(&'k self, key: &'k Key) -> Request<'k> {
        let &Self { ttl, stale_for, stale_on_error, .. } = self;
        let (key, tags) = (Lent::Kept(key), Lent::Kept(&*self.tags));
        Request { key, tags, ttl, stale_for, stale_on_error }
    }

    /// The same request, owning all it needs.
    pub(super) fn into_owned(self) -> Request<'static> {
        let Self { key, tags, ttl, stale_for, stale_on_error } = self;
        let (key, tags) = (key.into_made(), tags.into_made());
        Request { key, tags, ttl, stale_for, stale_on_error }
    }

    #[inline]
    pub(super) fn stale_for(&self, region: &Inner) -> Duration {
        self.stale_for.unwrap_or(region.policy.stale_for)
    }

    #[inline]
    pub(super) fn stale_on_error(&self, region: &Inner) -> Duration {
        self.stale_on_error.unwrap_or(region.policy.stale_on_error)
    }
}

impl Inner {
    /// Reads the versions that this process has of everything that the entry of `request` will
    /// depend on.
    pub(super) fn observe(&self, request: &Request<'_>) -> Observation {
        let mut observation = Observation::default();
        self.tags.observe(&mut observation, [&self.epoch]);
        if let Some(tag) = self.key_tag(&request.key) {
            self.tags.observe(&mut observation, [&tag]);
        }
        if request.tags.iter().any(Tag::is_of_table) {
            self.tags.observe(&mut observation, [&self.all_tables]);
        }
        self.tags.observe(&mut observation, request.tags.iter());
        observation
    }

    /// Whether a writer of this process has tainted a tag that the entry of `request` depends on.
    pub(super) fn is_tainted(&self, request: &Request<'_>) -> bool {
        self.tags.has_taints() && self.tags.is_tainted(&self.all_tags(request))
    }

    /// The implicit tags of `request` and the declared ones.
    fn all_tags(&self, request: &Request<'_>) -> Vec<Tag> {
        let of_tables = request.tags.iter().any(Tag::is_of_table);
        let implicit = [&self.epoch].into_iter().chain(of_tables.then_some(&self.all_tables));
        let tags = implicit.chain(request.tags.iter()).cloned();
        tags.chain(self.key_tag(&request.key)).collect()
    }

    /// The implicit tag of an entry under a user's key.
    pub(super) fn key_tag(&self, key: &Key) -> Option<Tag> {
        key.canonical().map(|_| self.tag_of_name(key))
    }

    /// The tag that the name of `key` stands for.
    pub(super) fn tag_of_name(&self, key: &Key) -> Tag {
        Tag::key(&self.scoped(&self.mangler.mangle(key)))
    }
}

/// The flight that a caller of this request and observation takes part in.
pub(super) fn flight_key<T: 'static>(
    request: &Request<'_>,
    observation: &Observation,
) -> FlightKey {
    FlightKey::new::<T>(request.key.digest(), observation)
}
