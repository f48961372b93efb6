//! Who keeps time for those who wait in a flight.

use std::sync::{Arc, Weak};

use smallvec::SmallVec;
use tokio::runtime::{self, Handle};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::state::Flight;
use super::waiters::Until;

/// The tasks that keep time: one in each runtime that somebody waits in, however many do.
///
/// A task of its own, because a waiter may be held by somebody who never polls it again; one for
/// each runtime, because another runtime may be held up or end.
#[derive(Default)]
pub(super) struct Keepers(SmallVec<[Keeper; 1]>);

/// A task that keeps time, ended on drop.
struct Keeper {
    runtime: runtime::Id,
    /// When it looks for waits that are over.
    until: Instant,
    task: AbortHandle,
}

impl Keepers {
    /// Has somebody keep time for a wait in the present runtime.
    pub(super) fn keep(&mut self, flight: &Arc<Flight>, until: Until) {
        let (Until::At(until), Ok(runtime)) = (until, Handle::try_current()) else { return };
        let id = runtime.id();
        if self.0.iter().any(|keeper| keeper.runtime == id && keeper.until <= until) {
            return;
        }
        self.0.retain(|keeper| keeper.runtime != id);
        let task = runtime.spawn(keep_time(Arc::downgrade(flight), id, until)).abort_handle();
        self.0.push(Keeper { runtime: id, until, task });
    }

    /// Notes until when the keeper of `runtime` sleeps next.
    pub(super) fn goes_on(&mut self, runtime: runtime::Id, until: Instant) {
        if let Some(keeper) = self.0.iter_mut().find(|keeper| keeper.runtime == runtime) {
            keeper.until = until;
        }
    }

    /// Ends them all: nobody is left to keep time for.
    pub(super) fn dismiss(&mut self) {
        self.0.clear();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep_time(flight: Weak<Flight>, runtime: runtime::Id, first: Instant) {
    let mut next = Some(first);
    while let Some(until) = next {
        sleep_until(until).await;
        // Not held on to: whoever waits does that.
        next = flight.upgrade().and_then(|flight| flight.expire(Instant::now(), runtime));
    }
}
