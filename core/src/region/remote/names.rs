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
    /// All of them, one after the other: a name of its own each would cost more than to write it.
    text: String,
    entries: SmallVec<[Name; 1]>,
    /// The hard and the soft register of each tag.
    tags: SmallVec<[[Name; 2]; 8]>,
    /// Which of the tags each request has: the implicit ones, and then the declared ones by name,
    /// in whatever order the caller named them.
    places: SmallVec<[Places; 1]>,
}

/// Where a name stands in the text.
#[derive(Debug, Clone, Copy)]
struct Name {
    from: usize,
    to: usize,
}

impl Names {
    fn text(&self, Name { from, to }: Name) -> &str {
        &self.text[from..to]
    }

    /// The name of the entry of one request.
    pub(in super::super) fn entry(&self, request: usize) -> &str {
        self.text(self.entries[request])
    }

    /// The hard registers of one request, and then as many soft ones.
    pub(in super::super) fn registers(&self, request: usize) -> impl Iterator<Item = &str> {
        let of = move |kind: usize| {
            self.places[request].iter().map(move |tag| self.text(self.tags[*tag][kind]))
        };
        of(0).chain(of(1))
    }

    /// How many tags the requests have together.
    pub(super) fn tags(&self) -> usize {
        self.tags.len()
    }

    /// The hard and the soft register of one of the tags.
    pub(super) fn registers_of(&self, tag: usize) -> [&str; 2] {
        self.tags[tag].map(|name| self.text(name))
    }

    /// Which of the tags one request has.
    pub(super) fn places(&self, request: usize) -> &[usize] {
        &self.places[request]
    }

    /// Writes a name, as the backend takes it.
    fn write(&mut self, parts: [&str; 2], capabilities: &Capabilities) -> Name {
        let from = self.text.len();
        parts.iter().for_each(|part| self.text.push_str(part));
        capabilities.fit_end(&mut self.text, from);
        Name { from, to: self.text.len() }
    }
}

/// The register of `tag` that an invalidation of this kind moves.
///
/// Two registers, not one: a soft invalidation must not revive what a hard one ended.
pub(super) fn register(tag: &Tag, how: Invalidation, capabilities: &Capabilities) -> String {
    capabilities.fit([space(how), tag.name()].concat())
}

const fn space(how: Invalidation) -> &'static str {
    match how {
        Invalidation::Hard => "tag:",
        Invalidation::Soft => "soft:",
    }
}

/// Names while they are being written.
struct Naming<'a> {
    region: &'a Inner,
    capabilities: &'a Capabilities,
    names: Names,
    /// Where each tag is, by its id.
    known: Known,
    /// The list of tags that was declared last: several keys of one call share it.
    last: Option<(&'a Tags, Places)>,
}

/// The ids of tags in the order of their places.
enum Known {
    /// Those of one request are so few that each is looked at.
    Few(SmallVec<[u128; 8]>),
    Many(HashMap<u128, usize, IdentityHash>),
}

impl Known {
    fn of(requests: usize) -> Self {
        match requests {
            0 | 1 => Self::Few(SmallVec::new()),
            many => Self::Many(HashMap::with_capacity_and_hasher(many + 4, IdentityHash)),
        }
    }

    /// The place of a tag, or that it has the `next` one from now on.
    fn place(&mut self, id: u128, next: usize) -> usize {
        match self {
            Self::Few(ids) => ids.iter().position(|known| *known == id).unwrap_or_else(|| {
                ids.push(id);
                next
            }),
            Self::Many(places) => *places.entry(id).or_insert(next),
        }
    }
}

impl<'a> Naming<'a> {
    fn new(region: &'a Inner, capabilities: &'a Capabilities, requests: usize) -> Self {
        /// Bytes for the names that a request has of its own, and for those that all share.
        const ROOM: usize = 256;
        let names = Names {
            text: String::with_capacity(ROOM * (requests + 1)),
            entries: SmallVec::with_capacity(requests),
            tags: SmallVec::new(),
            places: SmallVec::with_capacity(requests),
        };
        Self { region, capabilities, names, known: Known::of(requests), last: None }
    }

    fn add(&mut self, request: &'a Request<'_>) {
        let mangled = self.region.mangler.mangle(&request.key);
        let mut places = Places::new();
        places.push(self.place(&self.region.epoch));
        if request.key.canonical().is_some() {
            let name = Tag::name_of_key([&self.region.scope, &mangled]);
            places.push(self.place_of(Tag::id_of(&name), &name));
        }
        let declared = self.declared(&request.tags);
        places.extend(declared);
        self.names.places.push(places);
        let entry = self.names.write([&self.region.scope, &mangled], self.capabilities);
        self.names.entries.push(entry);
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
        self.place_of(tag.id(), tag.name())
    }

    fn place_of(&mut self, id: u128, tag: &str) -> usize {
        let next = self.names.tags();
        let place = self.known.place(id, next);
        if place == next {
            let both = [Invalidation::Hard, Invalidation::Soft];
            let both = both.map(|how| self.names.write([space(how), tag], self.capabilities));
            self.names.tags.push(both);
        }
        place
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
