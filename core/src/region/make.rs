//! Running the creator and storing what it made.

use std::future::Future;

use tracing::Instrument;

use super::Region;
use super::creation::{Creation, Plan};
use super::store::Making;
use crate::error::{Error, ErrorKind};
use crate::flight::Lead;
use crate::lease::Lease;
use crate::observe::CreationSpan;
use crate::shared::Shared;
use crate::tag::Observation;
use crate::wait::bounded;

impl<P> Creation<'_, P> {
    /// Runs the creator and stores what it made.
    pub(super) async fn make<T, E, F, Fut>(
        &self,
        observation: Observation,
        lease: Option<&Lease>,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        P: Plan<T>,
    {
        let region = self.region.inner();
        let creation = CreationSpan::begin(region, &*region.clock);
        let begun = creation.begun();
        let creating = create().instrument(creation.span());
        let value = match within_hard_limit(self.region, creating).await {
            Ok(value) => value,
            Err(error) => {
                creation.failed();
                return Err(error);
            }
        };
        let making = Making { request: &self.request, observation, begun, lease };
        let made = region.entry_of(making, value, &self.plan);
        let entry = region.store_made(&self.request, lease, made, &self.plan).await;
        creation.succeeded();
        Ok(Shared::new(entry))
    }
}

/// Ends a creation that takes longer than it may.
pub(super) async fn within_hard_limit<T, E: From<Error>>(
    region: &Region,
    creating: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let Some(limit) = region.inner().policy.hard_load_limit else {
        return creating.await;
    };
    bounded(limit, creating).await.unwrap_or_else(|| {
        let message = "the creation took longer than hard_load_limit and was ended";
        let error = Error::new(ErrorKind::Timeout, "get or create", message);
        let error = error.with("region", region.name());
        Err(error.with("hard_load_limit", format_args!("{limit:?}")).into())
    })
}

/// Tells the flight what became of its leader.
pub(super) fn settle<T: Send + Sync + 'static, E>(lead: Lead, created: &Result<Shared<T>, E>) {
    match created {
        Ok(value) => lead.land(value.entry()),
        Err(_) => lead.fail(),
    }
}
