//! Getting the lease on a key before creating its value.

#![expect(clippy::future_not_send, reason = "these are Send whenever the creator is")]

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::creation::Creation;
use super::found::Found;
use crate::flight::Lead;
use crate::lease::Lease;
use crate::value::Entry;
use crate::wait::{bounded, sleep};

/// How a wait for a lease ended.
pub(super) enum Leased<T> {
    Held(Lease),
    Found(Arc<Entry<T>>),
    Without,
}

impl<W> Creation<'_, W> {
    /// The lease, if it is free right now.
    pub(super) async fn try_lease(&self, lead: &Lead) -> Option<Lease> {
        self.ask(lead).await.ok().flatten()
    }

    /// The lease, waited for; the lookup is repeated meanwhile, because it is what the wait is for.
    pub(super) async fn lease<T: Send + Sync + 'static>(&self, lead: &Lead) -> Leased<T> {
        let region = self.region.inner();
        let policy = &region.policy;
        let mut begun = None;
        let mut pause = Duration::from_millis(10);
        loop {
            if let Found::Fresh(entry) = region.find::<T>(&self.request, region.clock.now()) {
                return Leased::Found(entry);
            }
            // A busy lease has a live holder; a store that does not answer may be dead.
            let limit = match self.ask(lead).await {
                Ok(Some(lease)) => return Leased::Held(lease),
                Ok(None) => policy.max_load,
                Err(NoAnswer) => policy.lock_wait,
            };
            // Bounds on waiting are real time, whatever clock the region has.
            let waited = begun.get_or_insert_with(Instant::now).elapsed();
            if waited >= limit || Handle::try_current().is_err() {
                return Leased::Without;
            }
            sleep(pause.mul_f64(0.5 + rand::random::<f64>())).await;
            pause = (pause * 3 / 2).min(Duration::from_millis(250));
        }
    }

    /// Asks for the lease once, for as long as one call may take.
    async fn ask(&self, lead: &Lead) -> Result<Option<Lease>, NoAnswer> {
        let region = self.region.inner();
        let asking = Lease::try_acquire(&region.locks, lead.lease_name(), region.policy.lease);
        match bounded(region.policy.op_timeout, asking).await {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(_)) | None => Err(NoAnswer),
        }
    }
}

/// The lock store failed, or took longer than it may.
struct NoAnswer;
