//! Storing in a backend: look once more at the versions, then write.

use std::sync::Arc;

use bytes::Bytes;

use super::super::Inner;
use super::super::creation::Plan;
use super::super::request::Request;
use super::Remote;
use super::names::Names;
use super::trip::Union;
use crate::backend::{Put, Stored};
use crate::lease::Lease;
use crate::observe::{Direction, Reason};
use crate::tag::Standing;
use crate::value::Entry;

/// An entry that was just made.
pub(in super::super) struct Storing<'a, T> {
    pub(in super::super) request: &'a Request<'a>,
    pub(in super::super) lease: Option<&'a Lease>,
    pub(in super::super) entry: &'a Arc<Entry<T>>,
}

/// An entry that may be stored as far as this process knows.
struct Ready<'a, T> {
    place: usize,
    storing: &'a Storing<'a, T>,
    /// What goes to the backend; nothing for a value that stays in this process.
    bytes: Option<Bytes>,
}

impl Inner {
    /// Stores entries in the backend and the local tier, with two trips for all of them; an entry of
    /// which a tag has moved since it was observed is left out: it must not overwrite a live one.
    pub(in super::super) async fn store_afar<T, P>(
        &self,
        remote: &Remote,
        all: &[Storing<'_, T>],
        plan: &P,
    ) -> Vec<Result<(), Reason>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let names = self.names(all.iter().map(|storing| storing.request), &remote.capabilities);
        let mut results = vec![Ok(()); all.len()];
        let mut ready = Vec::new();
        for (place, storing) in all.iter().enumerate() {
            match self.prepare(remote, &names, place, storing, plan) {
                Ok(prepared) => ready.push(prepared),
                Err(reason) => results[place] = Err(reason),
            }
        }
        match self.current(remote, &names, ready, &mut results).await {
            Ok(current) => self.put(remote, &names, current, &mut results).await,
            Err((places, reason)) => places.into_iter().for_each(|i| results[i] = Err(reason)),
        }
        results
    }

    fn prepare<'a, T, P>(
        &self,
        remote: &Remote,
        names: &Names,
        place: usize,
        storing: &'a Storing<'a, T>,
        plan: &P,
    ) -> Result<Ready<'a, T>, Reason>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let observed = storing.entry.header().observation.registers().ok_or(Reason::MOVED)?;
        if observed.is_empty() {
            return Err(Reason::UNOBSERVED);
        }
        if remote.link.owes(names.registers(place)) {
            return Err(Reason::OWED);
        }
        let seal = |wire| self.seal(remote, storing.request, wire, storing.entry, observed);
        let bytes = plan.wire().map(seal).transpose()?;
        Ok(Ready { place, storing, bytes })
    }

    /// Those of which no tag has moved.
    async fn current<'a, T>(
        &self,
        remote: &Remote,
        names: &Names,
        ready: Vec<Ready<'a, T>>,
        results: &mut [Result<(), Reason>],
    ) -> Result<Vec<Ready<'a, T>>, (Vec<usize>, Reason)> {
        if ready.is_empty() {
            return Ok(ready);
        }
        let union = Union::of(names, ready.iter().map(|ready| ready.place));
        let versions = match remote.link.read(&[], &union.registers).await {
            Ok(answer) => answer.versions,
            Err(down) => return Err((ready.iter().map(|r| r.place).collect(), down.reason())),
        };
        for ready in &ready {
            let observation = &ready.storing.entry.header().observation;
            let now = union.part(ready.place, &versions);
            if observation.standing_against(&now) != Standing::Current {
                results[ready.place] = Err(Reason::MOVED);
            }
        }
        Ok(ready.into_iter().filter(|ready| results[ready.place].is_ok()).collect())
    }

    /// Writes them, and puts what was written into the local tier.
    async fn put<T: Send + Sync + 'static>(
        &self,
        remote: &Remote,
        names: &Names,
        ready: Vec<Ready<'_, T>>,
        results: &mut [Result<(), Reason>],
    ) {
        let union = Union::of(names, ready.iter().map(|ready| ready.place));
        let puts: Vec<Put<'_>> =
            ready.iter().filter_map(|ready| self.as_put(remote, names, ready)).collect();
        let stored = if puts.is_empty() {
            Ok(Vec::new())
        } else {
            remote.link.store(&puts, &union.registers).await
        };
        let mut stored = stored.map(Vec::into_iter);
        for ready in &ready {
            let outcome = match (&ready.bytes, &mut stored) {
                (None, _) => Ok(()),
                (Some(_), Err(down)) => Err(down.reason()),
                (Some(bytes), Ok(stored)) => {
                    self.tell_bytes(Direction::Written, bytes);
                    outcome(stored.next())
                }
            };
            if outcome.is_ok() {
                let lookup = ready.storing.request.key.digest().lookup;
                self.tier.insert(lookup, Arc::clone(ready.storing.entry) as _);
            }
            results[ready.place] = outcome;
        }
    }

    fn as_put<'a, T>(
        &self,
        remote: &Remote,
        names: &'a Names,
        ready: &'a Ready<'_, T>,
    ) -> Option<Put<'a>> {
        let Storing { request, lease, entry } = ready.storing;
        let fence = lease.filter(|_| remote.fences).map(Lease::fence);
        let life = self.life(request, entry.header());
        Some(Put { key: names.entry(ready.place), bytes: ready.bytes.clone()?, life, fence })
    }
}

fn outcome(stored: Option<Stored>) -> Result<(), Reason> {
    match stored {
        Some(Stored::Yes) => Ok(()),
        Some(Stored::Fenced) => Err(Reason::LEASE_LOST),
        Some(Stored::TooLarge) | None => Err(Reason::TOO_LARGE),
    }
}
