//! What comes from outside: writers, leaders that are dropped, leases that expire.

use super::super::step::{Step, Who};
use super::steps::{done, passengers};
use super::{At, Flights, State};

impl Flights {
    /// The leader's caller went away: the turn goes to the next waiter, with its own observation.
    pub(super) fn drop_leader(&self, from: &State, i: usize) -> Option<Step<State>> {
        if from.drops == 0 || !from.readers[i].at.is_leader() {
            return None;
        }
        let mut to = State { drops: from.drops - 1, ..*from };
        to.readers[i] = done();
        let heir = passengers(from, i).next();
        let broken = heir.map(|heir| self.lead(&mut to, heir)).unwrap_or_default();
        for passenger in passengers(from, i).skip(1) {
            to.readers[passenger].at = heir.map_or(At::Done, At::Joined);
        }
        Some(Step::new(Who::Reader(i), "is dropped", to).breaking(broken))
    }
}

pub(super) fn writer_step(from: &State, i: usize) -> Option<Step<State>> {
    let mut to = *from;
    let does = match from.writers[i] {
        // The writers are alike, so it is enough to let them begin in order.
        0 if i > 0 && from.writers[i - 1] == 0 => return None,
        0 => {
            to.committed = from.committed.with(i);
            "commits"
        }
        1 => {
            to.bumped = from.bumped.with(i);
            to.version += 1;
            "bumps"
        }
        2 => {
            to.acked = from.acked.with(i);
            "is acknowledged"
        }
        _ => return None,
    };
    to.writers[i] += 1;
    Some(Step::new(Who::Writer(i), does, to))
}

pub(super) fn expire_lease(from: &State, i: usize) -> Option<Step<State>> {
    if from.expiries == 0 || !from.readers[i].holds_lease {
        return None;
    }
    let mut to = State { expiries: from.expiries - 1, ..*from };
    to.readers[i].holds_lease = false;
    Some(Step::new(Who::Reader(i), "loses its lease", to))
}
