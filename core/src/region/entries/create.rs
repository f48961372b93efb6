//! Creating the missing ones: one call of the creator, a flight and a lease for each key.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tracing::Span;

use super::EntriesRef;
use super::batch::{Batch, Led};
use super::find::Each;
use super::waiting::{Came, Waiting, all};
use crate::error::{Error, ErrorKind};
use crate::flight::{Boarding, Progress};
use crate::observe::Reason;
use crate::region::Region;
use crate::region::board::leader_failed;
use crate::region::creation::{Coded, Creation, Plan};
use crate::region::keep::Rule;
use crate::region::leases::Leased;
use crate::region::request::flight_key;
use crate::region::step::Task;
use crate::shared::Shared;
use crate::tag::Observation;
use crate::value::{Value, downcast};

impl<K: Clone, R> EntriesRef<'_, K, R> {
    pub(super) async fn run<T, E, F, Fut>(self, mut create: F) -> Result<Vec<Shared<T>>, E>
    where
        T: Value,
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<T>, E>>,
        R: Rule<T>,
    {
        let region = self.region;
        let values = self.run_partly(move |keys: Vec<K>| {
            let asked = keys.len();
            let making = create(keys);
            async move { of_each::<T, E>(region, asked, making.await?) }
        });
        let values: Option<Vec<_>> = values.await?.into_iter().collect();
        // Every creation made one value for every key: only a failed leader leaves a gap.
        values.ok_or_else(|| leader_failed(region).into())
    }

    /// [`run`](Self::run) with a creator that may leave keys out.
    pub(super) async fn run_partly<T, E, F, Fut>(
        self,
        create: F,
    ) -> Result<Vec<Option<Shared<T>>>, E>
    where
        T: Value,
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
        R: Rule<T>,
    {
        let Self { region, ids, asked, places, rule } = self;
        let requests = asked.requests();
        let plan = Coded(rule);
        if region.inner().bypasses(requests.len()) {
            let values = past(&mut { create }, ids).await?;
            return Ok(places.into_iter().map(|place| values[place].clone()).collect());
        }
        let found = region.inner().find_many(&requests, &plan).await;
        let all_served = found.iter().all(|each| matches!(each, Each::Served(_)));
        let values: Vec<_> = if all_served {
            found.into_iter().map(Each::into_servable).collect()
        } else {
            let (ids, requests, plan) = (&ids[..], &requests[..], &plan);
            let falls_back = vec![false; ids.len()];
            let values = found.iter().map(|each| each.servable().cloned()).collect();
            let mut batch = Batch { region, ids, requests, plan, create, values, falls_back };
            Box::pin(batch.fill(found)).await?;
            batch.values
        };
        if places.len() == values.len() {
            // Each key was named once, so that they stand in the order of the call.
            return Ok(values);
        }
        Ok(places.into_iter().map(|place| values[place].clone()).collect())
    }
}

impl<K, T, P, F> Batch<'_, K, T, P, F>
where
    K: Clone,
    T: Send + Sync + 'static,
    P: Plan<T>,
{
    /// Fills the gaps: creates what nobody else does, and waits for the rest.
    async fn fill<E, Fut>(&mut self, found: Vec<Each<T>>) -> Result<(), E>
    where
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
    {
        let (mut led, mut waiting) = (Vec::new(), Vec::new());
        for (index, each) in found.into_iter().enumerate() {
            match each {
                Each::Served(_) => {}
                Each::Apart => led.push(Led::apart(index)),
                Each::Stale(_, seen) => led.extend(self.try_lead(index, seen.map(|seen| *seen))),
                Each::Missing(seen, falls_back) => {
                    self.falls_back[index] = falls_back;
                    self.take_seat(index, seen.map(|seen| *seen), &mut led, &mut waiting)?;
                }
            }
        }
        let busy = self.lease_all(&mut led).await;
        self.create_or_fall_back(led).await?;
        self.create_as_they_are_free(busy).await?;
        self.await_others(waiting).await
    }

    /// Takes the lead of refreshing a stale value, if nobody has it and it does not rest.
    fn try_lead(&self, index: usize, seen: Option<Observation>) -> Option<Led> {
        let creation = self.creation(index);
        if creation.rests() {
            return None;
        }
        let task = Task { span: Span::none(), seen, early: None::<Shared<T>>, falls_back: true };
        let (observation, lead) = creation.try_lead(&task)?;
        Some(Led::new(index, observation, lead))
    }

    /// Creates; where that fails and all that is missing has an old value to fall back on, serves that.
    async fn create_or_fall_back<E, Fut>(&mut self, led: Vec<Led>) -> Result<(), E>
    where
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
    {
        let indices: Vec<usize> = led.iter().map(|led| led.index).collect();
        let Err(error) = self.create(led).await else { return Ok(()) };
        for index in indices {
            let creation = self.creation(index);
            let stale = self.values[index].is_some();
            if stale || self.falls_back[index] {
                creation.rest();
            }
            let forgiven = !creation.request.stale_on_error(self.region.inner()).is_zero();
            if !forgiven || !(stale || self.falls_back[index]) {
                return Err(error);
            }
            if !stale {
                match creation.old(Reason::CREATOR_FAILED).await {
                    Some(old) => self.values[index] = Some(old),
                    None => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn take_seat<E: From<Error>>(
        &mut self,
        index: usize,
        seen: Option<Observation>,
        led: &mut Vec<Led>,
        waiting: &mut Vec<Waiting>,
    ) -> Result<(), E> {
        let region = self.region.inner();
        let request = &self.requests[index];
        let observation = seen.unwrap_or_else(|| region.observe(request));
        let seat = region.flights.join(flight_key::<T>(request, &observation));
        match seat.try_board() {
            Boarding::Done(Progress::Lead(lead)) => led.push(Led::new(index, observation, lead)),
            Boarding::Done(Progress::Landed(entry)) => {
                self.values[index] = downcast(entry).map(Shared::new);
            }
            Boarding::Done(Progress::Failed) => return Err(leader_failed(self.region).into()),
            Boarding::Wait(seat) => waiting.push(Waiting { index, observation, seat }),
        }
        Ok(())
    }

    /// Takes the leases that are free, all at once, and looks once more for what somebody was quicker
    /// with. Returns those whose lease is another process's.
    async fn lease_all(&mut self, led: &mut Vec<Led>) -> Vec<Led> {
        let ask = |mut led: Led| {
            let creation = self.creation(led.index);
            async move {
                if let Some(lead) = &led.lead {
                    led.lease = creation.try_lease(&led.observation, lead).await;
                }
                led
            }
        };
        let asked = join_all(led.drain(..).map(ask)).await;
        let requests: Vec<_> = asked.iter().map(|led| self.requests[led.index].clone()).collect();
        let fresh = self.region.inner().fresh_now(&requests, self.plan).await;
        let mut busy = Vec::new();
        for (mut each, fresh) in asked.into_iter().zip(fresh) {
            match (fresh, each.lead.take()) {
                (Some(entry), Some(lead)) => {
                    lead.land(Arc::clone(&entry) as _);
                    self.values[each.index] = Some(Shared::new(entry));
                    if let Some(lease) = each.lease {
                        self.creation(each.index).give_back(lease).await;
                    }
                }
                (_, lead) => {
                    each.lead = lead;
                    let is_busy = each.lead.is_some() && each.lease.is_none();
                    if !is_busy {
                        led.push(each);
                    } else if self.values[each.index].is_none() {
                        busy.push(each);
                    }
                }
            }
        }
        busy
    }

    /// Creates keys whose leases are another process's, each as soon as its lease is free, unless its
    /// value comes first. All are waited for at the same time.
    async fn create_as_they_are_free<E, Fut>(&mut self, busy: Vec<Led>) -> Result<(), E>
    where
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
    {
        let waits = busy.into_iter().map(|led| {
            let creation = self.creation(led.index);
            async move { lease_of(&creation, led).await }
        });
        let mut waits: FuturesUnordered<_> = waits.collect();
        while let Some((led, free)) = waits.next().await {
            self.create_leased(led, free).await?;
        }
        Ok(())
    }

    /// Creates one key now that the wait for its lease is over.
    async fn create_leased<E, Fut>(&mut self, mut led: Led, free: Leased<T>) -> Result<(), E>
    where
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
    {
        let region = self.region;
        match free {
            Leased::Found(entry) => {
                self.values[led.index] = Some(Shared::new(Arc::clone(&entry)));
                if let Some(lead) = led.lead {
                    lead.land(entry as _);
                }
                Ok(())
            }
            Leased::Held(lease) => {
                led.lease = Some(lease);
                self.create_or_fall_back(vec![led]).await
            }
            Leased::Without => {
                let creating = self.create_or_fall_back(vec![led]);
                region.unlocked(Reason::LEASE_TIMEOUT, creating).await
            }
        }
    }

    /// Waits for what others create; what they leave behind is created here.
    async fn await_others<E, Fut>(&mut self, waiting: Vec<Waiting>) -> Result<(), E>
    where
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
    {
        let region = self.region;
        let mut coming = all(region, waiting);
        // One after the other as they come: nobody who is now waiting for this caller has to wait for
        // all the others as well.
        while let Some(came) = coming.next().await {
            match came {
                Came::Value(index, value) => self.values[index] = Some(value),
                Came::Lead(index, observation, lead) => {
                    let led = Led::new(index, observation, lead);
                    self.create_as_they_are_free(vec![led]).await?;
                }
                Came::TimedOut(index, observation) => {
                    let led = Led { observation, ..Led::apart(index) };
                    let creating = self.create_or_fall_back(vec![led]);
                    region.unlocked(Reason::LEADER_TIMEOUT, creating).await?;
                }
                Came::Failed => return Err(leader_failed(region).into()),
            }
        }
        Ok(())
    }
}

/// The wait for the lease of a key that is led.
async fn lease_of<T, P>(creation: &Creation<'_, P>, led: Led) -> (Led, Leased<T>)
where
    T: Send + Sync + 'static,
    P: Plan<T>,
{
    let free = match &led.lead {
        Some(lead) => creation.lease(&led.observation, lead).await,
        None => Leased::Without,
    };
    (led, free)
}

/// Past the cache: nothing read, nothing stored.
async fn past<K, T, E, F, Fut>(create: &mut F, ids: Vec<K>) -> Result<Vec<Option<Shared<T>>>, E>
where
    F: FnMut(Vec<K>) -> Fut,
    Fut: Future<Output = Result<Vec<Option<T>>, E>>,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let made = create(ids).await?;
    Ok(made.into_iter().map(|value| value.map(Shared::from)).collect())
}

/// What a creator made that may leave keys out, in the order of the keys.
pub(super) fn of_some<K: Eq + Hash, T>(keys: &[K], mut made: HashMap<K, T>) -> Vec<Option<T>> {
    keys.iter().map(|key| made.remove(key)).collect()
}

/// What a creator made that must leave no key out.
pub(super) fn of_each<T, E>(
    region: &Region,
    asked: usize,
    made: Vec<T>,
) -> Result<Vec<Option<T>>, E>
where
    E: From<Error>,
{
    if made.len() == asked {
        Ok(made.into_iter().map(Some).collect())
    } else {
        Err(E::from(wrong_count(region, asked, made.len())))
    }
}

/// A creator that returned another number of values than it was asked for.
pub(super) fn wrong_count(region: &Region, keys: usize, values: usize) -> Error {
    let message = "there must be one value for each key, in the order of the keys; to leave some \
        out, use get_or_create_map";
    Error::new(ErrorKind::WrongCount, "create several", message)
        .with("region", region.name())
        .with("keys", keys)
        .with("values", values)
}
