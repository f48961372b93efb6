//! Several keys that one call of the creator is made for.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use tracing::Instrument;

use crate::clock::Tick;
use crate::error::Error;
use crate::flight::Lead;
use crate::lease::{Lease, hold_all};
use crate::observe::{CreationSpan, Event, Reason};
use crate::region::Inner;
use crate::region::Region;
use crate::region::creation::{Creation, Plan};
use crate::region::found::Found;
use crate::region::make::within_hard_limit;
use crate::region::remote::{Looked, Purpose, Storing};
use crate::region::request::Request;
use crate::region::store::Making;
use crate::shared::Shared;
use crate::tag::Observation;
use crate::value::Entry;
use crate::wait::bounded;

/// The keys of a call, and its creator.
pub(super) struct Batch<'a, K, T, P, F> {
    pub(super) region: &'a Region,
    pub(super) ids: &'a [K],
    pub(super) requests: &'a [Request<'a>],
    pub(super) plan: &'a P,
    pub(super) create: F,
    /// What is there so far, by key.
    pub(super) values: Vec<Option<Shared<T>>>,
    /// Whether there is an old value to fall back on, by key.
    pub(super) falls_back: Vec<bool>,
}

/// A key that this call creates.
pub(super) struct Led {
    pub(super) index: usize,
    pub(super) observation: Observation,
    /// The flight that others wait in; none where the cache cannot be asked.
    pub(super) lead: Option<Lead>,
    pub(super) lease: Option<Lease>,
}

impl Led {
    pub(super) const fn new(index: usize, observation: Observation, lead: Lead) -> Self {
        Self { index, observation, lead: Some(lead), lease: None }
    }

    /// A key whose value is given, so that nobody waits for it.
    pub(super) const fn set(index: usize, observation: Observation) -> Self {
        Self { index, observation, lead: None, lease: None }
    }

    /// A key that is created and not stored.
    pub(super) fn apart(index: usize) -> Self {
        Self::set(index, Observation::never())
    }
}

impl<'a, K, T, P, F> Batch<'a, K, T, P, F> {
    /// One of the keys as a call of its own.
    pub(super) fn creation(&self, index: usize) -> Creation<'a, &'a P> {
        let (region, request) = (self.region, self.requests[index].clone());
        Creation { region, request, plan: self.plan }
    }

    /// Calls the creator with all of `led`, stores what it made, and lands their flights.
    pub(super) async fn create<E, Fut>(&mut self, led: Vec<Led>) -> Result<(), E>
    where
        K: Clone,
        T: Send + Sync + 'static,
        E: From<Error>,
        P: Plan<T>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
    {
        if led.is_empty() {
            return Ok(());
        }
        let region = self.region.inner();
        let creation = CreationSpan::begin_many(region, &*region.clock, led.len());
        let begun = creation.begun();
        let keys = led.iter().map(|led| self.ids[led.index].clone()).collect();
        let leases: Vec<&Lease> = led.iter().filter_map(|led| led.lease.as_ref()).collect();
        let creating = (self.create)(keys).instrument(creation.span());
        let creating = within_hard_limit(self.region, creating);
        let made = hold_all(&leases, region.policy.max_load, creating).await;
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                creation.failed();
                fail_all(region, led).await;
                return Err(error);
            }
        };
        let entries = self.entries_of(&led, made, begun);
        self.keep_all(led, entries, creation).await;
        Ok(())
    }

    fn entries_of(&self, led: &[Led], made: Vec<Option<T>>, begun: Tick) -> Vec<Made<T>>
    where
        P: Plan<T>,
    {
        let region = self.region.inner();
        let entry = |(led, value): (&Led, Option<T>)| {
            let request = &self.requests[led.index];
            let (lease, observation) = (led.lease.as_ref(), led.observation.clone());
            let making = Making { request, observation, begun, lease };
            value.map(|value| region.entry_of(making, value, self.plan))
        };
        led.iter().zip(made).map(entry).collect()
    }

    /// Stores the entries, lands their flights, and gives the leases back.
    async fn keep_all(&mut self, led: Vec<Led>, entries: Vec<Made<T>>, creation: CreationSpan<'_>)
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let region = self.region.inner();
        let of = |led: &Led| &self.requests[led.index];
        region.store_all(&led, of, &entries, creation.begun(), self.plan).await;
        creation.succeeded();
        let mut leases = Vec::new();
        for (each, entry) in led.into_iter().zip(entries) {
            // A key that the creator left out: whoever waits for it asks its own creator.
            if let Some((entry, _)) = entry {
                self.values[each.index] = Some(Shared::new(Arc::clone(&entry)));
                if let Some(lead) = each.lead {
                    lead.land(entry as _);
                }
            }
            leases.extend(each.lease);
        }
        give_back_all(region, leases).await;
    }
}

/// Tells all flights that their creation failed, once the leases are free for who leads next.
async fn fail_all(region: &Inner, mut led: Vec<Led>) {
    let leases = led.iter_mut().filter_map(|each| each.lease.take()).collect();
    give_back_all(region, leases).await;
    for lead in led.into_iter().filter_map(|each| each.lead) {
        lead.fail();
    }
}

async fn give_back_all(region: &Inner, leases: Vec<Lease>) {
    bounded(region.policy.op_timeout, join_all(leases.into_iter().map(Lease::release))).await;
}

/// An entry that was made, and whether it is to be stored.
type Made<T> = Option<(Arc<Entry<T>>, Result<(), Reason>)>;

impl Inner {
    /// Stores what was made, in a backend with two trips for all.
    pub(super) async fn store_all<'a, T, P>(
        &self,
        led: &'a [Led],
        of: impl Fn(&'a Led) -> &'a Request<'a>,
        made: &'a [Made<T>],
        begun: Tick,
        plan: &P,
    ) where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let (mut wanted, mut left_out) = (Vec::new(), 0);
        let mut reports = Vec::new();
        for (led, made) in led.iter().zip(made) {
            match made {
                Some((entry, Ok(()))) => {
                    wanted.push(Storing { request: of(led), lease: led.lease.as_ref(), entry });
                }
                Some((entry, Err(reason))) => reports.push((entry, Err(*reason))),
                None => left_out += 1,
            }
        }
        let stored = match &self.remote {
            Some(remote) => self.store_afar(remote, &wanted, plan).await,
            None => wanted.iter().map(|each| self.keep(each.request, each.entry)).collect(),
        };
        // All at once, so that a call that is dropped before has said nothing yet.
        reports.extend(wanted.iter().map(|storing| storing.entry).zip(stored));
        reports.into_iter().for_each(|(entry, stored)| self.report_store(entry.header(), stored));
        let created_in = self.clock.now().since(begun);
        for _ in 0..left_out {
            self.emit(&Event::Refused { reason: Reason::LEFT_OUT, created_in });
        }
    }

    /// The fresh entries that are there now. Counts as no lookup.
    pub(super) async fn fresh_now<T, P>(
        &self,
        requests: &[Request<'_>],
        plan: &P,
    ) -> Vec<Option<Arc<Entry<T>>>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let fresh = |found| match found {
            Found::Fresh(entry) => Some(entry),
            Found::Stale(..) | Found::Missing(..) => None,
        };
        if self.remote.is_none() {
            let now = self.clock.now();
            return requests.iter().map(|request| fresh(self.find(request, now))).collect();
        }
        let requests: Vec<_> = requests.iter().collect();
        let looked = self.look_many_afar(&requests, plan, Purpose::Look).await;
        let fresh = |looked| match looked {
            Looked::Found(found, ..) => fresh(found),
            Looked::Owed | Looked::Tainted | Looked::Down(_) => None,
        };
        looked.into_iter().map(fresh).collect()
    }
}
