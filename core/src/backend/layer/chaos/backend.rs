//! The calls of a backend, disturbed.

use std::sync::Arc;
use std::time::Duration;

use super::locks::ChaosLocks;
use super::taints::ChaosTaints;
use super::{Chaos, Operation};
use crate::backend::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints,
    Transactional,
};
use crate::error::Result;
use crate::lease::{BoxFuture, Locks};
use crate::units::secs;

#[derive(Debug)]
pub(super) struct ChaosBackend {
    inner: Arc<dyn Backend>,
    chaos: Chaos,
}

impl ChaosBackend {
    /// How long a version lives that overwrote a lost one; nobody depends on it.
    const FORGOTTEN: Duration = secs(1);

    pub(super) fn new(inner: Arc<dyn Backend>, chaos: Chaos) -> Self {
        Self { inner, chaos }
    }

    async fn read_and_garble(&self, keys: &[&str], registers: &[&str]) -> Result<Answer> {
        let forgotten: Vec<bool> =
            registers.iter().map(|_| self.chaos.dice.happens(self.chaos.forget)).collect();
        self.forget(registers, &forgotten).await?;
        let mut answer = self.inner.read(keys, registers).await?;
        for (version, forgotten) in answer.versions.iter_mut().zip(forgotten) {
            *version = version.filter(|_| !forgotten);
        }
        for entry in answer.entries.iter_mut().flatten() {
            if self.chaos.dice.happens(self.chaos.garble) {
                *entry = self.chaos.dice.garbled(entry);
            }
        }
        Ok(answer)
    }

    async fn forget(&self, registers: &[&str], forgotten: &[bool]) -> Result<()> {
        let stamps: Vec<_> = registers
            .iter()
            .zip(forgotten)
            .filter(|(_, forgotten)| **forgotten)
            .map(|(register, _)| Stamp { register, version: TagVersion::random() })
            .collect();
        if stamps.is_empty() { Ok(()) } else { self.inner.bump(&stamps, Self::FORGOTTEN).await }
    }

    async fn bump_or_lose(&self, stamps: &[Stamp<'_>], life: Duration) -> Result<()> {
        if self.chaos.dice.happens(self.chaos.lose_bumps) {
            self.chaos.dice.lose();
            return Ok(());
        }
        self.inner.bump(stamps, life).await
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for ChaosBackend {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn identity(&self) -> String {
        self.inner.identity()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn incarnation(&self) -> u64 {
        // Far apart, so that a change below never makes up for one here.
        self.inner.incarnation().wrapping_add(self.chaos.dice.lost() << 32)
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.chaos.disturb(Operation::Read, self.read_and_garble(keys, registers)))
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(self.chaos.disturb(Operation::Create, self.inner.create(stamps, life)))
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.chaos.disturb(Operation::Bump, self.bump_or_lose(stamps, life)))
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(self.chaos.disturb(Operation::Store, self.inner.store(puts, extend, life)))
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.chaos.disturb(Operation::Remove, self.inner.remove(keys)))
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        let inner = self.inner.locks()?;
        Some(Arc::new(ChaosLocks { inner, chaos: self.chaos.clone() }))
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        let inner = self.inner.taints()?;
        Some(Arc::new(ChaosTaints { inner, chaos: self.chaos.clone() }))
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        self.inner.transactional()
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.inner.listen(listener)
    }
}
