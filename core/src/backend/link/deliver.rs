//! The deliverer: one task for each backend that delivers what nobody else does.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Handle;

use super::breaker::{FIRST_WAIT, LONGEST_WAIT, jittered};
use super::event::{Down, LinkEvent, Operation};
use super::ledger::Batch;
use super::member::Member;
use super::shared::Shared;
use super::turn::Turn;
use crate::units::millis;
use crate::wait::bounded;

/// The most registers that one bump of the deliverer moves.
pub(super) const MAX_BATCH: usize = 1_000;
/// The shortest pause after a failure: the breaker may say "now", and still let nobody through.
const SHORTEST_WAIT: Duration = millis(10);

/// Starts the deliverer if there is something to deliver, it does not run, and there is a runtime
/// to run it. Called wherever one of the three may just have become so.
pub(super) fn ensure(shared: &Arc<Shared>) {
    if shared.journal.left() == 0 {
        return;
    }
    let Ok(runtime) = Handle::try_current() else { return };
    if let Some(turn) = Turn::take(shared) {
        runtime.spawn(run(turn));
    }
}

async fn run(turn: Turn) {
    let mut turn = Some(turn);
    while let Some(mine) = turn {
        deliver_all(&mine).await;
        turn = mine.end();
    }
}

async fn deliver_all(turn: &Turn) {
    let shared = turn.shared();
    let mut pace = Pace::default();
    while turn.renew()
        && let Some(batch) = shared.journal.change(|ledger| ledger.next(pace.size))
    {
        match deliver(&batch).await {
            Ok(()) => pace.quicken(),
            Err(down) => {
                pace.slow_down(down);
                let wait = shared.breaker.retry_in(shared.now());
                let wait = wait.unwrap_or_else(|| jittered(pace.wait)).max(SHORTEST_WAIT);
                bounded(wait, shared.wake.notified()).await;
            }
        }
    }
}

/// Delivers one batch, or puts it behind the others.
async fn deliver(batch: &Batch) -> Result<(), Down> {
    let member = &batch.by;
    let journal = &member.shared.journal;
    let delivered = match member.bump(&batch.registers).await {
        Ok(witness) => {
            let now = member.shared.now();
            let settled = journal.change(|ledger| ledger.settle(batch, witness, now));
            settled.ok_or_else(|| member.failed(Operation::Bump, Down::Changed))
        }
        Err(down) => Err(down),
    };
    match delivered {
        Ok(registers) => {
            member.tell(&LinkEvent::Delivered { registers });
            member.shared.delivered(registers);
            Ok(())
        }
        Err(down) => {
            journal.change(|ledger| ledger.put_off(batch));
            Err(down)
        }
    }
}

/// How much is delivered at once, and how soon again after a failure.
///
/// A batch that fails may hold one register that always fails. Batches get smaller then, until
/// that register is alone and the others get through.
struct Pace {
    size: usize,
    wait: Duration,
}

impl Pace {
    fn quicken(&mut self) {
        self.size = (self.size * 2).min(MAX_BATCH);
        self.wait = Duration::ZERO;
    }

    fn slow_down(&mut self, down: Down) {
        // Nobody was asked: that says nothing about the batch.
        if down != Down::Open {
            self.size = (self.size / 2).max(1);
            self.wait = (self.wait * 2).clamp(FIRST_WAIT, LONGEST_WAIT);
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { size: MAX_BATCH, wait: Duration::ZERO }
    }
}

impl Member {
    /// How many registers nobody has delivered: those that were left by any region, and those that
    /// are held by debts of this one.
    fn unsettled(&self) -> usize {
        self.shared.journal.left() + self.held.load(Ordering::SeqCst)
    }

    /// Waits until all that is owed is delivered, at most for `limit`; says how much is left.
    ///
    /// Outside of a runtime nobody else delivers: it is tried here then, until the first failure.
    pub(super) async fn settle(&self, limit: Duration) -> usize {
        if Handle::try_current().is_ok() {
            ensure(&self.shared);
            self.shared.wake.notify_one();
            bounded(limit, self.settled()).await;
        } else {
            while let Some(batch) = self.shared.journal.change(|ledger| ledger.next(MAX_BATCH)) {
                if deliver(&batch).await.is_err() {
                    break;
                }
            }
        }
        self.unsettled()
    }

    /// Ends when nothing is left; starts nothing itself.
    pub(super) async fn settled(&self) {
        loop {
            let mut settled = pin!(self.shared.settled.notified());
            settled.as_mut().enable();
            if self.unsettled() == 0 {
                return;
            }
            settled.await;
        }
    }
}
