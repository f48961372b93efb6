//! What a request is called in a backend.

use sha2::{Digest as _, Sha256};

use super::super::Inner;
use super::super::request::Request;
use crate::backend::Capabilities;
use crate::tag::{Invalidation, Observation, Tag};

/// The names of one request.
#[derive(Debug)]
pub(in super::super) struct Names {
    pub(in super::super) entry: String,
    /// The hard registers, and then as many soft ones.
    pub(in super::super) registers: Vec<String>,
}

impl Names {
    pub(in super::super) fn registers(&self) -> Vec<&str> {
        self.registers.iter().map(String::as_str).collect()
    }
}

/// The register of `tag` that an invalidation of this kind moves.
///
/// Two registers, not one: a soft invalidation must not revive what a hard one ended.
pub(super) fn register(tag: &Tag, how: Invalidation, capabilities: &Capabilities) -> String {
    let space = match how {
        Invalidation::Hard => "tag",
        Invalidation::Soft => "soft",
    };
    capabilities.fit(format!("{space}:{tag}"))
}

impl Inner {
    /// The names of `request`: tags in one order, whatever order the caller named them in.
    pub(in super::super) fn names(
        &self,
        request: &Request<'_>,
        capabilities: &Capabilities,
    ) -> Names {
        let tags = self.all_tags(request);
        let both = [Invalidation::Hard, Invalidation::Soft];
        let registers =
            both.iter().flat_map(|how| tags.iter().map(|tag| register(tag, *how, capabilities)));
        Names { entry: self.entry_name(request, capabilities), registers: registers.collect() }
    }

    fn entry_name(&self, request: &Request<'_>, capabilities: &Capabilities) -> String {
        capabilities.fit(self.scoped(&self.mangler.mangle(&request.key)))
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
        capabilities.fit(format!("{}:{observed:016x}", self.entry_name(request, capabilities)))
    }
}
