//! The link between a region and its backend: around every call, once.
//!
//! A call that fails, hangs, panics, answers nonsense, or comes while the breaker is open has no
//! answer: [`Down`]. What must be invalidated and is not yet acknowledged is a [`Debt`]: nobody in
//! this process is answered about its registers before they are delivered, whoever goes away
//! meanwhile. Breaker and journal belong to the backend, not to the region: what one region owes,
//! all regions on the same backend go past.
//!
//! # What is not promised
//!
//! * A process that ends owes nothing any more: what it left undelivered is lost, and others may
//!   serve it until its `ttl`. `settle` before the end.
//! * Other processes are served what this one owes until it is delivered.
//! * Bumps that were acknowledged more than 60 s before the backend lost its memory are not
//!   delivered again.
//! * A backend that blocks its thread inside of a poll is not bounded by `op_timeout`.
//! * Outside of a tokio runtime nothing is bounded by `op_timeout`, and what was left waits for
//!   the next call from inside of one, or for `settle`.

mod breaker;
mod call;
mod debt;
mod deliver;
mod event;
mod hearing;
mod journal;
mod ledger;
mod member;
mod recent;
mod shared;
mod taint;
mod turn;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use debt::Debt;
pub(crate) use event::{Down, LinkEvent, Operation};

use super::{Answer, Backend, Put, Stored, TagVersion};
use crate::clock::{Clock, Tick};
use crate::error::Result as Answered;
use crate::lease::BoxFuture;
use crate::tag::Known;
use member::{Member, stamp};

/// How a link behaves, and whom it tells.
#[derive(Clone)]
pub(crate) struct LinkSettings {
    /// The name of the region, for the logs.
    pub(crate) region: Arc<str>,
    /// How long one call may take.
    pub(crate) op_timeout: Duration,
    /// What the breaker and the journal get their time from: the clock of the link that comes
    /// first to a backend.
    pub(crate) clock: Arc<dyn Clock>,
    /// How long a register lives after it was written or extended.
    pub(crate) register_life: Duration,
    /// Called at every event, without a lock held. Must be quick, and must not own the link.
    pub(crate) report: Arc<dyn Fn(&LinkEvent) + Send + Sync>,
}

/// A region's link to its backend. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    member: Arc<Member>,
    /// Only counted: the member outlives its links while something is owed.
    _in_use: Arc<()>,
}

impl Link {
    /// Links a region to `backend`; `epoch` is the register that all of its entries depend on.
    pub(crate) fn new(backend: Arc<dyn Backend>, settings: LinkSettings, epoch: String) -> Self {
        let in_use = Arc::new(());
        let member = Member::join(backend, settings, epoch, Arc::downgrade(&in_use));
        Self { member, _in_use: in_use }
    }

    /// Whether both lead to one backend.
    pub(crate) fn has_backend_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.member.shared, &other.member.shared)
    }

    /// Whether an invalidation of one of `registers` is owed: what depends on them must not be
    /// served. One atomic load while nothing is owed at all.
    ///
    /// For what is served without a call. [`read`](Self::read), [`create`](Self::create) and
    /// [`store`](Self::store) ask by themselves, before the call and after it: after it alone
    /// would be too late, the debt may have been paid between the backend's answer and the question.
    #[inline]
    pub(crate) fn owes(&self, registers: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
        self.member.shared.journal.owes(registers)
    }

    /// Whether any invalidation is owed at all.
    #[inline]
    pub(crate) fn owes_anything(&self) -> bool {
        self.member.shared.journal.is_owing()
    }

    /// What this process knows of the backend's versions.
    pub(crate) fn known(&self) -> &Known {
        &self.member.shared.known
    }

    /// The clock of [`known`](Self::known).
    #[inline]
    pub(crate) fn now(&self) -> Tick {
        self.member.shared.now()
    }

    /// Reads entries and registers.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await, as all calls of a link.
    pub(crate) async fn read(&self, keys: &[&str], registers: &[&str]) -> Result<Answer, Down> {
        let read = || self.member.backend.read(keys, registers);
        let fits = |answer: &Answer| {
            answer.entries.len() == keys.len() && answer.versions.len() == registers.len()
        };
        let mut answer = self.ask(Operation::Read, registers, read, fits).await?;
        // A backend may say more than it should: what is tainted has no version.
        for place in &answer.tainted {
            if let Some(version) = answer.versions.get_mut(*place) {
                *version = None;
            }
        }
        Ok(answer)
    }

    /// Gives registers that have no version a fresh one; returns those that hold now.
    pub(crate) async fn create(&self, registers: &[&str]) -> Result<Vec<Option<TagVersion>>, Down> {
        let stamps: Vec<_> = registers.iter().map(|register| stamp(register)).collect();
        let life = self.member.settings.register_life;
        let create = || self.member.backend.create(&stamps, life);
        let fits = |versions: &Vec<_>| versions.len() == registers.len();
        self.ask(Operation::Create, registers, create, fits).await
    }

    /// Stores entries and extends the lives of the registers that they depend on.
    pub(crate) async fn store(
        &self,
        puts: &[Put<'_>],
        extend: &[&str],
    ) -> Result<Vec<Stored>, Down> {
        // A register should outlive what depends on it, however long the caller wants that kept.
        let longest = puts.iter().map(|put| put.life.saturating_mul(2)).max().unwrap_or_default();
        let life = self.member.settings.register_life.max(longest);
        let store = || self.member.backend.store(puts, extend, life);
        let fits = |stored: &Vec<_>| stored.len() == puts.len();
        self.ask(Operation::Store, extend, store, fits).await
    }

    /// Removes entries, whatever is owed.
    pub(crate) async fn remove(&self, keys: &[&str]) -> Result<(), Down> {
        deliver::ensure(&self.member.shared);
        let witness = self.member.witness(Operation::Remove)?;
        let remove = || self.member.backend.remove(keys);
        self.member.call(Operation::Remove, remove, |()| true).await?;
        self.member.confirm(Operation::Remove, witness)
    }

    /// Owes registers fresh versions, from now on.
    pub(crate) fn owe(&self, registers: Vec<String>) -> Debt {
        Debt::new(self.clone(), registers)
    }

    /// Waits until all that is owed is delivered, at most for `limit`; returns how many registers
    /// are left: those that any region on the backend left behind, and those of live debts of this
    /// region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub(crate) async fn settle(&self, limit: Duration) -> usize {
        self.member.settle(limit).await
    }

    /// Asks the backend about `registers`; no answer while one of them is owed.
    async fn ask<'l, T>(
        &'l self,
        operation: Operation,
        registers: &[&str],
        begin: impl FnOnce() -> BoxFuture<'l, Answered<T>> + Send,
        fits: impl FnOnce(&T) -> bool + Send,
    ) -> Result<T, Down> {
        deliver::ensure(&self.member.shared);
        // A loss is noticed first: what it makes owed is refused by the next line.
        let witness = self.member.witness(operation)?;
        self.unowed(registers)?;
        let answer = self.member.call(operation, begin, fits).await?;
        self.member.confirm(operation, witness)?;
        self.unowed(registers)?;
        Ok(answer)
    }

    fn unowed(&self, registers: &[&str]) -> Result<(), Down> {
        if self.owes(registers) { Err(Down::Owed) } else { Ok(()) }
    }
}
