//! One region's part in what the links to a backend share.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::LinkSettings;
use super::deliver;
use super::event::{Down, LinkEvent, Operation};
use super::ledger::Witness;
use super::shared::Shared;
use crate::backend::{Backend, Stamp, TagVersion, Taints};

pub(super) struct Member {
    pub(super) backend: Arc<dyn Backend>,
    /// The taints of the backend, where writers can taint its registers.
    pub(super) taints: Option<Arc<dyn Taints>>,
    pub(super) settings: LinkSettings,
    /// The register that every entry of the region depends on.
    pub(super) epoch: Arc<str>,
    pub(super) shared: Arc<Shared>,
    /// The incarnation of the backend that this member saw last.
    seen: AtomicU64,
    /// How many registers live debts of this region hold.
    pub(super) held: AtomicUsize,
    /// Gone with the last link: what is left then is delivered by others.
    links: Weak<()>,
}

impl Member {
    pub(super) fn join(
        backend: Arc<dyn Backend>,
        settings: LinkSettings,
        epoch: String,
        links: Weak<()>,
    ) -> Arc<Self> {
        let shared = Shared::of(backend.identity(), &settings.clock);
        let member = Arc::new(Self {
            seen: AtomicU64::new(backend.incarnation()),
            taints: backend.taints(),
            backend,
            settings,
            epoch: epoch.into(),
            shared,
            held: AtomicUsize::new(0),
            links,
        });
        member.begin();
        member
    }

    /// Joins the others. If none of them knows this incarnation, the backend that they delivered
    /// to may have been another one.
    fn begin(self: &Arc<Self>) {
        let journal = &self.shared.journal;
        let others = journal.change(|ledger| {
            let others = ledger.members();
            ledger.join(self);
            others
        });
        let known = others.iter().any(|other| other.seen() == self.seen());
        if !known && !others.is_empty() {
            self.replay();
        }
        deliver::ensure(&self.shared);
    }

    /// Whether a link of it, or a debt, is still there.
    pub(super) fn in_use(&self) -> bool {
        self.links.strong_count() > 0
    }

    fn seen(&self) -> u64 {
        self.seen.load(Ordering::SeqCst)
    }

    /// Gives registers fresh versions, drawn here.
    pub(super) async fn bump(self: &Arc<Self>, registers: &[Arc<str>]) -> Result<Witness, Down> {
        let witness = self.witness(Operation::Bump)?;
        let stamps: Vec<_> = registers.iter().map(|register| stamp(register)).collect();
        let life = self.settings.register_life;
        let bump = || self.backend.bump(&stamps, life);
        self.call(Operation::Bump, bump, |()| true).await?;
        self.confirm(Operation::Bump, witness)?;
        Ok(witness)
    }

    /// Looks at the backend before it is asked.
    pub(super) fn witness(self: &Arc<Self>, operation: Operation) -> Result<Witness, Down> {
        self.notice(self.incarnation(operation)?);
        // Read after `notice`: what a loss made owed is visible to whoever knows of the loss.
        Ok(Witness { replays: self.shared.journal.replays() })
    }

    /// Looks again when it has answered: the answer is not trusted if the backend lost its memory
    /// meanwhile, whichever link was the one to see it.
    pub(super) fn confirm(
        self: &Arc<Self>,
        operation: Operation,
        witness: Witness,
    ) -> Result<(), Down> {
        if self.witness(operation)? == witness {
            return Ok(());
        }
        Err(self.failed(operation, Down::Changed))
    }

    fn incarnation(&self, operation: Operation) -> Result<u64, Down> {
        catch_unwind(AssertUnwindSafe(|| self.backend.incarnation()))
            .map_err(|_| self.failed(operation, Down::Panicked))
    }

    fn notice(self: &Arc<Self>, incarnation: u64) {
        if incarnation != self.seen() {
            // Owed first, known after: nobody may take the new incarnation for an old acquaintance
            // before its losses are owed. Two who notice at once replay twice, which is harmless.
            self.replay();
            self.seen.store(incarnation, Ordering::SeqCst);
        }
    }

    fn replay(self: &Arc<Self>) {
        let now = self.shared.now();
        let lost = self.shared.journal.change(|ledger| ledger.replay(self, now));
        self.lost(lost);
        deliver::ensure(&self.shared);
    }

    /// Names were let go, and everything is owed until the epochs have moved.
    pub(super) fn lost(&self, registers: usize) {
        if registers > 0 {
            self.shared.tell(LinkEvent::Lost { registers });
        }
    }

    /// Reports a failure, and hands it on.
    pub(super) fn failed(&self, operation: Operation, down: Down) -> Down {
        self.tell(&LinkEvent::Failed { operation, down });
        down
    }

    /// Tells the region, and the operator what is for him.
    pub(super) fn tell(&self, event: &LinkEvent) {
        let region = &*self.settings.region;
        let backend = self.backend.kind();
        match *event {
            LinkEvent::Opened { failures, retry_in } => tracing::warn!(
                target: "dogpile", region, backend, failures, ?retry_in,
                "backend unavailable, reading from the database",
            ),
            LinkEvent::Recovered { down_for, owed, delivered } => tracing::info!(
                target: "dogpile", region, backend, down = ?rounded(down_for),
                owed_invalidations = owed, delivered, "backend is back",
            ),
            _ => {}
        }
        // It runs on paths that must go on, the deliverer's first of all.
        let report = AssertUnwindSafe(|| (self.settings.report)(event));
        if catch_unwind(report).is_err() {
            tracing::error!(target: "dogpile", region, "a listener of the region panicked");
        }
    }
}

/// A register, and a version that nothing had before.
pub(super) fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

/// Whole seconds, where there are any.
fn rounded(duration: Duration) -> Duration {
    match duration.as_secs() {
        0 => duration,
        seconds => Duration::from_secs(seconds),
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("region", &self.settings.region)
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}
