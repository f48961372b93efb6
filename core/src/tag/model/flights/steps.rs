//! What readers do to flights. One step is one lock section or one trip.

use super::super::properties::{Broken, Served, judge};
use super::super::state::WriterSet;
use super::super::step::{Step, Who};
use super::{At, Design, Entry, Flights, READERS, Reader, State};

type Broke = Vec<Broken>;

impl Flights {
    pub(super) fn reader_step(&self, from: &State, i: usize) -> Option<Step<State>> {
        let mut to = *from;
        let reader = &mut to.readers[i];
        let (does, broken) = match reader.at {
            At::Lookup => look(&mut to, i),
            At::Missed => self.join_or_lead(&mut to, i),
            At::Alone => ("leads", self.lead(&mut to, i)),
            At::Leading => self.take_lease(&mut to, i),
            At::Waiting if self.lease_holder(from, i).is_some() => return None,
            At::Waiting => look_after_waiting(&mut to, i),
            At::Leased => {
                *reader = Reader { at: At::Querying, began: from.bumped, ..*reader };
                ("starts query", Broke::new())
            }
            At::Querying => {
                *reader = Reader { at: At::Loaded, value: from.committed, ..*reader };
                ("reads database", Broke::new())
            }
            At::Loaded => {
                let Reader { value, began, obs, .. } = *reader;
                to.entry = Some(Entry { value, began, obs });
                ("stores and shares", land(&mut to, i, value, began))
            }
            At::Joined(_) | At::Done => return None,
        };
        Some(Step::new(Who::Reader(i), does, to).breaking(broken))
    }

    fn same_process(&self, i: usize, j: usize) -> bool {
        i % self.processes == j % self.processes
    }

    /// The flight that this reader may join, by the design's key.
    fn flight(&self, from: &State, i: usize) -> Option<usize> {
        let by_key = self.design == Design::FlightByKey;
        (0..READERS).filter(|j| *j != i && self.same_process(i, *j)).find(|j| {
            let leader = from.readers[*j];
            leader.at.is_leader() && (by_key || leader.obs == from.readers[i].obs)
        })
    }

    /// One section under the lock of the flights' map.
    fn join_or_lead(&self, to: &mut State, i: usize) -> (&'static str, Broke) {
        let Some(leader) = self.flight(to, i) else {
            if self.design == Design::LookThenLead {
                to.readers[i].at = At::Alone;
                return ("finds no flight", Broke::new());
            }
            return ("leads", self.lead(to, i));
        };
        let old = began_before(to, i, leader).then_some(Broken::OldFlight);
        to.readers[i].at = At::Joined(leader);
        ("joins", old.into_iter().collect())
    }

    pub(super) fn lead(&self, to: &mut State, i: usize) -> Broke {
        to.readers[i].at = At::Leading;
        to.readers[i].born = to.bumped;
        let obs = to.readers[i].obs;
        let same = |j: &usize| {
            let other = to.readers[*j];
            *j != i && self.same_process(i, *j) && other.at.is_leader() && other.obs == obs
        };
        let two = (0..READERS).any(|j| same(&j)).then_some(Broken::TwoFlights);
        two.into_iter().collect()
    }

    fn lease_holder(&self, from: &State, i: usize) -> Option<usize> {
        let by_key = self.design == Design::LeaseByKey;
        let obs = from.readers[i].obs;
        (0..READERS).find(|j| {
            let holder = from.readers[*j];
            *j != i && holder.holds_lease && (by_key || holder.obs == obs)
        })
    }

    fn take_lease(&self, to: &mut State, i: usize) -> (&'static str, Broke) {
        if let Some(holder) = self.lease_holder(to, i) {
            to.readers[i].at = At::Waiting;
            let old = began_before(to, i, holder).then_some(Broken::OldLease);
            return ("waits for the lease", old.into_iter().collect());
        }
        to.readers[i].at = At::Leased;
        to.readers[i].holds_lease = true;
        ("takes the lease", Broke::new())
    }
}

/// Whether `other`'s flight began before a write that was acknowledged before `i` came.
fn began_before(state: &State, i: usize, other: usize) -> bool {
    !state.readers[i].acked.without(state.readers[other].born).is_empty()
}

pub(super) fn passengers(from: &State, leader: usize) -> impl Iterator<Item = usize> {
    (0..READERS).filter(move |j| from.readers[*j].at == At::Joined(leader))
}

fn look(to: &mut State, i: usize) -> (&'static str, Broke) {
    let (acked, obs) = (to.acked, to.version);
    match to.entry {
        Some(entry) if entry.obs == obs => {
            to.readers[i] = done();
            ("hits", judged(acked, entry.value, entry.began))
        }
        _ => {
            to.readers[i] = Reader { at: At::Missed, acked, obs, ..Reader::default() };
            ("misses", Broke::new())
        }
    }
}

/// The lease is free again: its holder has usually stored what this flight wants. The flight's
/// own observation stays the one it began with.
fn look_after_waiting(to: &mut State, i: usize) -> (&'static str, Broke) {
    match to.entry {
        Some(entry) if entry.obs == to.version => {
            let broken = judged(to.readers[i].acked, entry.value, entry.began);
            let shared = land(to, i, entry.value, entry.began);
            ("finds it stored and shares", [broken, shared].concat())
        }
        _ => {
            to.readers[i].at = At::Leading;
            ("finds nothing stored", Broke::new())
        }
    }
}

/// The flight ends: everybody on it gets the value.
fn land(to: &mut State, leader: usize, value: WriterSet, began: WriterSet) -> Broke {
    let from = *to;
    to.readers[leader] = done();
    let mut broken = Broke::new();
    for passenger in passengers(&from, leader) {
        broken.extend(judged(from.readers[passenger].acked, value, began));
        to.readers[passenger] = done();
    }
    broken
}

pub(super) fn done() -> Reader {
    Reader { at: At::Done, ..Reader::default() }
}

fn judged(acked: WriterSet, value: WriterSet, began: WriterSet) -> Broke {
    judge(acked, WriterSet::default(), value, began, Served::Fresh)
}
