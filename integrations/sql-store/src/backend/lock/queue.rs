//! What callers and the task that has the session tell each other.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dogpile::Owner;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout_at};

use super::batch::Job;
use super::held::{Asked, Held, Id, Left};
use super::{Reply, SILENCE};
use crate::error::{Done, Failure};

/// More stores than this do not wait at once, nor more bytes.
const MOST_JOBS: usize = 65_536;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Somebody asks for a lease that is free in this process.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) id: Id,
    pub(super) lease: Duration,
    pub(super) reply: oneshot::Sender<Reply<bool>>,
}

/// A lock is to be given back; somebody may wait for that.
#[derive(Debug)]
pub(super) struct Leave {
    pub(super) id: Id,
    pub(super) reply: Option<oneshot::Sender<Reply<()>>>,
}

/// What is to be done on the session.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) jobs: Vec<Job>,
    pub(super) leaves: Vec<Leave>,
    pub(super) asks: HashMap<Id, Ask>,
    /// Who only wants to know that there is a session.
    pub(super) visits: Vec<oneshot::Sender<Reply<()>>>,
}

impl Work {
    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
            && self.leaves.is_empty()
            && self.asks.is_empty()
            && self.visits.is_empty()
    }
}

/// What is known of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// There is none; it is not tried to make one before then.
    Down { until: Option<Instant> },
    /// The server has it at least until then, for it heard of it.
    Up { until: Instant },
    /// It would be shared with others: leases are rows.
    Pooled,
}

#[derive(Debug)]
struct State {
    held: Held,
    work: Work,
    bytes: usize,
    phase: Phase,
    /// Why there is no session.
    why: Option<Failure>,
    used: Instant,
}

/// The leases of this process, and what waits to be done about them.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    wake: Notify,
}

impl Shared {
    pub(super) fn new(most_locks: usize) -> Self {
        let state = State {
            held: Held::new(most_locks),
            work: Work::default(),
            bytes: 0,
            phase: Phase::Down { until: None },
            why: None,
            used: Instant::now(),
        };
        Self { state: Mutex::new(state), wake: Notify::new() }
    }

    /// Why there is no session.
    pub(super) fn why(&self) -> Failure {
        self.state().why.clone().unwrap_or_else(Failure::silent)
    }

    pub(super) fn phase(&self) -> Phase {
        self.state().phase
    }

    /// Asks for a lease; what is not decided here is answered later.
    pub(super) fn ask(
        &self,
        id: Id,
        owner: Owner,
        lease: Duration,
    ) -> Done<Result<bool, oneshot::Receiver<Reply<bool>>>> {
        let mut state = self.state();
        let now = Instant::now();
        state.is_usable(now)?;
        state.used = now;
        match state.held.ask(id, owner, lease, now) {
            Asked::Refused => Ok(Ok(false)),
            Asked::Granted => Ok(Ok(true)),
            Asked::Full => Err(Failure::new("too many leases are held at once")),
            Asked::Server => {
                let (reply, answer) = oneshot::channel();
                state.work.asks.insert(id, Ask { id, lease, reply });
                drop(state);
                self.wake.notify_one();
                Ok(Err(answer))
            }
        }
    }

    /// Lets a lease last; says whether it is held.
    pub(super) fn renew(&self, id: Id, owner: Owner, lease: Duration) -> Done<bool> {
        let mut state = self.state();
        let now = Instant::now();
        if let Phase::Up { until } = state.phase
            && until <= now
        {
            // Nobody knows: it may still be there.
            return Err(Failure::silent());
        }
        Ok(state.held.renew(id, owner, lease, now))
    }

    /// Gives a lease back; an answer comes where its lock is to be given back first.
    pub(super) fn leave(&self, id: Id, owner: Owner) -> Option<oneshot::Receiver<Reply<()>>> {
        let mut state = self.state();
        match state.held.leave(id, owner) {
            Left::Locked => {}
            Left::Asked => {
                // What was not sent yet is as if nobody had asked.
                if state.work.asks.remove(&id).is_some() {
                    state.held.unlocked(id);
                }
                return None;
            }
            Left::NotHis | Left::Done => return None,
        }
        let (reply, answer) = oneshot::channel();
        state.work.leaves.push(Leave { id, reply: Some(reply) });
        drop(state);
        self.wake.notify_one();
        Some(answer)
    }

    /// Whether any of these leases is held.
    pub(super) fn holds_any(&self, leases: impl IntoIterator<Item = (Id, Owner)>) -> bool {
        let (state, now) = (self.state(), Instant::now());
        leases.into_iter().any(|(id, owner)| state.held.holds(id, owner, now))
    }

    /// Which of these leases are held at this moment.
    pub(super) fn held(&self, leases: impl IntoIterator<Item = (Id, Owner)>) -> Vec<bool> {
        let (state, now) = (self.state(), Instant::now());
        leases.into_iter().map(|(id, owner)| state.held.holds(id, owner, now)).collect()
    }

    /// Queues a store.
    pub(super) fn store(&self, job: Job) -> Done<()> {
        let mut state = self.state();
        let bytes = state.bytes.saturating_add(job.size());
        let is_first = state.work.jobs.is_empty();
        if !is_first && (bytes > MOST_BYTES || state.work.jobs.len() >= MOST_JOBS) {
            return Err(Failure::new("too many stores wait for the session with the locks"));
        }
        state.bytes = bytes;
        state.work.jobs.push(job);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// Asks for a session, and for nothing else.
    pub(super) fn visit(&self) -> Done<oneshot::Receiver<Reply<()>>> {
        let (reply, answer) = oneshot::channel();
        let mut state = self.state();
        state.is_usable(Instant::now())?;
        state.work.visits.push(reply);
        drop(state);
        self.wake.notify_one();
        Ok(answer)
    }

    /// Waits until there is something to do.
    pub(super) async fn wanted(&self) {
        while self.state().work.is_empty() {
            self.wake.notified().await;
        }
    }

    /// Waits until there is something to do, a lease ends, or `due`.
    pub(super) async fn pause(&self, due: Instant) {
        let end = self.state().held.next_end();
        let due = end.map_or(due, |end| end.min(due));
        // Which of them it was is looked at anyway.
        let _ = timeout_at(due, self.wake.notified()).await;
    }

    /// Takes what there is to do, the ends of leases included.
    pub(super) fn take(&self) -> Work {
        let mut state = self.state();
        let ended = state.held.expire(Instant::now());
        let mut work = std::mem::take(&mut state.work);
        state.bytes = 0;
        work.leaves.extend(ended.into_iter().map(|id| Leave { id, reply: None }));
        work
    }

    /// Those who still want what they asked for; of the others nothing is left.
    pub(super) fn wanting(&self, mut asks: Vec<Ask>) -> Vec<Ask> {
        let mut state = self.state();
        asks.retain(|ask| {
            let wanted = state.held.is_wanted(ask.id) && !ask.reply.is_closed();
            if !wanted {
                state.held.unlocked(ask.id);
            }
            wanted
        });
        asks
    }

    /// The server has answered; what nobody wants any more is given back in the next round.
    pub(super) fn answered(&self, asks: Vec<Ask>, locked: &[bool]) {
        let mut state = self.state();
        let now = Instant::now();
        for (ask, locked) in asks.into_iter().zip(locked) {
            let granted = *locked && state.held.granted(ask.id, ask.lease, now);
            match (*locked, granted) {
                (false, _) => state.held.unlocked(ask.id),
                (true, true) => {}
                (true, false) => state.work.leaves.push(Leave { id: ask.id, reply: None }),
            }
            // Whoever has gone away gives it back: his guard does.
            let _ = ask.reply.send(Ok(Some(granted)));
        }
    }

    /// These locks are given back.
    pub(super) fn unlocked(&self, leaves: Vec<Leave>) {
        let mut state = self.state();
        for leave in leaves {
            state.held.unlocked(leave.id);
            if let Some(reply) = leave.reply {
                let _ = reply.send(Ok(Some(())));
            }
        }
    }

    /// The server has answered what was sent at that moment.
    pub(super) fn heard(&self, sent: Instant) {
        self.state().phase = Phase::Up { until: sent + SILENCE };
    }

    /// Gives the session up if nobody has needed it for so long; says whether it did.
    pub(super) fn rest(&self, long: Duration) -> bool {
        let mut state = self.state();
        let rests = state.held.is_empty() && state.work.is_empty() && state.used.elapsed() >= long;
        if rests {
            state.phase = Phase::Down { until: None };
        }
        rests
    }

    /// There is no session any more, and none is tried for before then.
    pub(super) fn down(&self, why: Option<Failure>, until: Option<Instant>) {
        let mut state = self.state();
        state.phase = Phase::Down { until };
        state.why = why;
        state.held.clear();
        state.bytes = 0;
        // Those who wait are told by the end of their channels.
        drop(std::mem::take(&mut state.work));
    }

    /// There cannot be a session that is not shared.
    pub(super) fn pooled(&self) {
        let mut state = self.state();
        state.phase = Phase::Pooled;
        state.held.clear();
        let work = std::mem::take(&mut state.work);
        drop(state);
        work.asks.into_values().for_each(|ask| drop(ask.reply.send(Ok(None))));
        work.jobs.into_iter().for_each(|job| drop(job.reply.send(Ok(None))));
        work.visits.into_iter().for_each(|reply| drop(reply.send(Ok(None))));
    }

    /// Whether nobody holds or wants anything.
    #[cfg(test)]
    pub(super) fn is_at_rest(&self) -> bool {
        let state = self.state();
        state.held.is_empty() && state.held.locks() == 0 && state.work.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_usable(&self, now: Instant) -> Done<()> {
        match self.phase {
            Phase::Down { until: Some(until) } if now < until => {
                Err(self.why.clone().unwrap_or_else(Failure::silent))
            }
            Phase::Up { until } if until <= now => Err(Failure::silent()),
            _ => Ok(()),
        }
    }
}
