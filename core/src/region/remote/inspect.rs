//! Looking at an entry in a backend without counting as a lookup.

use super::super::Inner;
use super::super::inspect::{Held, State};
use super::super::request::Request;
use super::Remote;
use crate::observe::Reason;
use crate::tag::compare;

impl Inner {
    /// How the entry of `request` stands, and what is known of it.
    pub(in super::super) async fn held_afar(
        &self,
        remote: &Remote,
        request: &Request<'_>,
    ) -> (State, Option<Held>) {
        let missing = |reason| (State::Missing(reason), None);
        let names = self.names([request], &remote.capabilities);
        let registers: Vec<&str> = names.registers(0).collect();
        if remote.link.owes(&registers) {
            return missing(Reason::OWED);
        }
        let answer = match remote.link.read(&[names.entry(0)], &registers).await {
            Ok(answer) => answer,
            Err(down) => return missing(down.reason()),
        };
        if !answer.tainted.is_empty() {
            return missing(Reason::TAINTED);
        }
        if let Some(bytes) = answer.entries.first().and_then(Option::as_ref) {
            return match self.envelope(request, registers.len(), bytes) {
                Ok(envelope) => {
                    let header = self.header_of(request, &envelope, bytes.len(), None);
                    self.state(request, &header, compare(&envelope.versions, &answer.versions))
                }
                Err(reason) => missing(reason),
            };
        }
        // A value that stays in this process is in the local tier only.
        match self.tier.peek(request.key.digest().lookup) {
            Some(entry) => {
                let standing = entry.header().observation.standing_against(&answer.versions);
                self.state(request, entry.header(), standing)
            }
            None => missing(Reason::ABSENT),
        }
    }
}
