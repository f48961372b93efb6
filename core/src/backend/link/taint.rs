//! Taints through the link: bounded, behind the breaker, and believed only if the backend kept its
//! memory meanwhile.

use std::sync::Arc;
use std::time::Duration;

use super::event::{Down, Operation};
use super::ledger::Witness;
use super::member::{Member, stamp};
use super::{Link, deliver};
use crate::backend::{Taints, Writer};

impl Link {
    /// Whether writers can taint the registers of the backend.
    pub(crate) fn can_taint(&self) -> bool {
        self.member.taints.is_some()
    }

    /// Puts `writer` among the writers of `registers`, whatever is owed.
    ///
    /// After an error the registers are not tainted as far as anybody may rely on it; what has
    /// landed all the same ends by itself, or with the [lift](super::Debt::lift).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await, as all calls of a link.
    pub(crate) async fn place(
        &self,
        registers: &[String],
        writer: Writer,
        life: Duration,
    ) -> Result<(), Down> {
        let member = &self.member;
        deliver::ensure(&member.shared);
        let taints = member.taints()?;
        let witness = member.witness(Operation::Place)?;
        let stamps: Vec<_> = registers.iter().map(|register| stamp(register)).collect();
        let place = || taints.place(&stamps, writer, life);
        let placed = member.call(Operation::Place, place, |()| true).await;
        // Whether it was placed or not: what is known may have been read before it was.
        registers.iter().for_each(|register| self.known().moved(register));
        placed?;
        member.confirm(Operation::Place, witness)
    }

    /// Lets the taints of `writer` last for `life` from now; says whether it had all of them still.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await, as all calls of a link.
    pub(crate) async fn renew(
        &self,
        registers: &[String],
        writer: Writer,
        life: Duration,
    ) -> Result<bool, Down> {
        let member = &self.member;
        let taints = member.taints()?;
        let witness = member.witness(Operation::Renew)?;
        let registers: Vec<&str> = registers.iter().map(String::as_str).collect();
        let renew = || taints.renew(&registers, writer, life);
        let held = member.call(Operation::Renew, renew, |_| true).await?;
        member.confirm(Operation::Renew, witness)?;
        Ok(held)
    }

    /// Takes `writer` out of the writers of `registers`, for a write that did not happen: nothing is
    /// owed, and what is not lifted ends by itself.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await, as all calls of a link.
    pub(crate) async fn forget(&self, registers: &[String], writer: Writer) -> Result<(), Down> {
        let registers: Vec<Arc<str>> = registers.iter().map(|name| name.as_str().into()).collect();
        self.member.lift(&registers, writer).await.map(drop)
    }
}

impl Member {
    /// Gives registers fresh versions and takes `writer` out of their writers; says whether it was
    /// among those of all of them.
    pub(super) async fn lift(
        self: &Arc<Self>,
        registers: &[Arc<str>],
        writer: Writer,
    ) -> Result<(bool, Witness), Down> {
        let taints = self.taints()?;
        let witness = self.witness(Operation::Lift)?;
        let stamps: Vec<_> = registers.iter().map(|register| stamp(register)).collect();
        let life = self.settings.register_life;
        let lift = || taints.lift(&stamps, writer, life);
        let held = self.call(Operation::Lift, lift, |_| true).await?;
        self.confirm(Operation::Lift, witness)?;
        Ok((held, witness))
    }

    /// Nobody taints where that is not possible; who tries all the same is refused.
    fn taints(&self) -> Result<&Arc<dyn Taints>, Down> {
        self.taints.as_ref().ok_or(Down::Error)
    }
}
