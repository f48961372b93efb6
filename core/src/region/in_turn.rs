//! Creations that share nothing begun before: one after the other, and who waits for the next one
//! shares that.

use std::future::Future;

use super::board::{Boarded, aboard, leader_failed};
use super::creation::{Creation, Plan};
use crate::error::Error;
use crate::flight::{FlightKey, Lead, Progress};
use crate::observe::Reason;
use crate::shared::Shared;
use crate::tag::{Invalidation, Observation};

use super::make::settle;

/// What is done with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is stored in the place of what is there.
    Store,
    /// It is handed out.
    HandOut,
}

impl<P> Creation<'_, P> {
    /// Creates, whatever is there.
    ///
    /// A caller never shares a creation that began before it came: it may have read what the caller
    /// has changed since. Those who come while one creation runs share the next.
    pub(super) async fn in_turn<T, E, F, Fut>(&self, then: Then, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        let region = self.region.inner();
        let digest = self.request.key.digest();
        let seat = region.flights.join(FlightKey::gather::<T>(digest, then == Then::Store));
        let gathered = match aboard(seat, region.policy.max_load).await {
            Boarded::Lead((), lead) => lead,
            Boarded::Landed(value) => return Ok(value),
            Boarded::Failed => return Err(leader_failed(self.region).into()),
            Boarded::TimedOut(()) => return self.alone(then, Reason::LEADER_TIMEOUT, create).await,
        };
        let turn = self.turn::<T>().await;
        gathered.depart();
        let created = match turn {
            Some(turn) => {
                let created = self.leased_anew(then, create).await;
                drop(turn);
                created
            }
            None => self.alone(then, Reason::LEADER_TIMEOUT, create).await,
        };
        settle(gathered, &created);
        created
    }

    /// Waits until nobody creates this key; the turn ends when the lead is dropped.
    pub(super) async fn turn<T: 'static>(&self) -> Option<Lead> {
        let region = self.region.inner();
        let seat = region.flights.join(FlightKey::turn::<T>(self.request.key.digest()));
        match seat.board_within(region.policy.max_load).await? {
            Progress::Lead(lead) => Some(lead),
            Progress::Landed(_) | Progress::Failed => None,
        }
    }

    /// Creates under a lease, if it can be had, from an observation made now.
    async fn leased_anew<T, E, F, Fut>(&self, then: Then, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        let region = self.region.inner();
        if then == Then::HandOut {
            return self.make(Observation::never(), None, create).await;
        }
        // The value that is there is stale from now on, in every process: nobody keeps a copy of it,
        // and no creation under way replaces what comes of this one.
        if let (Some(remote), Some(key)) = (&region.remote, region.key_tag(&self.request.key)) {
            // Where the backend does not answer, the new value is not stored either.
            let _ = remote.owe(&key.into(), Invalidation::Soft).deliver().await;
        }
        let lease = self.free_lease().await;
        let observation = region.observe_now(&self.request).await;
        let Some(lease) = lease else {
            return self.unlocked(observation, Reason::LEASE_TIMEOUT, create).await;
        };
        let created = self.make_under(observation, &lease, create).await;
        self.give_back(lease).await;
        created
    }

    async fn alone<T, E, F, Fut>(
        &self,
        then: Then,
        reason: Reason,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        let observation = match then {
            Then::Store => self.region.inner().observe_now(&self.request).await,
            Then::HandOut => Observation::never(),
        };
        self.unlocked(observation, reason, create).await
    }
}
