//! A backend that tells somebody how each of its calls went, and changes none of them.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::Operation;
use crate::backend::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints,
    Transactional, Writer,
};
use crate::error::{ErrorKind, Result};
use crate::lease::{BoxFuture, Locks, Owner};

/// Is told of every call.
pub(super) trait Watcher: Debug + Clone + Send + Sync + 'static {
    fn ended(&self, call: &Ended);
}

/// A call that is over. Carries neither names nor bytes.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) kind: &'static str,
    pub(super) operation: Operation,
    /// How many names it was about.
    pub(super) names: usize,
    /// The bytes of entries that went in.
    pub(super) sent: usize,
    /// The bytes of entries that came back.
    pub(super) received: usize,
    pub(super) elapsed: Duration,
    pub(super) outcome: Ending,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Done,
    Failed(ErrorKind),
    /// Its future was dropped, or it panicked.
    Dropped,
}

/// A call under way. However it ends, even by a drop, the watcher hears of it once.
struct Running<'w, W: Watcher> {
    watcher: &'w W,
    call: Ended,
    began: Instant,
}

impl<W: Watcher> Drop for Running<'_, W> {
    fn drop(&mut self) {
        self.call.elapsed = self.began.elapsed();
        self.watcher.ended(&self.call);
    }
}

/// The watcher and what it needs to know of the backend.
#[derive(Debug, Clone)]
struct Watch<W> {
    watcher: W,
    kind: &'static str,
}

impl<W: Watcher> Watch<W> {
    fn begin(&self, operation: Operation, names: usize, sent: usize) -> Running<'_, W> {
        let call = Ended {
            kind: self.kind,
            operation,
            names,
            sent,
            received: 0,
            elapsed: Duration::ZERO,
            outcome: Ending::Dropped,
        };
        Running { watcher: &self.watcher, call, began: Instant::now() }
    }

    async fn watch<T>(
        &self,
        (operation, names, sent): (Operation, usize, usize),
        received: impl FnOnce(&T) -> usize,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut running = self.begin(operation, names, sent);
        let result = call.await;
        running.call.outcome = match &result {
            Ok(answer) => {
                running.call.received = received(answer);
                Ending::Done
            }
            Err(error) => Ending::Failed(error.kind()),
        };
        result
    }
}

#[derive(Debug)]
pub(super) struct Watched<W> {
    inner: Arc<dyn Backend>,
    watch: Watch<W>,
}

impl<W: Watcher> Watched<W> {
    pub(super) fn new(inner: Arc<dyn Backend>, watcher: W) -> Self {
        let kind = inner.kind();
        Self { inner, watch: Watch { watcher, kind } }
    }
}

fn nothing<T>(_: &T) -> usize {
    0
}

fn bytes_of(answer: &Answer) -> usize {
    answer.entries.iter().flatten().map(Bytes::len).sum()
}

#[deny(clippy::missing_trait_methods)]
impl<W: Watcher> Backend for Watched<W> {
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
        let call = (Operation::Read, keys.len() + registers.len(), 0);
        Box::pin(self.watch.watch(call, bytes_of, self.inner.read(keys, registers)))
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        let call = (Operation::Create, stamps.len(), 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.create(stamps, life)))
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        let call = (Operation::Bump, stamps.len(), 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.bump(stamps, life)))
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        let sent = puts.iter().map(|put| put.bytes.len()).sum();
        let call = (Operation::Store, puts.len() + extend.len(), sent);
        Box::pin(self.watch.watch(call, nothing, self.inner.store(puts, extend, life)))
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        let call = (Operation::Remove, keys.len(), 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.remove(keys)))
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        let inner = self.inner.locks()?;
        Some(Arc::new(WatchedLocks { inner, watch: self.watch.clone() }))
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        let inner = self.inner.taints()?;
        Some(Arc::new(WatchedTaints { inner, watch: self.watch.clone() }))
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        self.inner.transactional()
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.inner.listen(listener)
    }
}

#[derive(Debug)]
struct WatchedLocks<W> {
    inner: Arc<dyn Locks>,
    watch: Watch<W>,
}

#[deny(clippy::missing_trait_methods)]
impl<W: Watcher> Locks for WatchedLocks<W> {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let call = (Operation::Acquire, 1, 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.try_acquire(name, owner, lease)))
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let call = (Operation::Renew, 1, 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.renew(name, owner, lease)))
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        let call = (Operation::Release, 1, 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.release(name, owner)))
    }

    fn abandon(&self, name: &str, owner: Owner) {
        let mut running = self.watch.begin(Operation::Abandon, 1, 0);
        self.inner.abandon(name, owner);
        running.call.outcome = Ending::Done;
    }

    /// No call to the store, and as long as somebody waits.
    fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        self.inner.freed(name)
    }
}

#[derive(Debug)]
struct WatchedTaints<W> {
    inner: Arc<dyn Taints>,
    watch: Watch<W>,
}

#[deny(clippy::missing_trait_methods)]
impl<W: Watcher> Taints for WatchedTaints<W> {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        let call = (Operation::Place, stamps.len(), 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.place(stamps, writer, life)))
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let call = (Operation::RenewTaints, registers.len(), 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.renew(registers, writer, life)))
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let call = (Operation::Lift, stamps.len(), 0);
        Box::pin(self.watch.watch(call, nothing, self.inner.lift(stamps, writer, life)))
    }
}
