//! The dogpile: who creates a value, who waits, who is served the old one.

use std::future::Future;
use std::sync::Arc;

use tokio::task::coop::consume_budget;
use tracing::Instrument;

use super::board::{Boarded, leader_failed};
use super::creation::{Creation, Plan};
use super::in_turn::Then;
use super::leases::Leased;
use super::make::settle;
use super::step::{Step, Task};
use crate::error::Error;
use crate::flight::Lead;
use crate::lease::Lease;
use crate::observe::Reason;
use crate::shared::Shared;
use crate::tag::Observation;

impl<P> Creation<'_, P> {
    /// Serves what is there, or creates, or waits for who creates.
    pub(super) async fn run<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        consume_budget().await;
        // Everything but the hit lives in a box, so that a hit moves only a small future.
        let step = match &self.region.inner().remote {
            None => self.step(),
            Some(_) => match self.step_near() {
                Some(step) => step,
                None => Box::pin(self.step_afar()).await,
            },
        };
        match step {
            Step::Serve(value) => Ok(value),
            Step::Refresh(stale, task) => Box::pin(self.refresh(stale, task, create)).await,
            Step::Create(task) => Box::pin(self.create_or_fall_back(task, create)).await,
            Step::Uncached => Box::pin(self.uncached(create)).await,
            Step::Apart => Box::pin(self.in_turn(Then::HandOut, create)).await,
        }
    }

    /// Past the cache: nothing read, nothing stored.
    pub(super) async fn uncached<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        create().await.map(Shared::from)
    }

    /// A value is at hand: refresh it if nobody else does, serve it at once otherwise.
    async fn refresh<T, E, F, Fut>(
        self,
        stale: Shared<T>,
        task: Task<T>,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        if self.rests() {
            return Ok(stale);
        }
        let span = task.span.clone();
        let refreshed = self.refresh_in_turn(&task, create).instrument(span);
        match self.within_soft_limit(refreshed).await {
            Some(Some(Ok(value))) => Ok(value),
            // A hit stays one: it was refreshed before there was need.
            Some(Some(Err(error))) if task.early.is_some() => {
                self.rest();
                self.old(Reason::CREATOR_FAILED).await.ok_or(error)
            }
            Some(Some(Err(error))) => self.fall_back(error).await,
            // Somebody else refreshes.
            Some(None) => Ok(stale),
            // This refresh takes its time: what has happened meanwhile counts.
            None => Ok(self.old(Reason::SOFT_LIMIT).await.unwrap_or(stale)),
        }
    }

    /// Creates, if neither flight nor lease are somebody else's.
    async fn refresh_in_turn<T, E, F, Fut>(
        &self,
        task: &Task<T>,
        create: F,
    ) -> Option<Result<Shared<T>, E>>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        let (observation, lead) = self.try_lead(task)?;
        let (lead, lease) = self.lease_to_refresh(task, &observation, lead).await?;
        Some(self.lead(observation, lead, lease, create).await)
    }

    /// Nothing may be served: lead the flight or wait for it.
    pub(super) async fn join<T, E, F, Fut>(&self, task: &Task<T>, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        match self.board(task).await {
            Boarded::Lead(observation, lead) => {
                // Boxed once more: those who only wait need little room, and are many.
                Box::pin(self.lead_unless_found(observation, lead, create)).await
            }
            Boarded::Landed(value) => Ok(value),
            Boarded::Failed => Err(leader_failed(self.region).into()),
            Boarded::TimedOut(observation) => {
                Box::pin(self.unlocked(observation, Reason::LEADER_TIMEOUT, create)).await
            }
        }
    }

    /// Creates under a lease, unless somebody was quicker between the lookup and the lead.
    pub(super) async fn lead_unless_found<T, E, F, Fut>(
        &self,
        observation: Observation,
        lead: Lead,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        match self.lease(&observation, &lead).await {
            Leased::Found(entry) => {
                lead.land(Arc::clone(&entry) as _);
                Ok(Shared::new(entry))
            }
            Leased::Held(lease) => self.lead(observation, lead, lease, create).await,
            Leased::Without => {
                let created = self.unlocked(observation, Reason::LEASE_TIMEOUT, create).await;
                settle(lead, &created);
                created
            }
        }
    }

    /// The leader's part: create, store, land, give the lease back.
    pub(super) async fn lead<T, E, F, Fut>(
        &self,
        observation: Observation,
        lead: Lead,
        lease: Lease,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        let created = self.make_under(observation, &lease, create).await;
        if created.is_ok() {
            settle(lead, &created);
            self.give_back(lease).await;
        } else {
            // Whoever leads next needs the lease.
            self.give_back(lease).await;
            settle(lead, &created);
        }
        created
    }

    /// Creates and stores while `lease` is held.
    pub(super) async fn make_under<T, E, F, Fut>(
        &self,
        observation: Observation,
        lease: &Lease,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        let making = self.make(observation, Some(lease), create);
        lease.hold(self.region.inner().policy.max_load, making).await
    }

    /// Runs the creator without flight or lease, a bounded number at a time.
    pub(super) async fn unlocked<T, E, F, Fut>(
        &self,
        observation: Observation,
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
        self.region.unlocked(reason, self.make(observation, None, create)).await
    }
}
