//! The fence around a write: its tags are tainted from before it is sent until they are invalidated.
//!
//! Only the hard registers are: a write invalidates hard, and whoever reads a soft register reads
//! the hard one of its tag too.

use std::time::Duration;

use tokio::runtime::Handle;

use super::remote::Remote;
use super::{Inner, Region};
use crate::backend::{Debt, Down, Writer};
use crate::clock::Tick;
use crate::error::Result as Written;
use crate::observe::{Event, Reason, Source};
use crate::tag::{Invalidation, Tags, Taint};

/// What one write has tainted.
#[derive(Debug)]
pub(super) enum Fence {
    /// Tags in this process; dropped, they are lifted.
    Here(Taint),
    /// Registers of a backend.
    Afar(Tainted),
}

/// Registers of a backend that were tainted, or may have been.
#[derive(Debug)]
pub(super) struct Tainted {
    writer: Writer,
    registers: Vec<String>,
    /// When they were known to be tainted last; `None` where nobody may rely on it.
    held: Option<Tick>,
}

impl Tainted {
    fn nothing() -> Self {
        Self { writer: Writer::random(), registers: Vec::new(), held: None }
    }

    /// Taints `registers`, or sees to it that they stay so for long enough.
    async fn hold(
        &mut self,
        remote: &Remote,
        registers: Vec<String>,
        life: Duration,
        now: Tick,
    ) -> Result<(), Down> {
        if let Some(since) = self.held.filter(|_| self.registers == registers) {
            if now.since(since) < life / 3 {
                return Ok(());
            }
            self.held = None;
            if remote.link.renew(&self.registers, self.writer, life).await? {
                self.held = Some(now);
                return Ok(());
            }
        }
        // Known before the call, which may be dropped: what has landed is to be lifted.
        self.registers = registers;
        self.held = None;
        remote.link.place(&self.registers, self.writer, life).await?;
        self.held = Some(now);
        Ok(())
    }
}

impl Inner {
    /// Taints `tags`, and keeps in `fence` what has to be lifted.
    pub(super) async fn fence(&self, tags: &Tags, fence: &mut Option<Fence>) -> Result<(), Reason> {
        let Some(remote) = &self.remote else {
            let here = || Fence::Here(Taint::new(self.tags.clone()));
            if let Fence::Here(taint) = fence.get_or_insert_with(here) {
                taint.extend(tags.iter());
            }
            return Ok(());
        };
        if !remote.link.can_taint() {
            return Err(Reason::NO_TAINTS);
        }
        let afar = fence.get_or_insert_with(|| Fence::Afar(Tainted::nothing()));
        let Fence::Afar(tainted) = afar else { return Ok(()) };
        let registers = remote.registers(tags, Invalidation::Hard);
        let held = tainted.hold(remote, registers, self.policy.taint_life, self.clock.now());
        held.await.map_err(Down::reason)
    }

    /// Invalidates the tags of a write, and lifts what it has tainted.
    pub(super) async fn bump_and_lift(&self, tags: &Tags, fence: Option<&Fence>) -> Written<()> {
        let Some(debt) = self.owe(tags, Invalidation::Hard, Source::Write) else { return Ok(()) };
        let paid = match fence {
            Some(Fence::Afar(tainted)) => self.lift(debt, tainted).await,
            Some(Fence::Here(_)) | None => debt.deliver().await,
        };
        paid.map_err(|down| self.owed(tags, down.reason()))
    }

    async fn lift(&self, debt: Debt, tainted: &Tainted) -> Result<(), Down> {
        let held = debt.lift(tainted.writer).await?;
        if !held && tainted.held.is_some() {
            self.emit(&Event::Degraded { reason: Reason::TAINT_ENDED });
        }
        Ok(())
    }
}

impl Region {
    /// Lifts in the background what a write has tainted, and pays what it owes.
    pub(super) fn lift_later(&self, tainted: Tainted, debt: Option<Debt>) {
        if Handle::try_current().is_err() {
            // What is owed is delivered by whoever comes next; taints end by themselves.
            return;
        }
        let region = self.clone();
        drop(self.spawn(async move {
            // Whatever becomes of it: the taints end by themselves.
            if let Some(debt) = debt {
                let _ = region.inner.lift(debt, &tainted).await;
            } else if let Some(remote) = &region.inner.remote {
                let _ = remote.link.forget(&tainted.registers, tainted.writer).await;
            }
        }));
    }
}
