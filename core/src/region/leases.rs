//! Getting the lease on a key before creating its value.

#![expect(clippy::future_not_send, reason = "these are Send whenever the creator is")]

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::create::Creation;
use super::found::Found;
use crate::flight::Lead;
use crate::lease::Lease;
use crate::value::Entry;

/// How a wait for a lease ended.
pub(super) enum Leased<T> {
    Held(Lease),
    Found(Arc<Entry<T>>),
    Without,
}

impl<W> Creation<'_, W> {
    /// The lease, if it is free right now.
    pub(super) async fn try_lease(&self, lead: &Lead) -> Option<Lease> {
        let region = self.region.inner();
        let length = region.policy.lease;
        Lease::try_acquire(&region.locks, lead.lease_name(), length).await.ok().flatten()
    }

    /// The lease, waited for; the lookup is repeated meanwhile, because it is what the wait is for.
    pub(super) async fn lease<T: Send + Sync + 'static>(&self, lead: &Lead) -> Leased<T> {
        let region = self.region.inner();
        let policy = &region.policy;
        let begun = region.clock.now();
        let mut pause = Duration::from_millis(10);
        loop {
            let now = region.clock.now();
            if let Found::Fresh(entry) = region.find::<T>(&self.request, now) {
                return Leased::Found(entry);
            }
            let name = lead.lease_name();
            // A busy lease has a live holder; a store that fails may be dead.
            let limit = match Lease::try_acquire(&region.locks, name, policy.lease).await {
                Ok(Some(lease)) => return Leased::Held(lease),
                Ok(None) => policy.max_load,
                Err(_) => policy.lock_wait,
            };
            if now.since(begun) >= limit {
                return Leased::Without;
            }
            sleep(pause.mul_f64(0.5 + rand::random::<f64>())).await;
            pause = (pause * 3 / 2).min(Duration::from_millis(250));
        }
    }
}
