//! A hit in the local tier of a region that has a backend, without a trip.

use std::sync::Arc;

use super::super::Inner;
use super::super::found::Verdict;
use super::super::request::Request;
use super::Remote;
use super::trip::Union;
use crate::backend::TagVersion;
use crate::coherence::Coherence;
use crate::tag::{Belief, Known, Since, Standing, Watched};
use crate::value::Entry;

impl Remote {
    /// How far what this process knows of the backend's versions is believed at present.
    #[inline]
    fn belief(&self, coherence: Coherence) -> Option<Belief> {
        match coherence {
            Coherence::Strict => None,
            Coherence::Bounded(bound) => Some(Belief::bounded(self.link.now(), bound)),
            Coherence::Push => self.link.known().told(),
        }
    }
}

impl Inner {
    /// A fresh value of this process that need not be asked about.
    #[inline]
    pub(in super::super) fn near<T: Send + Sync + 'static>(
        &self,
        request: &Request<'_>,
    ) -> Option<Arc<Entry<T>>> {
        let remote = self.remote.as_ref()?;
        let belief = remote.belief(self.policy.coherence)?;
        // While anything at all is owed the long way tells whether it is one of these tags.
        if remote.link.owes_anything() {
            return None;
        }
        let entry = self.held::<T>(request)?;
        if !entry.header().observation.is_known_to_hold(belief) {
            return None;
        }
        let now = self.clock.now();
        let verdict = self.verdict(entry.header(), request, Standing::Current, now);
        matches!(verdict, Verdict::Fresh).then_some(entry)
    }

    /// What is to be learned from the answer to a question that is about to be asked.
    pub(super) fn learning<'r>(
        &self,
        remote: &'r Remote,
        registers: &[&str],
    ) -> Option<Learning<'r>> {
        if self.policy.coherence == Coherence::Strict {
            return None;
        }
        if self.policy.coherence == Coherence::Push {
            // Not when the region is built: whoever listens needs the runtime that is there now.
            remote.link.hear();
        }
        let known = remote.link.known();
        Some(Learning { known, since: known.since(remote.link.now(), registers) })
    }
}

/// A question that this process learns from.
pub(super) struct Learning<'r> {
    known: &'r Known,
    since: Since,
}

impl Learning<'_> {
    /// What this process knows from now on of the tags of one request; `None` if not of all of them.
    pub(super) fn watch(
        &self,
        union: &Union<'_>,
        request: usize,
        versions: &[Option<TagVersion>],
    ) -> Option<Box<[Watched]>> {
        let watch = |(place, names): (usize, [&str; 2])| {
            let version = |kind: usize| versions.get(place + kind).copied().flatten();
            self.known.learn(&self.since, place, names, [version(0)?, version(1)?])
        };
        union.tags(request).map(watch).collect()
    }
}
