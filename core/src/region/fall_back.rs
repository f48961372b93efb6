//! An old value instead of an error or a long wait.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use quick_cache::sync::Cache;
use tracing::Instrument;

use super::creation::{Creation, Plan};
use super::found::Found;
use super::step::Task;
use crate::clock::Tick;
use crate::error::Error;
use crate::observe::{Event, Reason};
use crate::shared::Shared;
use crate::wait::bounded;

/// How many keys are remembered whose creation failed a moment ago.
const REMEMBERED: usize = 10_000;

/// Keys that rest after a failure: while they do, their old values are served without trying again.
pub(super) struct Resting(Cache<u128, Tick>);

impl Default for Resting {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl fmt::Debug for Resting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resting").field("keys", &self.0.len()).finish()
    }
}

impl<P> Creation<'_, P> {
    /// Creates; where that fails or takes too long, serves the old value if there is one.
    pub(super) async fn create_or_fall_back<T, E, F, Fut>(
        &self,
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
        let joined = self.join(&task, create).instrument(task.span.clone());
        self.or_old(task.falls_back, joined).await
    }

    /// The outcome of `creating`, or the old value instead of an error or a long wait.
    pub(super) async fn or_old<T, E>(
        &self,
        falls_back: bool,
        creating: impl Future<Output = Result<Shared<T>, E>>,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        if !falls_back {
            return creating.await;
        }
        if self.rests()
            && let Some(old) = self.old(Reason::RESTING).await
        {
            return Ok(old);
        }
        let mut creating = std::pin::pin!(creating);
        match self.within_soft_limit(creating.as_mut()).await {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => self.fall_back(error).await,
            None => match self.old(Reason::SOFT_LIMIT).await {
                Some(old) => Ok(old),
                None => creating.await,
            },
        }
    }

    /// The old value instead of `error`, if it may be served still; the key rests from now on.
    pub(super) async fn fall_back<T, E>(&self, error: E) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        self.rest();
        if self.request.stale_on_error(self.region.inner()).is_zero() {
            return Err(error);
        }
        self.old(Reason::CREATOR_FAILED).await.ok_or(error)
    }

    /// Lets the key rest: its creation failed, and there is an old value.
    pub(super) fn rest(&self) {
        let region = self.region.inner();
        let until = region.clock.now().after(region.policy.error_throttle);
        region.resting.0.insert(self.request.key.digest().lookup, until);
    }

    /// Whether a creation of this key failed a moment ago.
    pub(super) fn rests(&self) -> bool {
        let region = self.region.inner();
        let until = region.resting.0.get(&self.request.key.digest().lookup);
        until.is_some_and(|until| region.clock.now() < until)
    }

    /// The outcome of `creating`, unless it takes longer than a caller waits who has an old value.
    pub(super) async fn within_soft_limit<F: Future>(&self, creating: F) -> Option<F::Output> {
        match self.region.inner().policy.soft_load_limit {
            Some(limit) => bounded(limit, creating).await,
            None => Some(creating.await),
        }
    }

    /// The old value as it stands now: an invalidation since the lookup ends it.
    pub(super) async fn old<T>(&self, reason: Reason) -> Option<Shared<T>>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let found: Found<T> = self.find_now().await;
        let entry = Arc::clone(found.entry()?);
        self.region.inner().emit(&Event::FellBack { reason });
        Some(Shared::new(entry))
    }
}
