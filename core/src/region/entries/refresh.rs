//! Creating several values anew: one refresh of a key at a time, all of them by one call.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;

use futures_util::future::join_all;

use super::EntriesRef;
use super::batch::{Batch, Led};
use super::create::{of_each, of_some, wrong_count};
use crate::error::Error;
use crate::flight::Lead;
use crate::observe::Reason;
use crate::region::creation::{Coded, Plan};
use crate::region::keep::Rule;
use crate::shared::Shared;
use crate::tag::{Invalidation, Tags};
use crate::value::Value;

impl<K: Clone, R> EntriesRef<'_, K, R> {
    /// Creates all values anew, by one call of `create`, and stores them, whatever is there;
    /// [`EntryRef::refresh`](crate::EntryRef::refresh).
    ///
    /// One refresh of a key runs at a time. Those who ask for some of the same keys meanwhile wait for
    /// it, and create anew after it. Readers are served what is there until then.
    ///
    /// # Errors
    ///
    /// As [`get_or_create_multi`](Self::get_or_create_multi); the old values then stay.
    ///
    /// # Panics
    ///
    /// Where the creator panics.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: all turns and leases are given up at once.
    pub async fn refresh_multi<T, E, F, Fut>(self, mut create: F) -> Result<Vec<Shared<T>>, E>
    where
        T: Value,
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<T>, E>>,
        R: Rule<T>,
    {
        let region = self.region;
        let places = self.places.clone();
        let made = self.renew(move |keys: Vec<K>| {
            let asked = keys.len();
            let making = create(keys);
            async move { of_each::<T, E>(region, asked, making.await?) }
        });
        let made = made.await?;
        let made: Option<Vec<_>> = places.into_iter().map(|place| made[place].clone()).collect();
        made.ok_or_else(|| wrong_count(region, 1, 0).into())
    }

    /// [`refresh_multi`](Self::refresh_multi) for a creator that may leave keys out: those are
    /// invalidated, and not returned.
    ///
    /// # Errors
    ///
    /// As [`refresh_multi`](Self::refresh_multi), any count being right.
    ///
    /// # Panics
    ///
    /// As [`refresh_multi`](Self::refresh_multi).
    ///
    /// # Cancel safety
    ///
    /// As [`refresh_multi`](Self::refresh_multi).
    pub async fn refresh_map<T, E, F, Fut>(self, mut create: F) -> Result<HashMap<K, Shared<T>>, E>
    where
        K: Eq + Hash,
        T: Value,
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<HashMap<K, T>, E>>,
        R: Rule<T>,
    {
        let (region, ids, keys) = (self.region.inner(), self.ids.clone(), self.asked.keys.clone());
        let made = self.renew(move |keys: Vec<K>| {
            let making = create(keys.clone());
            async move { Ok::<_, E>(of_some(&keys, making.await?)) }
        });
        let made = made.await?;
        let gone = keys.iter().zip(&made).filter(|(_, made)| made.is_none());
        for (key, _) in gone {
            // In a backend that fails, the old value ends with its `ttl`.
            let _ = region.invalidate_key(key, Invalidation::Hard).await;
        }
        Ok(ids.into_iter().zip(made).filter_map(|(id, value)| Some((id, value?))).collect())
    }

    /// The new values, one for each key.
    async fn renew<T, E, F, Fut>(self, create: F) -> Result<Vec<Option<Shared<T>>>, E>
    where
        T: Value,
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
        R: Rule<T>,
    {
        let Self { region, ids, asked, rule, .. } = self;
        let (requests, plan) = (asked.requests(), Coded(rule));
        let (values, falls_back) = (vec![None; ids.len()], vec![false; ids.len()]);
        let (ids, requests, plan) = (&ids[..], &requests[..], &plan);
        let mut batch = Batch { region, ids, requests, plan, create, values, falls_back };
        Box::pin(batch.renew()).await?;
        Ok(batch.values)
    }
}

impl<K, T, P, F> Batch<'_, K, T, P, F>
where
    K: Clone,
    T: Send + Sync + 'static,
    P: Plan<T>,
{
    async fn renew<E, Fut>(&mut self) -> Result<(), E>
    where
        E: From<Error>,
        F: FnMut(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<Option<T>>, E>>,
    {
        let turns = self.turns().await;
        self.age().await;
        let leases = (0..self.ids.len()).map(|index| {
            let creation = self.creation(index);
            async move { creation.free_lease().await }
        });
        let leases = join_all(leases).await;
        let observations = self.region.inner().observe_all_now(self.requests).await;
        let alone = match () {
            () if turns.iter().any(Option::is_none) => Some(Reason::LEADER_TIMEOUT),
            () if leases.iter().any(Option::is_none) => Some(Reason::LEASE_TIMEOUT),
            () => None,
        };
        let led = observations.into_iter().zip(leases).enumerate();
        let led =
            led.map(|(index, (seen, lease))| Led { lease, ..Led::set(index, seen) }).collect();
        let region = self.region;
        match alone {
            Some(reason) => region.unlocked(reason, self.create(led)).await,
            None => self.create(led).await,
        }
    }

    /// Waits, for each key, until nobody refreshes it; a turn ends when it is dropped. In one order
    /// for all callers: two of them never wait for each other.
    async fn turns(&self) -> Vec<Option<Lead>> {
        let mut order: Vec<usize> = (0..self.ids.len()).collect();
        order.sort_unstable_by_key(|index| self.requests[*index].key.digest().lookup);
        let mut turns = Vec::with_capacity(order.len());
        for index in order {
            turns.push(self.creation(index).turn::<T>().await);
        }
        turns
    }

    /// What is there is stale from now on, in every process: no creation under way replaces what comes
    /// of this one.
    async fn age(&self) {
        let region = self.region.inner();
        let Some(remote) = &region.remote else { return };
        let tags: Tags =
            self.requests.iter().filter_map(|request| region.key_tag(&request.key)).collect();
        // Where the backend does not answer, the new values are not stored either.
        let _ = remote.owe(&tags, Invalidation::Soft).deliver().await;
    }
}
