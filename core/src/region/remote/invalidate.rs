//! Invalidation and observation in a backend.

use super::super::Inner;
use super::super::request::Request;
use super::Remote;
use super::names::register;
use super::trip::{Union, observation};
use crate::backend::Debt;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::lent::Lent;
use crate::tag::{Invalidation, Observation, Standing, Tags};

impl Remote {
    /// The debt of an invalidation: from now on this process serves nothing that depends on `tags`.
    pub(in super::super) fn owe(&self, tags: &Tags, how: Invalidation) -> Debt {
        self.link.owe(self.registers(tags, how))
    }

    /// The registers of `tags` that such an invalidation moves.
    pub(in super::super) fn registers(&self, tags: &Tags, how: Invalidation) -> Vec<String> {
        tags.iter().map(|tag| register(tag, how, &self.capabilities)).collect()
    }
}

impl Inner {
    /// The versions that everything `request` depends on has now.
    ///
    /// Where the backend cannot be asked, an observation that never holds.
    pub(in super::super) async fn observe_now(&self, request: &Request<'_>) -> Observation {
        let all = self.observe_all_now(std::slice::from_ref(request)).await;
        all.into_iter().next().unwrap_or_else(Observation::never)
    }

    /// The same for several requests, with one trip for all of them; a second one where a tag has no
    /// version yet.
    pub(in super::super) async fn observe_all_now(
        &self,
        requests: &[Request<'_>],
    ) -> Vec<Observation> {
        let Some(remote) = &self.remote else {
            return requests.iter().map(|request| self.observe(request)).collect();
        };
        let names = self.names(requests, &remote.capabilities);
        let mut observations = vec![Observation::never(); requests.len()];
        let asked: Vec<usize> =
            (0..requests.len()).filter(|i| !remote.link.owes(names.registers(*i))).collect();
        let union = Union::of(&names, asked.iter().copied());
        let Ok(answer) = remote.link.read(&[], &union.registers).await else { return observations };
        let mut versions = answer.versions;
        if remote.create_absent(&union, &mut versions).await.is_ok() {
            for i in asked {
                observations[i] = observation(&union.part(i, &versions), None);
            }
        }
        observations
    }

    /// Takes the entry of a fingerprint out of the backend.
    pub(in super::super) async fn remove_afar(&self, remote: &Remote, key: &Key) -> Result<()> {
        let request = Request::new(Lent::Kept(key));
        let names = self.names([&request], &remote.capabilities);
        remote.link.remove(&[names.entry(0)]).await.map_err(|down| {
            let message = "the backend did not remove the entry; it may be served until its ttl";
            Error::new(ErrorKind::Unavailable, "delete", message)
                .with("region", self.name())
                .with("reason", down.reason())
        })
    }

    /// How an observation of `request` stands now.
    pub(in super::super) async fn standing_now(
        &self,
        request: &Request<'_>,
        observation: &Observation,
    ) -> Standing {
        let Some(remote) = &self.remote else { return observation.standing() };
        let names = self.names([request], &remote.capabilities);
        if remote.link.owes(names.registers(0)) {
            return Standing::Moved;
        }
        let registers: Vec<&str> = names.registers(0).collect();
        match remote.link.read(&[], &registers).await {
            Ok(answer) => observation.standing_against(&answer.versions),
            Err(_) => Standing::Moved,
        }
    }
}
