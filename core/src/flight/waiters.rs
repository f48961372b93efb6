//! Who waits for a flight, those first who must be answered first.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

/// Until when somebody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Until {
    At(Instant),
    /// Nothing keeps time.
    Ever,
}

impl Until {
    /// For `limit` from now on, where there is a runtime to keep time.
    pub(super) fn after(limit: Duration) -> Self {
        let end = Handle::try_current().ok().and_then(|_| Instant::now().checked_add(limit));
        end.map_or(Self::Ever, Self::At)
    }

    pub(super) fn is_over(self) -> bool {
        match self {
            Self::At(end) => Instant::now() >= end,
            Self::Ever => false,
        }
    }
}

/// A place in the queue: by the end of the wait, then by arrival.
pub(super) type Place = (Until, u64);

/// The queue of those who wait and have not been called.
#[derive(Default)]
pub(super) struct Waiters {
    arrivals: u64,
    queue: BTreeMap<Place, Waker>,
    /// Who has been called to take the lead and has not come yet.
    offered: Option<Place>,
}

impl Waiters {
    /// Waits, from now on or still, to be called by `waker`; gives back the one that will not call.
    ///
    /// To drop a waker is to run the code of an executor: that is for after the lock.
    pub(super) fn wait(
        &mut self,
        place: &mut Option<Place>,
        until: Until,
        waker: &Waker,
    ) -> Option<Waker> {
        let place = *place.get_or_insert_with(|| {
            self.arrivals += 1;
            (until, self.arrivals)
        });
        let known = self.queue.get(&place).is_some_and(|known| known.will_wake(waker));
        // Otherwise it is new, has moved to another task, or was called and came too late.
        if known { None } else { self.queue.insert(place, waker.clone()) }
    }

    /// Leaves the queue; gives back the waker, if it has not called.
    pub(super) fn leave(&mut self, place: Place) -> Option<Waker> {
        self.offered.take_if(|offered| *offered == place);
        self.queue.remove(&place)
    }

    /// Whether the one at `place` has been called to take the lead and has not come.
    pub(super) fn is_offered_to(&self, place: Place) -> bool {
        self.offered == Some(place)
    }

    /// Offers the lead to the first in the queue.
    pub(super) fn offer(&mut self) -> Option<Waker> {
        let (place, waker) = self.queue.pop_first()?;
        self.offered = Some(place);
        Some(waker)
    }

    /// Takes out those who have waited for as long as they may.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Waker> {
        let mut over = Vec::new();
        while let Some(first) = self.queue.first_entry() {
            if first.key().0 > Until::At(now) {
                break;
            }
            over.push(first.remove());
        }
        over
    }

    /// When the first in the queue will have waited for as long as they may.
    pub(super) fn first_over(&self) -> Option<Instant> {
        match self.queue.first_key_value()?.0.0 {
            Until::At(end) => Some(end),
            Until::Ever => None,
        }
    }

    /// Calls everybody.
    pub(super) fn wake_all(self) {
        self.queue.into_values().for_each(Waker::wake);
    }
}
