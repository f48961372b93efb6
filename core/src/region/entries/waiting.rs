//! Waiting for what others create.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, Stream};

use crate::flight::{Lead, Seat};
use crate::region::Region;
use crate::region::board::{Boarded, aboard};
use crate::shared::Shared;
use crate::tag::Observation;

/// A key that somebody else creates.
pub(super) struct Waiting {
    pub(super) index: usize,
    pub(super) observation: Observation,
    pub(super) seat: Seat,
}

/// What came of the wait for one key.
pub(super) enum Came<T> {
    Value(usize, Shared<T>),
    /// Whoever created it is gone: it is the caller's now.
    Lead(usize, Observation, Lead),
    TimedOut(usize, Observation),
    Failed,
}

/// Waits for all keys at once.
pub(super) fn all<T>(region: &Region, waiting: Vec<Waiting>) -> impl Stream<Item = Came<T>> + Unpin
where
    T: Send + Sync + 'static,
{
    let limit = region.inner().policy.max_load;
    let all: FuturesUnordered<_> =
        waiting.into_iter().map(|waiting| wait(waiting, limit)).collect();
    all
}

async fn wait<T>(waiting: Waiting, limit: Duration) -> Came<T>
where
    T: Send + Sync + 'static,
{
    let Waiting { index, observation, seat } = waiting;
    match aboard(seat, limit).await {
        Boarded::Lead((), lead) => Came::Lead(index, observation, lead),
        Boarded::Landed(value) => Came::Value(index, value),
        Boarded::Failed => Came::Failed,
        Boarded::TimedOut(()) => Came::TimedOut(index, observation),
    }
}
