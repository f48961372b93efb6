//! Taking part in a flight: leading it, or waiting for who leads.

#![expect(clippy::future_not_send, reason = "these are Send whenever the creator is")]

use super::Region;
use super::creation::Creation;
use super::found::Found;
use super::request::flight_key;
use crate::error::{Error, ErrorKind};
use crate::flight::{Boarding, Lead, MAX_FAILURES, Progress, Seat};
use crate::shared::Shared;
use crate::tag::Observation;
use crate::value::downcast;
use crate::wait::bounded;

/// How a wait for a flight ended.
pub(super) enum Boarded<T> {
    Lead(Observation, Lead),
    Landed(Shared<T>),
    Failed,
    TimedOut(Observation),
}

impl<W> Creation<'_, W> {
    /// Observes, and takes the lead of a refresh if nobody has it, or had it a moment ago.
    pub(super) fn try_lead<T: Send + Sync + 'static>(&self) -> Option<(Observation, Lead)> {
        let (observation, seat) = self.seat::<T>();
        match seat.try_board() {
            Boarding::Done(Progress::Lead(lead)) => self.unless_refreshed::<T>(observation, lead),
            _ => None,
        }
    }

    /// Observes, and takes a seat in the flight of what was observed.
    fn seat<T: 'static>(&self) -> (Observation, Seat) {
        let region = self.region.inner();
        let observation = region.observe(&self.request);
        let seat = region.flights.join(flight_key::<T>(&self.request, &observation));
        (observation, seat)
    }

    /// The lead, unless a flight has landed between the lookup that found a stale value and now.
    fn unless_refreshed<T: Send + Sync + 'static>(
        &self,
        observation: Observation,
        lead: Lead,
    ) -> Option<(Observation, Lead)> {
        let region = self.region.inner();
        match region.find::<T>(&self.request, region.clock.now()) {
            Found::Fresh(entry) => {
                lead.land(entry as _);
                None
            }
            _ => Some((observation, lead)),
        }
    }

    /// Takes a seat and waits, at most for `max_load`, until it leads somewhere.
    pub(super) async fn board<T: Send + Sync + 'static>(&self) -> Boarded<T> {
        let (observation, seat) = self.seat::<T>();
        let progress = match seat.try_board() {
            Boarding::Done(progress) => progress,
            Boarding::Wait(seat) => {
                match bounded(self.region.inner().policy.max_load, seat.board()).await {
                    Some(progress) => progress,
                    None => return Boarded::TimedOut(observation),
                }
            }
        };
        match progress {
            Progress::Lead(lead) => Boarded::Lead(observation, lead),
            Progress::Failed => Boarded::Failed,
            // The flight's key holds the type, so the value is of it.
            Progress::Landed(entry) => {
                downcast(entry).map_or(Boarded::Failed, |entry| Boarded::Landed(Shared::new(entry)))
            }
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
