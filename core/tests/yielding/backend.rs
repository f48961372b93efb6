//! A backend of which every call takes several polls.

use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{
    Answer, Listener, Listening, MemoryBackend, Put, Stamp, Stored, TagVersion, Taints,
};
use dogpile::{Backend, BoxFuture, Capabilities, Locks, Owner, Result};

/// Gives way before every call has begun and after it is done.
#[derive(Debug, Clone)]
pub(crate) struct Yielding(pub(crate) MemoryBackend);

/// Pending once, and called again at once.
pub(crate) async fn give_way() {
    let mut first = true;
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::take(&mut first) {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
}

fn slow<'a, T: Send + 'a>(
    call: impl Future<Output = Result<T>> + Send + 'a,
) -> BoxFuture<'a, Result<T>> {
    Box::pin(async move {
        give_way().await;
        let answer = call.await;
        give_way().await;
        answer
    })
}

/// The same store under another identity.
#[derive(Debug, Clone)]
pub(crate) struct Apart(pub(crate) Yielding);

impl Backend for Apart {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn identity(&self) -> String {
        format!("apart from {}", self.0.identity())
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn incarnation(&self) -> u64 {
        self.0.incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        self.0.read(keys, registers)
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        self.0.create(stamps, life)
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        self.0.bump(stamps, life)
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        self.0.store(puts, extend, life)
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        self.0.remove(keys)
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        self.0.locks()
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        self.0.taints()
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.0.listen(listener)
    }
}

impl Backend for Yielding {
    fn kind(&self) -> &'static str {
        "yielding"
    }

    fn identity(&self) -> String {
        self.0.identity()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn incarnation(&self) -> u64 {
        self.0.incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        slow(self.0.read(keys, registers))
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        slow(self.0.create(stamps, life))
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        slow(self.0.bump(stamps, life))
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        slow(self.0.store(puts, extend, life))
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        slow(self.0.remove(keys))
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        self.0.locks().map(|locks| Arc::new(SlowLocks(locks)) as Arc<dyn Locks>)
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        self.0.taints()
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.0.listen(listener)
    }
}

#[derive(Debug)]
struct SlowLocks(Arc<dyn Locks>);

impl Locks for SlowLocks {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        slow(async move { self.0.try_acquire(name, owner, lease).await })
    }

    fn renew<'a>(
        &'a self,
        name: &'a str,
        owner: Owner,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        slow(async move { self.0.renew(name, owner, lease).await })
    }

    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> BoxFuture<'a, Result<()>> {
        // Begun when its turn has come: this store releases as soon as it is called.
        slow(async move { self.0.release(name, owner).await })
    }

    fn abandon(&self, name: &str, owner: Owner) {
        self.0.abandon(name, owner);
    }
}
