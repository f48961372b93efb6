//! Which leases this process holds, and which locks of the server stand behind them.
//!
//! Locks of a session are re-entrant: the server would grant a name again that its session holds. So
//! whether a name is free is decided here first, and the server is asked only about names that nobody
//! in this process holds or has asked for.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

use dogpile::Owner;
use tokio::time::Instant;

/// More names than this are not held at once.
const MOST: usize = 65_536;

/// As good as for ever, and still a moment that can be counted.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// The digest of a lease's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u128);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What becomes of one who asks for a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Somebody here holds it, or has asked for it.
    Refused,
    /// It is his, without a question to the server.
    Granted,
    /// The server decides.
    Server,
    /// There are too many names.
    Full,
}

/// What becomes of a lease that is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It was not his.
    NotHis,
    /// The server is still to be asked for it, or is being asked.
    Asked,
    /// There is nothing more to be done.
    Done,
    /// The server's lock is to be given back.
    Locked,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// The server is being asked; `left`: whoever asked has gone away meanwhile.
    Asked { left: bool },
    /// Held until then; `locked`: by a lock of the server's as well.
    Held { until: Instant, locked: bool },
    /// The server's lock is being given back.
    Leaving,
}

#[derive(Debug)]
struct Entry {
    owner: Owner,
    state: State,
}

/// The leases of this process; empty when nobody holds or asks for one.
#[derive(Debug)]
pub(super) struct Held {
    entries: HashMap<Id, Entry>,
    /// When those that are held end.
    ends: BTreeSet<(Instant, Id)>,
    /// How many locks of the server's may be in this session now.
    locks: usize,
    most_locks: usize,
}

impl Held {
    pub(super) fn new(most_locks: usize) -> Self {
        Self { entries: HashMap::new(), ends: BTreeSet::new(), locks: 0, most_locks }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many locks of the server's may be in this session.
    #[cfg(test)]
    pub(super) const fn locks(&self) -> usize {
        self.locks
    }

    /// When the first lease ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.ends.first().map(|(until, _)| *until)
    }

    /// Somebody asks for a lease.
    pub(super) fn ask(&mut self, id: Id, owner: Owner, lease: Duration, now: Instant) -> Asked {
        if let Some(entry) = self.entries.get(&id) {
            return match entry.state {
                // Its lock is still here, and stays where it is.
                State::Held { until, locked } if until <= now => {
                    self.hold(id, owner, end(lease, now), locked);
                    Asked::Granted
                }
                _ => Asked::Refused,
            };
        }
        if self.entries.len() >= MOST {
            return Asked::Full;
        }
        if self.locks >= self.most_locks {
            self.hold(id, owner, end(lease, now), false);
            return Asked::Granted;
        }
        self.locks += 1;
        self.entries.insert(id, Entry { owner, state: State::Asked { left: false } });
        Asked::Server
    }

    /// Whether whoever asked for a lease still wants it.
    pub(super) fn is_wanted(&self, id: Id) -> bool {
        let state = self.entries.get(&id).map(|entry| entry.state);
        matches!(state, Some(State::Asked { left: false }))
    }

    /// The server has granted what was asked for; says whether anybody still wants it. If not, the lock
    /// is to be given back.
    pub(super) fn granted(&mut self, id: Id, lease: Duration, now: Instant) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else { return false };
        match entry.state {
            State::Asked { left: false } => {
                let owner = entry.owner;
                self.hold(id, owner, end(lease, now), true);
                true
            }
            _ => {
                entry.state = State::Leaving;
                false
            }
        }
    }

    /// There is no lock of the server's under this name any more, or there never was.
    pub(super) fn unlocked(&mut self, id: Id) {
        self.remove(id);
    }

    /// Lets a lease last that is held; says whether it is.
    pub(super) fn renew(&mut self, id: Id, owner: Owner, lease: Duration, now: Instant) -> bool {
        let Some(locked) = self.held(id, owner, now) else { return false };
        self.hold(id, owner, end(lease, now), locked);
        true
    }

    /// Whether a lease is held by `owner`.
    pub(super) fn holds(&self, id: Id, owner: Owner, now: Instant) -> bool {
        self.held(id, owner, now).is_some()
    }

    /// Gives a lease back, or takes back the question for it.
    pub(super) fn leave(&mut self, id: Id, owner: Owner) -> Left {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.owner == owner) else {
            return Left::NotHis;
        };
        match &mut entry.state {
            State::Asked { left } => {
                *left = true;
                Left::Asked
            }
            State::Held { until, locked: true } => {
                self.ends.remove(&(*until, id));
                entry.state = State::Leaving;
                Left::Locked
            }
            State::Held { locked: false, .. } => {
                self.remove(id);
                Left::Done
            }
            State::Leaving => Left::NotHis,
        }
    }

    /// Ends all leases whose time is over; returns those whose locks are to be given back.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Id> {
        let mut locked = Vec::new();
        while let Some((until, id)) = self.ends.first().copied() {
            if until > now {
                break;
            }
            let owner = self.entries.get(&id).map(|entry| entry.owner);
            self.ends.pop_first();
            if owner.is_some_and(|owner| self.leave(id, owner) == Left::Locked) {
                locked.push(id);
            }
        }
        locked
    }

    /// Forgets everything: the session is lost, and the server's locks with it.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.most_locks);
    }

    /// Whether it is held, and by a lock of the server's.
    fn held(&self, id: Id, owner: Owner, now: Instant) -> Option<bool> {
        let entry = self.entries.get(&id).filter(|entry| entry.owner == owner)?;
        match entry.state {
            State::Held { until, locked } if until > now => Some(locked),
            _ => None,
        }
    }

    fn hold(&mut self, id: Id, owner: Owner, until: Instant, locked: bool) {
        let state = State::Held { until, locked };
        let before = self.entries.insert(id, Entry { owner, state });
        if let Some(Entry { state: State::Held { until, .. }, .. }) = before {
            self.ends.remove(&(until, id));
        }
        self.ends.insert((until, id));
    }

    fn remove(&mut self, id: Id) {
        match self.entries.remove(&id).map(|entry| entry.state) {
            Some(State::Held { until, locked }) => {
                self.ends.remove(&(until, id));
                self.locks -= usize::from(locked);
            }
            Some(State::Asked { .. } | State::Leaving) => self.locks -= 1,
            None => {}
        }
    }
}

fn end(lease: Duration, now: Instant) -> Instant {
    now + lease.min(LONGEST)
}

#[cfg(test)]
mod tests;
