//! A store in memory with one thing changed.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{
    Answer, Backend, Capabilities, Listener, Listening, MemoryBackend, Put, Stamp, Stored,
    TagVersion, Taints,
};
use dogpile::{BoxFuture, Error, ErrorKind, Locks, Result};

/// What is changed; everything else goes through.
pub(super) trait Defect: Debug + Send + Sync + 'static {
    fn identity(&self, inner: &MemoryBackend) -> String {
        inner.identity()
    }

    fn capabilities(&self, inner: &MemoryBackend) -> Capabilities {
        inner.capabilities()
    }

    fn incarnation(&self, inner: &MemoryBackend) -> u64 {
        inner.incarnation()
    }

    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        inner.read(keys, registers)
    }

    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        inner.create(stamps, life)
    }

    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        inner.bump(stamps, life)
    }

    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        inner.store(puts, extend, life)
    }

    fn remove<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
    ) -> BoxFuture<'a, Result<()>> {
        inner.remove(keys)
    }

    fn locks(self: Arc<Self>, inner: Arc<dyn Locks>) -> Arc<dyn Locks> {
        inner
    }

    fn taints(self: Arc<Self>, inner: Arc<dyn Taints>) -> Arc<dyn Taints> {
        inner
    }
}

#[derive(Debug)]
pub(super) struct Mutant<D> {
    pub(super) inner: MemoryBackend,
    pub(super) defect: Arc<D>,
}

impl<D: Defect> Backend for Mutant<D> {
    fn kind(&self) -> &'static str {
        "mutant"
    }

    fn identity(&self) -> String {
        self.defect.identity(&self.inner)
    }

    fn capabilities(&self) -> Capabilities {
        self.defect.capabilities(&self.inner)
    }

    fn incarnation(&self) -> u64 {
        self.defect.incarnation(&self.inner)
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        self.defect.read(&self.inner, keys, registers)
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        self.defect.create(&self.inner, stamps, life)
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        self.defect.bump(&self.inner, stamps, life)
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        self.defect.store(&self.inner, puts, extend, life)
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        self.defect.remove(&self.inner, keys)
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        Some(Arc::clone(&self.defect).locks(self.inner.locks()?))
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        Some(Arc::clone(&self.defect).taints(self.inner.taints()?))
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.inner.listen(listener)
    }
}

pub(super) fn unavailable(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, operation, "the mutant fails")
}
