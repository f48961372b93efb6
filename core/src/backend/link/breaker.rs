//! The breaker: a backend that fails is left alone for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Tick;
use crate::units::secs;

/// How many calls fail in a row before the breaker opens.
pub(super) const FAILURES: u32 = 5;
/// How long it stays open at first.
pub(super) const FIRST_WAIT: Duration = secs(1);
/// How long it stays open at most.
pub(super) const LONGEST_WAIT: Duration = secs(30);
/// The largest share of a wait that is added at random, so that processes do not come back at once.
const JITTER: f64 = 0.1;

/// Closed, open, or letting one call through to see.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    /// Moves with every phase: a call from an earlier one has no say in this one.
    turn: u64,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Closed {
        failures: u32,
    },
    Open {
        outage: Outage,
        until: Tick,
    },
    /// One call is under way. After `until` it is taken to be lost, and another one may try.
    Probing {
        outage: Outage,
        until: Tick,
    },
}

#[derive(Debug, Clone, Copy)]
struct Outage {
    since: Tick,
    wait: Duration,
}

/// The breaker has just opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) failures: u32,
    pub(super) retry_in: Duration,
}

/// A call that was let through. Dropped without a verdict, it leaves its turn to the next call.
#[derive(Debug)]
pub(super) struct Pass<'b> {
    breaker: &'b Breaker,
    turn: u64,
    probes: bool,
}

impl Breaker {
    /// Lets a call through, or says how long nobody should try.
    ///
    /// A probe that has said nothing after `patience`, and after the present wait, is given up:
    /// whoever sent it may never poll it again.
    pub(super) fn admit(&self, now: Tick, patience: Duration) -> Result<Pass<'_>, Duration> {
        let mut state = self.lock();
        let mut probes = false;
        match state.phase {
            Phase::Closed { .. } => {}
            Phase::Open { until, .. } | Phase::Probing { until, .. } if now < until => {
                return Err(until.since(now));
            }
            Phase::Open { outage, .. } | Phase::Probing { outage, .. } => {
                let until = now.after(outage.wait.max(patience));
                state.enter(Phase::Probing { outage, until });
                probes = true;
            }
        }
        Ok(Pass { breaker: self, turn: state.turn, probes })
    }

    /// How long nobody should try; `None` while calls are let through.
    pub(super) fn retry_in(&self, now: Tick) -> Option<Duration> {
        match self.lock().phase {
            Phase::Closed { .. } => None,
            Phase::Open { until, .. } | Phase::Probing { until, .. } => Some(until.since(now)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A phase is replaced as a whole: a poisoned state is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// The call succeeded; says how long the backend was down if that closed the breaker.
    pub(super) fn succeeded(self, now: Tick) -> Option<Duration> {
        let mut state = self.breaker.lock();
        if state.turn != self.turn {
            return None;
        }
        match state.phase {
            Phase::Closed { .. } => {
                state.phase = Phase::default();
                None
            }
            Phase::Open { outage, .. } | Phase::Probing { outage, .. } => {
                state.enter(Phase::default());
                Some(now.since(outage.since))
            }
        }
    }

    /// The call failed; says whether that opened the breaker.
    pub(super) fn failed(self, now: Tick) -> Option<Opened> {
        let mut state = self.breaker.lock();
        if state.turn != self.turn {
            return None;
        }
        match state.phase {
            Phase::Closed { failures } if failures + 1 < FAILURES => {
                state.phase = Phase::Closed { failures: failures + 1 };
                None
            }
            Phase::Closed { .. } => {
                state.open(now, Outage { since: now, wait: FIRST_WAIT });
                Some(Opened { failures: FAILURES, retry_in: FIRST_WAIT })
            }
            Phase::Open { outage, .. } | Phase::Probing { outage, .. } => {
                let wait = (outage.wait * 2).min(LONGEST_WAIT);
                state.open(now, Outage { wait, ..outage });
                None
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        // All other calls have nothing to say, and are many.
        if !self.probes {
            return;
        }
        let mut state = self.breaker.lock();
        if let Phase::Probing { outage, .. } = state.phase
            && state.turn == self.turn
        {
            // Its caller went away: the next one may try at once.
            state.enter(Phase::Open { outage, until: Tick::default() });
        }
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.turn += 1;
    }

    fn open(&mut self, now: Tick, outage: Outage) {
        self.enter(Phase::Open { outage, until: now.after(jittered(outage.wait)) });
    }
}

impl Default for Phase {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

/// `wait`, or a little more.
pub(super) fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::random::<f64>().mul_add(JITTER, 1.0))
}
