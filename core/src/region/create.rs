//! The dogpile: who creates a value, who waits, who is served the old one.

#![expect(clippy::future_not_send, reason = "these are Send whenever the creator is")]

use std::future::Future;
use std::sync::Arc;

use tracing::Instrument;

use super::Region;
use super::board::{Boarded, leader_failed};
use super::creation::Creation;
use super::found::Found;
use super::leases::Leased;
use crate::error::Error;
use crate::flight::Lead;
use crate::lease::Lease;
use crate::observe::{Event, LookupSpan, Outcome, Reason};
use crate::shared::Shared;
use crate::tag::Observation;
use crate::wait::bounded;

/// What a lookup says about who does what next.
pub(super) enum Step<T> {
    /// This value is the answer.
    Serve(Shared<T>),
    /// This stale value is the answer, unless the caller gets to refresh it.
    Refresh(Shared<T>, tracing::Span),
    /// Nothing may be served.
    Create(tracing::Span),
    /// The cache is not to be asked.
    Bypass,
}

impl<W> Creation<'_, W> {
    /// The lookup: all that happens on a hit.
    pub(super) fn step<T: Send + Sync + 'static>(&self) -> Step<T> {
        let region = self.region.inner();
        let lookup = LookupSpan::begin(region);
        if let Some(reason) = region.off() {
            lookup.end(Outcome::Bypass, None, Some(reason));
            return Step::Bypass;
        }
        let now = region.clock.now();
        let found = region.find::<T>(&self.request, now);
        let span = found.end(lookup, now);
        match found {
            Found::Fresh(entry) => Step::Serve(Shared::new(entry)),
            Found::Stale(entry, _) => Step::Refresh(Shared::new(entry), span),
            Found::Missing(_) => Step::Create(span),
        }
    }

    /// Serves what is there, or creates, or waits for who creates.
    pub(super) async fn run<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        W: Fn(&T) -> Option<usize>,
    {
        // Everything but the hit lives in a box, so that a hit moves only a small future.
        match self.step() {
            Step::Serve(value) => Ok(value),
            Step::Refresh(stale, span) => {
                Box::pin(self.refresh(stale, create).instrument(span)).await
            }
            Step::Create(span) => Box::pin(self.join(create).instrument(span)).await,
            Step::Bypass => Box::pin(self.uncached(create)).await,
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

    /// A stale value is at hand: refresh it if nobody else does, serve it at once otherwise.
    async fn refresh<T, E, F, Fut>(self, stale: Shared<T>, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        W: Fn(&T) -> Option<usize>,
    {
        let (observation, lead) = match self.try_lead::<T>() {
            Some(led) => led,
            None => return Ok(stale),
        };
        match self.try_lease(&lead).await {
            Some(lease) => self.lead(observation, lead, lease, create).await,
            None => Ok(stale),
        }
    }

    /// Nothing may be served: lead the flight or wait for it.
    async fn join<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        W: Fn(&T) -> Option<usize>,
    {
        match self.board::<T>().await {
            Boarded::Lead(observation, lead) => {
                self.lead_unless_found(observation, lead, create).await
            }
            Boarded::Landed(value) => Ok(value),
            Boarded::Failed => Err(leader_failed(self.region).into()),
            Boarded::TimedOut(observation) => {
                self.unlocked(observation, Reason::LEADER_TIMEOUT, create).await
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
        W: Fn(&T) -> Option<usize>,
    {
        match self.lease::<T>(&lead).await {
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
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        W: Fn(&T) -> Option<usize>,
    {
        let policy = &self.region.inner().policy;
        let created = lease.hold(policy.max_load, self.create(observation, create)).await;
        settle(lead, &created);
        // A store that does not answer holds nobody up: dropped, the lease ends by itself.
        bounded(policy.op_timeout, lease.release()).await;
        created
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
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        W: Fn(&T) -> Option<usize>,
    {
        self.region.unlocked(reason, self.create(observation, create)).await
    }

    /// Runs the creator and stores what it made.
    async fn create<T, E, F, Fut>(
        &self,
        observation: Observation,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        W: Fn(&T) -> Option<usize>,
    {
        let region = self.region.inner();
        let begun = region.clock.now();
        let running = Running(Some(self.region));
        let value = create().await?;
        running.succeeded();
        let weight = (self.weigh)(&value);
        Ok(Shared::new(region.store(&self.request, observation, begun, value, weight)))
    }
}

/// Tells the flight what became of its leader.
fn settle<T: Send + Sync + 'static, E>(lead: Lead, created: &Result<Shared<T>, E>) {
    match created {
        Ok(value) => lead.land(value.entry()),
        Err(_) => lead.fail(),
    }
}

/// Counts a creation that ends in any way but success.
struct Running<'r>(Option<&'r Region>);

impl Running<'_> {
    fn succeeded(mut self) {
        self.0 = None;
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(region) = self.0 {
            region.inner().emit(&Event::Failed);
        }
    }
}
