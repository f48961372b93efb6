//! Putting a created value where the region keeps its values.

use std::sync::Arc;
use std::time::Duration;

use super::Inner;
use super::creation::Plan;
use super::keep::Keep;
use super::remote::Storing;
use super::request::Request;
use crate::clock::Tick;
use crate::lease::Lease;
use crate::observe::{Event, Reason};
use crate::tag::{Observation, Standing};
use crate::value::{Entry, Header};

/// What a tag of an entry takes: its name, its place in the list, and its place among the observed.
const TAG_WEIGHT: usize = 128;

/// What is known of a creation when its value is stored.
pub(super) struct Making<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) observation: Observation,
    pub(super) begun: Tick,
    /// The lease that protects the creation; a store that checks leases refuses without it.
    pub(super) lease: Option<&'a Lease>,
}

impl Inner {
    /// Makes the entry and stores it, unless there is a reason not to; it is served either way.
    pub(super) async fn store<T, P>(&self, making: Making<'_>, value: T, plan: &P) -> Arc<Entry<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let (request, lease) = (making.request, making.lease);
        let made = self.entry_of(making, value, plan);
        self.store_made(request, lease, made, plan).await
    }

    /// Stores an entry that is to be stored, and tells what became of it.
    pub(super) async fn store_made<T, P>(
        &self,
        request: &Request<'_>,
        lease: Option<&Lease>,
        (entry, wanted): (Arc<Entry<T>>, Result<(), Reason>),
        plan: &P,
    ) -> Arc<Entry<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let stored = match (wanted, &self.remote) {
            (Err(reason), _) => Err(reason),
            (Ok(()), None) => self.keep(request, &entry),
            (Ok(()), Some(remote)) => {
                let storing = Storing { request, lease, entry: &entry };
                let stored = self.store_afar(remote, &[storing], plan).await;
                stored.into_iter().next().unwrap_or(Ok(()))
            }
        };
        self.report_store(entry.header(), stored);
        entry
    }

    /// The entry of a value that was just created, and whether it is to be stored.
    pub(super) fn entry_of<T, P: Plan<T>>(
        &self,
        making: Making<'_>,
        value: T,
        plan: &P,
    ) -> (Arc<Entry<T>>, Result<(), Reason>) {
        let (keep, weight) = (plan.keep(&making.request.key, &value), plan.weigh(&value));
        let unwanted = keep == Keep::No || weight.is_none();
        let own = size_of::<Entry<T>>() + making.request.tags.len() * TAG_WEIGHT;
        let weight = weight.unwrap_or(0).saturating_add(own) as u64;
        let entry = Arc::new(Entry::new(self.header(making, keep, weight), value));
        let refused = unwanted.then_some(Reason::UNWANTED);
        let refused = refused.or_else(|| self.refusal(entry.header()));
        (entry, refused.map_or(Ok(()), Err))
    }

    /// Tells what became of an entry.
    pub(super) fn report_store(&self, header: &Header, stored: Result<(), Reason>) {
        self.emit(&match stored {
            Ok(()) => Event::Stored { created_in: header.created_in, weight: header.weight },
            Err(reason) => Event::Refused { reason, created_in: header.created_in },
        });
    }

    /// Puts an entry into the local tier, unless a newer one is there.
    pub(super) fn keep<T>(&self, request: &Request<'_>, entry: &Arc<Entry<T>>) -> Result<(), Reason>
    where
        T: Send + Sync + 'static,
    {
        // It could never be served, and might push out one that can.
        if entry.header().observation.standing() == Standing::Moved {
            return Err(Reason::MOVED);
        }
        let lookup = request.key.digest().lookup;
        let overtaken = self.tier.peek(lookup).is_some_and(|there| {
            let (there, new) = (there.header(), entry.header());
            there.created > new.created
                && there.check == new.check
                && there.observation.standing() == Standing::Current
        });
        if overtaken {
            return Err(Reason::OVERTAKEN);
        }
        self.tier.insert(lookup, Arc::clone(entry) as _);
        Ok(())
    }

    /// Why an entry is not to be stored anywhere.
    fn refusal(&self, header: &Header) -> Option<Reason> {
        if let Some(off) = self.off() {
            return Some(off);
        }
        if header.tags.len() > self.policy.max_tags {
            return Some(Reason::TOO_MANY_TAGS);
        }
        (header.weight > self.policy.max_value).then_some(Reason::TOO_LARGE)
    }

    fn header(&self, making: Making<'_>, keep: Keep, weight: u64) -> Header {
        let Making { request, observation, begun, .. } = making;
        let ttl = match keep {
            Keep::For(ttl) => ttl,
            Keep::Yes | Keep::No => request.ttl.unwrap_or(self.policy.ttl),
        };
        Header {
            check: request.key.digest().check,
            tags: (*request.tags).clone(),
            observation,
            created: begun,
            fresh_until: begun.after(self.policy.jittered(ttl)),
            created_in: self.clock.now().since(begun),
            weight,
        }
    }

    /// How long an entry is of use to anybody, from now on.
    pub(super) fn life(&self, request: &Request<'_>, header: &Header) -> Duration {
        let now = self.clock.now();
        let fresh = header.fresh_until.since(now).saturating_add(request.stale_for(self));
        let old = header.created.after(request.stale_on_error(self)).since(now);
        fresh.max(old)
    }
}
