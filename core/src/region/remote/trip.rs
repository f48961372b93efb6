//! One trip for several requests: what they have in common is asked for once.

use std::collections::HashMap;

use super::Remote;
use super::names::Names;
use crate::backend::{Down, TagVersion};
use crate::tag::Observation;

/// The registers of several requests, each once.
pub(super) struct Union<'n> {
    pub(super) registers: Vec<&'n str>,
    /// Where in the list each register is.
    places: HashMap<&'n str, usize>,
}

impl<'n> Union<'n> {
    pub(super) fn of(all: impl IntoIterator<Item = &'n Names>) -> Self {
        let mut union = Self { registers: Vec::new(), places: HashMap::new() };
        for register in all.into_iter().flat_map(|names| &names.registers) {
            union.places.entry(register).or_insert_with(|| {
                union.registers.push(register);
                union.registers.len() - 1
            });
        }
        union
    }

    /// The part of an answer that one request asked for.
    pub(super) fn part(
        &self,
        names: &'n Names,
        versions: &[Option<TagVersion>],
    ) -> Vec<Option<TagVersion>> {
        let place = |register: &String| self.places.get(register.as_str());
        let version =
            |place: Option<&usize>| place.and_then(|i| versions.get(*i).copied().flatten());
        names.registers.iter().map(|register| version(place(register))).collect()
    }
}

impl Union<'_> {
    /// Whether one of the registers of a request is among those at `places`.
    pub(super) fn holds_any(&self, names: &Names, places: &[usize]) -> bool {
        let place = |register: &String| self.places.get(register.as_str());
        !places.is_empty()
            && names.registers.iter().filter_map(place).any(|place| places.contains(place))
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
pub(super) fn observation(versions: Vec<Option<TagVersion>>) -> Observation {
    let all: Option<Vec<TagVersion>> = versions.into_iter().collect();
    Observation::Registers(all.unwrap_or_default().into())
}
