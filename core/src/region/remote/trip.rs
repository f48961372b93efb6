//! One trip for several requests: what they have in common is asked for once.

use smallvec::SmallVec;

use super::Remote;
use super::names::Names;
use crate::backend::{Down, TagVersion};
use crate::tag::{Observation, Watched};

/// The versions of the registers of one request: the hard ones, and then as many soft ones.
pub(super) type Versions = SmallVec<[Option<TagVersion>; 12]>;

/// The registers of several requests, each once.
pub(super) struct Union<'n> {
    names: &'n Names,
    /// The hard register of each tag, and then its soft one.
    pub(super) registers: SmallVec<[&'n str; 16]>,
    /// Where in the list the hard register of each of the tags is.
    places: SmallVec<[usize; 8]>,
}

/// The place of a tag that nobody asks about.
const NOWHERE: usize = usize::MAX;

impl<'n> Union<'n> {
    /// What some of the requests depend on.
    pub(super) fn of(names: &'n Names, requests: impl IntoIterator<Item = usize>) -> Self {
        let mut registers = SmallVec::with_capacity(2 * names.tags());
        let mut places = SmallVec::from_elem(NOWHERE, names.tags());
        for tag in requests.into_iter().flat_map(|request| names.places(request)) {
            if places[*tag] == NOWHERE {
                places[*tag] = registers.len();
                registers.extend(names.registers_of(*tag));
            }
        }
        Self { names, registers, places }
    }

    /// The part of an answer that one request asked for.
    pub(super) fn part(&self, request: usize, versions: &[Option<TagVersion>]) -> Versions {
        let tags = self.names.places(request);
        let version =
            |tag: usize, kind: usize| versions.get(self.places[tag] + kind).copied().flatten();
        let hard = tags.iter().map(|tag| version(*tag, 0));
        hard.chain(tags.iter().map(|tag| version(*tag, 1))).collect()
    }

    /// Where the registers of each tag of one request are in the list, and their names.
    pub(super) fn tags(&self, request: usize) -> impl Iterator<Item = (usize, [&str; 2])> {
        self.names.places(request).iter().map(|tag| {
            let place = self.places[*tag];
            (place, [0, 1].map(|kind| self.registers[place + kind]))
        })
    }

    /// Whether one of the registers of a request is among those at `places` in the list.
    pub(super) fn holds_any(&self, request: usize, places: &[usize]) -> bool {
        let holds = |tag: &usize| {
            let hard = self.places[*tag];
            places.iter().any(|place| *place == hard || *place == hard + 1)
        };
        !places.is_empty() && self.names.places(request).iter().any(holds)
    }
}

impl Remote {
    /// Creates, in one trip, the registers that have no version, and fills the versions in.
    pub(super) async fn create_absent(
        &self,
        union: &Union<'_>,
        versions: &mut [Option<TagVersion>],
    ) -> Result<(), Down> {
        let absent: Vec<usize> = (0..versions.len()).filter(|i| versions[*i].is_none()).collect();
        if absent.is_empty() {
            return Ok(());
        }
        let registers: Vec<&str> = absent.iter().map(|i| union.registers[*i]).collect();
        let created = self.link.create(&registers).await?;
        for (i, version) in absent.into_iter().zip(created) {
            versions[i] = version;
        }
        Ok(())
    }
}

/// Versions as an observation; where one is absent, it never holds.
pub(super) fn observation(versions: &Versions, tags: Option<Box<[Watched]>>) -> Observation {
    let all: Option<SmallVec<[TagVersion; 12]>> = versions.iter().copied().collect();
    all.map_or_else(Observation::never, |all| Observation::of_registers(&all, tags))
}
