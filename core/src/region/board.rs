//! Taking part in a flight: leading it, or waiting for who leads.

use std::time::Duration;

use super::Region;
use super::creation::{Creation, Plan};
use super::found::Found;
use super::request::flight_key;
use super::step::Task;
use crate::error::{Error, ErrorKind};
use crate::flight::{Boarding, Lead, MAX_FAILURES, Progress, Seat};
use crate::lease::Lease;
use crate::shared::Shared;
use crate::tag::Observation;
use crate::value::downcast;

/// How a wait for a flight ended.
pub(super) enum Boarded<T, O = Observation> {
    Lead(O, Lead),
    Landed(Shared<T>),
    Failed,
    TimedOut(O),
}

impl<P> Creation<'_, P> {
    /// Observes, and takes the lead if nobody has it.
    pub(super) fn try_lead<T>(&self, task: &Task<T>) -> Option<(Observation, Lead)>
    where
        T: Send + Sync + 'static,
    {
        let (observation, seat) = self.seat(task);
        if !observation.can_hold() {
            // Tainted since the lookup: whoever refreshes now could not store.
            return None;
        }
        match seat.try_board() {
            Boarding::Done(Progress::Lead(lead)) => Some((observation, lead)),
            _ => None,
        }
    }

    /// Observes, and takes a seat in the flight of what was observed.
    pub(super) fn seat<T: 'static>(&self, task: &Task<T>) -> (Observation, Seat) {
        let region = self.region.inner();
        let observation = task.seen.clone().unwrap_or_else(|| region.observe(&self.request));
        let seat = region.flights.join(flight_key::<T>(&self.request, &observation));
        (observation, seat)
    }

    /// The lease on refreshing, if it is free, and unless somebody has refreshed between the lookup
    /// that found an old value and now.
    pub(super) async fn lease_to_refresh<T>(
        &self,
        task: &Task<T>,
        observation: &Observation,
        lead: Lead,
    ) -> Option<(Lead, Lease)>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let lease = self.try_lease(observation, &lead).await?;
        // Looked with the lease in hand: whoever had it before stored before giving it back.
        let Found::Fresh(entry) = self.find_now().await else { return Some((lead, lease)) };
        if task.early.as_ref().is_some_and(|old| old.is_same_as(&entry)) {
            return Some((lead, lease));
        }
        lead.land(entry as _);
        self.give_back(lease).await;
        None
    }

    /// Takes a seat and waits, at most for `max_load`, until it leads somewhere.
    pub(super) async fn board<T: Send + Sync + 'static>(&self, task: &Task<T>) -> Boarded<T> {
        let (observation, seat) = self.seat(task);
        match aboard(seat, self.region.inner().policy.max_load).await {
            Boarded::Lead((), lead) => Boarded::Lead(observation, lead),
            Boarded::Landed(value) => Boarded::Landed(value),
            Boarded::Failed => Boarded::Failed,
            Boarded::TimedOut(()) => Boarded::TimedOut(observation),
        }
    }
}

/// Waits, at most for `limit`, until a seat leads somewhere.
pub(super) async fn aboard<T>(seat: Seat, limit: Duration) -> Boarded<T, ()>
where
    T: Send + Sync + 'static,
{
    let progress = match seat.try_board() {
        Boarding::Done(progress) => progress,
        Boarding::Wait(seat) => match seat.board_within(limit).await {
            Some(progress) => progress,
            None => return Boarded::TimedOut(()),
        },
    };
    match progress {
        Progress::Lead(lead) => Boarded::Lead((), lead),
        Progress::Failed => Boarded::Failed,
        // The flight's key holds the type, so the value is of it.
        Progress::Landed(entry) => {
            downcast(entry).map_or(Boarded::Failed, |entry| Boarded::Landed(Shared::new(entry)))
        }
    }
}

/// What a caller is told who only waited.
pub(super) fn leader_failed(region: &Region) -> Error {
    Error::new(
        ErrorKind::LeaderFailed,
        "get or create",
        "the creators of other callers failed one after another; their own callers have the causes",
    )
    .with("region", region.name())
    .with("failures", MAX_FAILURES)
}
