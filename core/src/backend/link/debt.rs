//! A debt: an invalidation that has begun and is not acknowledged.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::event::{Down, Operation};
use super::ledger::Witness;
use super::{Link, deliver};
use crate::backend::Writer;

/// Registers that are owed fresh versions, from its making until they are delivered (I15).
///
/// While it lives nobody in this process is answered by the backend about one of them. Dropped
/// undelivered, at any await, it leaves them to the deliverer; they stay owed.
#[must_use = "a debt that is dropped is delivered in the background"]
#[derive(Debug)]
pub(crate) struct Debt {
    link: Link,
    registers: Vec<Arc<str>>,
    /// Whether the journal had room for the names.
    listed: bool,
    paid: bool,
}

impl Debt {
    pub(super) fn new(link: Link, registers: Vec<String>) -> Self {
        let mut registers: Vec<Arc<str>> = registers.into_iter().map(Arc::from).collect();
        registers.sort_unstable();
        registers.dedup();
        // Owed first, forgotten after: nobody may learn the old versions anew in between.
        let listed = link.member.shared.journal.change(|ledger| ledger.owe(&registers));
        registers.iter().for_each(|register| link.known().moved(register));
        link.member.held.fetch_add(registers.len(), Ordering::SeqCst);
        Self { link, registers, listed, paid: false }
    }

    /// Gives the registers fresh versions. When it returns `Ok`, the backend has acknowledged them.
    ///
    /// After an error they are still owed, and delivered in the background. Asks twice at most: a
    /// backend that has just come back says so only when it is asked.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any await, the registers are still owed and delivered in the background.
    pub(crate) async fn deliver(mut self) -> Result<(), Down> {
        if self.registers.is_empty() {
            return Ok(());
        }
        match self.try_deliver().await {
            Err(Down::Changed) => self.try_deliver().await,
            other => other,
        }
    }

    /// [`deliver`](Self::deliver), and takes `writer` out of the writers of the registers; says
    /// whether it was still among those of all of them.
    ///
    /// What is left of the debt after an error is delivered without lifting: the taints then end by
    /// themselves.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any await, the registers are still owed and delivered in the background.
    pub(crate) async fn lift(mut self, writer: Writer) -> Result<bool, Down> {
        if self.registers.is_empty() {
            return Ok(true);
        }
        let lifted = match self.try_lift(writer).await {
            Err(Down::Changed) => self.try_lift(writer).await,
            other => other,
        };
        match lifted {
            // A backend that refuses to lift may still do what it does for every writer.
            Err(Down::Error) => self.try_deliver().await.map(|()| true),
            other => other,
        }
    }

    async fn try_lift(&mut self, writer: Writer) -> Result<bool, Down> {
        let member = &self.link.member;
        deliver::ensure(&member.shared);
        let (held, witness) = member.lift(&self.registers, writer).await?;
        self.pay(Operation::Lift, witness).map(|()| held)
    }

    async fn try_deliver(&mut self) -> Result<(), Down> {
        let member = &self.link.member;
        deliver::ensure(&member.shared);
        let witness = member.bump(&self.registers).await?;
        self.pay(Operation::Bump, witness)
    }

    /// The backend has acknowledged; that counts unless it lost its memory since.
    fn pay(&mut self, operation: Operation, witness: Witness) -> Result<(), Down> {
        let member = &self.link.member;
        let now = member.shared.now();
        let journal = &member.shared.journal;
        self.paid =
            journal.change(|ledger| ledger.paid(&self.registers, self.listed, witness, now));
        if self.paid { Ok(()) } else { Err(member.failed(operation, Down::Changed)) }
    }
}

impl Drop for Debt {
    fn drop(&mut self) {
        let member = &self.link.member;
        if !self.paid {
            let lost = member
                .shared
                .journal
                .change(|ledger| ledger.leave(&self.registers, self.listed, member));
            member.lost(lost);
        }
        member.held.fetch_sub(self.registers.len(), Ordering::SeqCst);
        member.shared.settled.notify_waiters();
        deliver::ensure(&member.shared);
    }
}
