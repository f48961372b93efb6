//! Getting the lease on a key before creating its value.

use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use super::Inner;
use super::creation::{Creation, Plan};
use super::found::Found;
use super::remote::{Looked, Purpose};
use crate::flight::Lead;
use crate::lease::{BoxFuture, Lease, freed};
use crate::observe::{Event, Reason};
use crate::tag::Observation;
use crate::value::Entry;
use crate::wait::bounded;

/// How a wait for a lease ended.
pub(super) enum Leased<T> {
    Held(Lease),
    Found(Arc<Entry<T>>),
    Without,
}

impl<P> Creation<'_, P> {
    /// The lease, if it is free right now.
    pub(super) async fn try_lease(&self, observation: &Observation, lead: &Lead) -> Option<Lease> {
        self.ask(self.lease_name(observation, lead)).await.ok().flatten()
    }

    /// The lease, waited for; the lookup is repeated meanwhile, because it is what the wait is for.
    pub(super) async fn lease<T>(&self, observation: &Observation, lead: &Lead) -> Leased<T>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let region = self.region.inner();
        // Somebody in this process may have stored between the lookup and the lead. Where a look costs
        // no trip, that takes no lease.
        if region.remote.is_none()
            && let Found::Fresh(entry) = self.find_now().await
        {
            return Leased::Found(entry);
        }
        let name = self.lease_name(observation, lead);
        let policy = &region.policy;
        let mut wait = Wait::default();
        loop {
            let freed = wait.freed(region, &name);
            let answer = self.ask(name.clone()).await;
            // Looked after asking: whoever had the lease until now stored before giving it back.
            let found = self.find_now().await;
            // A busy lease has a live holder; a store that does not answer may be dead.
            let limit = match (answer, found) {
                (answer, Found::Fresh(entry)) => {
                    wait.ended(region);
                    if let Ok(Some(lease)) = answer {
                        self.give_back(lease).await;
                    }
                    return Leased::Found(entry);
                }
                (Ok(Some(lease)), _) => {
                    wait.ended(region);
                    return Leased::Held(lease);
                }
                (Ok(None), _) => policy.max_load,
                (Err(NoAnswer), _) => policy.lock_wait,
            };
            if !wait.again(limit, freed).await {
                wait.ended(region);
                return Leased::Without;
            }
        }
    }

    /// The lease on a key whatever was observed, waited for as long as somebody else renews it.
    pub(super) async fn free_lease(&self) -> Option<Lease> {
        let region = self.region.inner();
        let name = match &region.remote {
            Some(remote) => {
                region.shared_lease_name(&self.request, &Observation::never(), &remote.capabilities)
            }
            None => format!("{}:refresh", self.request.key.digest()),
        };
        let mut wait = Wait::default();
        loop {
            let freed = wait.freed(region, &name);
            let limit = match self.ask(name.clone()).await {
                Ok(Some(lease)) => {
                    wait.ended(region);
                    return Some(lease);
                }
                Ok(None) => region.policy.max_load,
                Err(NoAnswer) => region.policy.lock_wait,
            };
            if !wait.again(limit, freed).await {
                wait.ended(region);
                return None;
            }
        }
    }

    /// Gives a lease back; a store that does not answer holds nobody up: the lease ends by itself.
    pub(super) async fn give_back(&self, lease: Lease) {
        bounded(self.region.inner().policy.op_timeout, lease.release()).await;
    }

    /// Asks for the lease once, for as long as one call may take.
    async fn ask(&self, name: String) -> Result<Option<Lease>, NoAnswer> {
        let region = self.region.inner();
        let asking = Lease::try_acquire(&region.locks, name, region.policy.lease);
        match bounded(region.policy.op_timeout, asking).await {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(_)) | None => Err(NoAnswer),
        }
    }
}

impl<P> Creation<'_, P> {
    /// What is there at this moment, wherever the region keeps it. Counts as no lookup.
    pub(super) async fn find_now<T>(&self) -> Found<T>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let region = self.region.inner();
        if region.remote.is_none() {
            return region.find(&self.request, region.clock.now());
        }
        match Box::pin(region.look_afar(&self.request, &self.plan, Purpose::Look)).await {
            Looked::Found(found, ..) => found,
            Looked::Owed => Found::nothing(Reason::OWED),
            Looked::Tainted => Found::nothing(Reason::TAINTED),
            Looked::Down(reason) => Found::nothing(reason),
        }
    }

    /// The name of the lease: equal in every process that observed the same.
    fn lease_name(&self, observation: &Observation, lead: &Lead) -> String {
        let region = self.region.inner();
        match &region.remote {
            Some(remote) => {
                region.shared_lease_name(&self.request, observation, &remote.capabilities)
            }
            None => lead.lease_name(),
        }
    }
}

/// A wait in growing steps, with jitter.
struct Wait {
    begun: Option<Instant>,
    pause: Duration,
}

impl Default for Wait {
    fn default() -> Self {
        Self { begun: None, pause: Duration::from_millis(10) }
    }
}

impl Wait {
    /// Tells how long it was, if there was one.
    fn ended(&self, region: &Inner) {
        if let Some(begun) = self.begun {
            region.emit(&Event::LeaseWaited { waited: begun.elapsed() });
        }
    }

    /// Resolves when the lease may have become free. Begun before the lease is asked for, it misses
    /// nothing; but not before the first time, since most leases are free and hearing may cost the
    /// store a connection. What is given back right then is found after the first short step.
    fn freed(&self, region: &Inner, name: &str) -> BoxFuture<'static, ()> {
        match self.begun {
            Some(_) => Box::pin(freed(&region.locks, name)),
            None => Box::pin(pending()),
        }
    }

    /// Waits one step longer, or until `freed`; `false` at once where `limit` is reached, or where
    /// nobody keeps time.
    async fn again(&mut self, limit: Duration, freed: impl Future<Output = ()>) -> bool {
        if Handle::try_current().is_err() {
            return false;
        }
        // Bounds on waiting are real time, whatever clock the region has.
        if self.begun.get_or_insert_with(Instant::now).elapsed() >= limit {
            return false;
        }
        let pause = self.pause.mul_f64(0.5 + rand::random::<f64>());
        let _ = timeout(pause, freed).await;
        self.pause = (self.pause * 3 / 2).min(Duration::from_millis(250));
        true
    }
}

/// The lock store failed, or took longer than it may.
struct NoAnswer;
