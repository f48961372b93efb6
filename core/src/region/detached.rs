//! Creations that outlive their caller.

#![expect(clippy::future_not_send, reason = "these are Send whenever the creator is")]

use std::future::Future;

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::board::{Boarded, leader_failed};
use super::create::Step;
use super::creation::Creation;
use super::{EntryRef, Region};
use crate::error::{Error, Result};
use crate::observe::Reason;
use crate::shared::Shared;
use crate::value::{Value, serialized_size};

/// An [`EntryRef`] whose creator runs as a task of its own.
///
/// When the caller goes away the creation goes on, and a stale value is refreshed in the background
/// while everybody, the first caller included, is served at once. [`Region::close`] waits for such
/// tasks.
#[derive(Debug, Clone)]
#[must_use = "an entry does nothing until it is asked for its value"]
pub struct DetachedRef<'r>(pub(super) EntryRef<'r>);

impl DetachedRef<'_> {
    /// [`EntryRef::get_or_create`] with a creator that owns all it uses.
    ///
    /// # Errors
    ///
    /// As [`EntryRef::get_or_create`]. The error of a background refresh is only counted.
    ///
    /// # Panics
    ///
    /// Where the creator panics, in the caller whose creator it is; and outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; a creation that has begun goes on. Only a bypass, or a creation
    /// after `max_load` has run out, ends with its caller.
    pub async fn get_or_create<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        T: Value,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.0.creation(|value: &T| Some(serialized_size(value))).run_detached(create).await
    }
}

impl<W> Creation<'_, W> {
    pub(super) async fn run_detached<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        W: Fn(&T) -> Option<usize> + Send + Sync + 'static,
    {
        match self.step() {
            Step::Serve(value) => Ok(value),
            Step::Refresh(stale, span) => {
                self.refresh_in_background(span, create);
                Ok(stale)
            }
            Step::Create(span) => Box::pin(self.join_detached(span, create)).await,
            Step::Bypass => Box::pin(self.uncached(create)).await,
        }
    }

    fn refresh_in_background<T, E, F, Fut>(self, span: tracing::Span, create: F)
    where
        T: Send + Sync + 'static,
        E: Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        W: Fn(&T) -> Option<usize> + Send + Sync + 'static,
    {
        let Some((observation, lead)) = self.try_lead::<T>() else { return };
        let Self { region, request, weigh } = self;
        let (owner, request) = (region.clone(), request.into_owned());
        let refresh = async move {
            let creation = Creation { region: &owner, request, weigh };
            if let Some(lease) = creation.try_lease(&lead).await {
                // The error is counted as a failed creation; the stale value stays.
                let _ = creation.lead(observation, lead, lease, create).await;
            }
        };
        drop(region.spawn(refresh.instrument(span)));
    }

    async fn join_detached<T, E, F, Fut>(
        self,
        span: tracing::Span,
        create: F,
    ) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        W: Fn(&T) -> Option<usize> + Send + Sync + 'static,
    {
        let (observation, lead) = match self.board::<T>().await {
            Boarded::Lead(observation, lead) => (observation, lead),
            Boarded::Landed(value) => return Ok(value),
            Boarded::Failed => return Err(leader_failed(self.region).into()),
            Boarded::TimedOut(observation) => {
                return self.unlocked(observation, Reason::LEADER_TIMEOUT, create).await;
            }
        };
        let Self { region, request, weigh } = self;
        let (owner, request) = (region.clone(), request.into_owned());
        let task = async move {
            let creation = Creation { region: &owner, request, weigh };
            creation.lead_unless_found(observation, lead, create).await
        };
        outcome(region, region.spawn(task.instrument(span))).await
    }
}

/// The result of a task, its panic included.
async fn outcome<T, E: From<Error>>(
    region: &Region,
    task: JoinHandle<Result<Shared<T>, E>>,
) -> Result<Shared<T>, E> {
    match task.await {
        Ok(created) => created,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down.
            Err(_) => Err(leader_failed(region).into()),
        },
    }
}
