//! The planted defect: a backend that forgets invalidations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dogpile::backend::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints,
    Transactional,
};
use dogpile::{BoxFuture, Locks, Result};

/// Says that it has done every bump, and forgets every second one.
#[derive(Debug)]
pub(super) struct Drops {
    inner: Arc<dyn Backend>,
    bumps: AtomicU32,
}

impl Drops {
    pub(super) fn around(inner: Arc<dyn Backend>) -> Self {
        Self { inner, bumps: AtomicU32::new(0) }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Drops {
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
        self.inner.incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        self.inner.read(keys, registers)
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        self.inner.create(stamps, life)
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        match self.bumps.fetch_add(1, Ordering::SeqCst) % 2 {
            0 => self.inner.bump(stamps, life),
            _ => Box::pin(async { Ok(()) }),
        }
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        self.inner.store(puts, extend, life)
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        self.inner.remove(keys)
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        self.inner.locks()
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        // They lift with a bump of their own, which nobody forgets.
        None
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        None
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.inner.listen(listener)
    }
}
