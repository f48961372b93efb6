//! What requests are called in a backend.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use smallvec::SmallVec;

use super::super::Inner;
use super::super::request::Request;
use crate::backend::Capabilities;
use crate::local::IdentityHash;
use crate::tag::{Invalidation, Observation, Tag, Tags};

/// Where the tags of one request are in a list: room for the implicit ones and a few more.
type Places = SmallVec<[usize; 8]>;

/// The names of several requests; what they have in common is written once.
#[derive(Debug)]
pub(in super::super) struct Names {
    entries: Vec<String>,
    /// The hard and the soft register of each tag.
    tags: Vec<[String; 2]>,
    /// Which of the tags each request has: the implicit ones, and then the declared ones by name,
    /// in whatever order the caller named them.
    places: Vec<Places>,
}

impl Names {
    /// The name of the entry of one request.
    pub(in super::super) fn entry(&self, request: usize) -> &str {
        &self.entries[request]
    }

    /// The hard registers of one request, and then as many soft ones.
    pub(in super::super) fn registers(&self, request: usize) -> impl Iterator<Item = &str> {
        let of = move |kind: usize| {
            self.places[request].iter().map(move |tag| self.tags[*tag][kind].as_str())
        };
        of(0).chain(of(1))
    }

    /// The registers of all tags that any of the requests has.
    pub(super) fn tags(&self) -> &[[String; 2]] {
        &self.tags
    }

    /// Where in [`tags`](Self::tags) those of one request are.
    pub(super) fn places(&self, request: usize) -> &[usize] {
        &self.places[request]
    }
}

/// The register of `tag` that an invalidation of this kind moves.
///
/// Two registers, not one: a soft invalidation must not revive what a hard one ended.
pub(super) fn register(tag: &Tag, how: Invalidation, capabilities: &Capabilities) -> String {
    let space = match how {
        Invalidation::Hard => "tag:",
        Invalidation::Soft => "soft:",
    };
    capabilities.fit([space, tag.name()].concat())
}

/// Names while they are being written.
struct Naming<'a> {
    region: &'a Inner,
    capabilities: &'a Capabilities,
    names: Names,
    /// Where each tag is, by its id.
    known: HashMap<u128, usize, IdentityHash>,
    /// The list of tags that was declared last: several keys of one call share it.
    last: Option<(&'a Tags, Places)>,
}

impl<'a> Naming<'a> {
    fn new(region: &'a Inner, capabilities: &'a Capabilities, requests: usize) -> Self {
        let names = Names {
            entries: Vec::with_capacity(requests),
            tags: Vec::with_capacity(requests + 4),
            places: Vec::with_capacity(requests),
        };
        let known = HashMap::with_capacity_and_hasher(requests + 4, IdentityHash);
        Self { region, capabilities, names, known, last: None }
    }

    fn add(&mut self, request: &'a Request<'_>) {
        let scoped = self.region.scoped(&self.region.mangler.mangle(&request.key));
        let mut places: Places = [self.place(&self.region.epoch)].into_iter().collect();
        if request.key.canonical().is_some() {
            places.push(self.place(&Tag::key(&scoped)));
        }
        let declared = self.declared(&request.tags);
        places.extend(declared);
        self.names.places.push(places);
        self.names.entries.push(self.capabilities.fit(scoped));
    }

    /// The declared tags by name, after the tag of all tables if one of them is a table's.
    fn declared(&mut self, tags: &'a Tags) -> Places {
        if let Some((last, places)) = &self.last
            && std::ptr::eq(*last, tags)
        {
            return places.clone();
        }
        let mut by_name: SmallVec<[&Tag; 8]> = tags.iter().collect();
        by_name.sort();
        let of_tables = by_name.iter().any(|tag| tag.is_of_table());
        let implicit = of_tables.then_some(&self.region.all_tables);
        let places: Places =
            implicit.into_iter().chain(by_name).map(|tag| self.place(tag)).collect();
        self.last = Some((tags, places.clone()));
        places
    }

    fn place(&mut self, tag: &Tag) -> usize {
        *self.known.entry(tag.id()).or_insert_with(|| {
            let both = [Invalidation::Hard, Invalidation::Soft];
            self.names.tags.push(both.map(|how| register(tag, how, self.capabilities)));
            self.names.tags.len() - 1
        })
    }
}

impl Inner {
    /// The names of `requests`, each in its place.
    pub(in super::super) fn names<'a>(
        &self,
        requests: impl IntoIterator<Item = &'a Request<'a>, IntoIter: ExactSizeIterator>,
        capabilities: &Capabilities,
    ) -> Names {
        let requests = requests.into_iter();
        let mut naming = Naming::new(self, capabilities, requests.len());
        requests.for_each(|request| naming.add(request));
        naming.names
    }

    /// The name of the lease on creating `request` from what was observed.
    pub(in super::super) fn shared_lease_name(
        &self,
        request: &Request<'_>,
        observation: &Observation,
        capabilities: &Capabilities,
    ) -> String {
        let mut hash = Sha256::new();
        for version in observation.versions() {
            hash.update(version.to_le_bytes());
        }
        let hash: [u8; 32] = hash.finalize().into();
        let observed = u64::from_le_bytes(std::array::from_fn(|i| hash[i]));
        let entry = capabilities.fit(self.scoped(&self.mangler.mangle(&request.key)));
        capabilities.fit(format!("{entry}:{observed:016x}"))
    }
}
