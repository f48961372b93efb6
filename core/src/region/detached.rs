//! Creations that outlive their caller.

use std::future::Future;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::board::{Boarded, leader_failed};
use super::creation::{Coded, Creation, Plan};
use super::in_turn::Then;
use super::keep::{Always, Rule};
use super::step::{Step, Task};
use super::{EntryRef, Region};
use crate::error::{Error, Result};
use crate::observe::{Event, Reason};
use crate::shared::Shared;
use crate::value::Value;

/// An [`EntryRef`] whose creator runs as a task of its own.
///
/// When the caller goes away the creation goes on, and a stale value is refreshed in the background
/// while everybody, the first caller included, is served at once. [`Region::close`] waits for such
/// tasks.
#[derive(Debug, Clone)]
#[must_use = "an entry does nothing until it is asked for its value"]
pub struct DetachedRef<'r, R = Always>(pub(super) EntryRef<'r, R>);

impl<R> DetachedRef<'_, R> {
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
        R: Rule<T> + Send + Sync + 'static,
    {
        self.0.creation(Coded).run_detached(create).await
    }
}

impl<P> Creation<'_, P> {
    pub(super) async fn run_detached<T, E, F, Fut>(self, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        P: Plan<T> + Send + Sync + 'static,
    {
        let step = match &self.region.inner().remote {
            None => self.step(),
            Some(_) => Box::pin(self.step_afar()).await,
        };
        match step {
            Step::Serve(value) => Ok(value),
            Step::Refresh(stale, task) => {
                self.refresh_in_background(task, create);
                Ok(stale)
            }
            Step::Create(task) => Box::pin(self.create_detached(task, create)).await,
            Step::Uncached => Box::pin(self.uncached(create)).await,
            Step::Apart => Box::pin(self.in_turn(Then::HandOut, create)).await,
        }
    }

    /// Refreshes in a task of its own, if nobody else does and there is room for one more.
    fn refresh_in_background<T, E, F, Fut>(self, task: Task<T>, create: F)
    where
        T: Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        P: Plan<T> + Send + Sync + 'static,
    {
        if self.rests() {
            return;
        }
        let Some((observation, lead)) = self.try_lead(&task) else { return };
        let Some(room) = self.region.inner().background.room() else {
            let reason = Reason::TOO_MANY_TASKS;
            self.region.inner().emit(&Event::BackgroundRefused { reason });
            return;
        };
        let Self { region, request, plan } = self;
        let (owner, request) = (region.clone(), request.into_owned());
        let span = task.span.clone();
        let refresh = async move {
            let _room = room;
            let creation = Creation { region: &owner, request, plan };
            let leased = creation.lease_to_refresh(&task, &observation, lead).await;
            let Some((lead, lease)) = leased else { return };
            if creation.lead(observation, lead, lease, create).await.is_err() {
                // It is counted as a failed creation; the stale value stays.
                creation.rest();
            }
        };
        drop(region.spawn(refresh.instrument(span)));
    }

    async fn create_detached<T, E, F, Fut>(self, task: Task<T>, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        P: Plan<T> + Send + Sync + 'static,
    {
        let owned = Creation {
            region: self.region,
            request: self.request.clone().into_owned(),
            plan: Arc::new(self.plan),
        };
        let joined = owned.clone().join_detached(&task, create);
        owned.or_old(task.falls_back, joined).await
    }

    async fn join_detached<T, E, F, Fut>(self, task: &Task<T>, create: F) -> Result<Shared<T>, E>
    where
        T: Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        P: Plan<T> + Send + Sync + 'static,
    {
        let (observation, lead) = match self.board(task).await {
            Boarded::Lead(observation, lead) => (observation, lead),
            Boarded::Landed(value) => return Ok(value),
            Boarded::Failed => return Err(leader_failed(self.region).into()),
            Boarded::TimedOut(observation) => {
                return self.unlocked(observation, Reason::LEADER_TIMEOUT, create).await;
            }
        };
        let Self { region, request, plan } = self;
        let (owner, request) = (region.clone(), request.into_owned());
        let creating = async move {
            let creation = Creation { region: &owner, request, plan };
            creation.lead_unless_found(observation, lead, create).await
        };
        outcome(region, region.spawn(creating.instrument(task.span.clone()))).await
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
