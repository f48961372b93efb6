//! Whoever waits for a lease is woken when it is given back, where the store tells. The clock of tokio
//! is paused: a step of the wait takes time on it, a message takes none.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dogpile::backend::{MemoryBackend, Waiters};
use dogpile::{BoxFuture, Locks, Owner, Region, Result, secs};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::support::{builder, made};

/// A region of another process, as it were.
fn region(backend: &MemoryBackend) -> Region {
    builder().local(0).backend(backend.clone()).build().unwrap()
}

/// Two who want one value: the first creates, and the second has waited for long. Returns how long the
/// second waits once the first is done, as `end` says.
async fn waited_after(end: impl FnOnce(oneshot::Sender<()>, tokio::task::AbortHandle)) -> Duration {
    let backend = MemoryBackend::new();
    let (first, second) = (region(&backend), region(&backend));
    let (done, is_done) = oneshot::channel::<()>();
    let creating = tokio::spawn(async move {
        let create = async || {
            is_done.await.unwrap();
            made(1)
        };
        first.entry("k").get_or_create(create).await.map(|value| *value)
    });
    tokio::task::yield_now().await;
    let waiting = tokio::spawn(async move {
        let value = second.entry("k").get_or_create(async || made(1)).await;
        (value.map(|value| *value), Instant::now())
    });
    sleep(secs(2)).await;
    assert!(!waiting.is_finished(), "the lease was free");
    let ended = Instant::now();
    end(done, creating.abort_handle());
    let (value, at) = waiting.await.unwrap();
    assert_eq!(value.unwrap(), 1);
    at - ended
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_woken_by_the_release() {
    let waited = waited_after(|done, _| done.send(()).unwrap()).await;
    assert_eq!(waited, Duration::ZERO, "it slept on");
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_woken_when_the_holder_goes_away() {
    let waited = waited_after(|_, creating| creating.abort()).await;
    assert_eq!(waited, Duration::ZERO, "it slept on");
}

/// A lease that is given back at the very moment at which the second question is refused.
#[derive(Debug, Clone, Default)]
struct JustTold {
    waiters: Waiters,
    asked: Arc<Mutex<Vec<Instant>>>,
}

impl Locks for JustTold {
    fn try_acquire<'a>(
        &'a self,
        name: &'a str,
        _: Owner,
        _: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(Instant::now());
        if asked.len() == 2 {
            self.waiters.tell(name);
        }
        let free = asked.len() > 2;
        Box::pin(async move { Ok(free) })
    }

    fn renew<'a>(&'a self, _: &'a str, _: Owner, _: Duration) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(true) })
    }

    fn release<'a>(&'a self, _: &'a str, _: Owner) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn abandon(&self, _: &str, _: Owner) {}

    fn freed(&self, name: &str) -> Option<BoxFuture<'static, ()>> {
        Some(self.waiters.freed(name))
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_while_the_store_refuses_is_not_missed() {
    let locks = JustTold::default();
    let region = builder().locks(locks.clone()).build().unwrap();
    assert_eq!(*region.entry("k").get_or_create(async || made(1)).await.unwrap(), 1);
    let asked = locks.asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    assert_ne!(asked[1], asked[0], "nobody told anything yet");
    assert_eq!(asked[2], asked[1], "it slept on");
    assert!(locks.waiters.is_empty(), "something is kept");
}

/// Leases of a store that is broken where it is asked who tells.
#[derive(Debug)]
struct Panics(bool);

impl Locks for Panics {
    fn try_acquire<'a>(&'a self, _: &'a str, _: Owner, _: Duration) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }

    fn renew<'a>(&'a self, _: &'a str, _: Owner, _: Duration) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }

    fn release<'a>(&'a self, _: &'a str, _: Owner) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn abandon(&self, _: &str, _: Owner) {}

    fn freed(&self, _: &str) -> Option<BoxFuture<'static, ()>> {
        assert!(self.0, "at once");
        Some(Box::pin(async { panic!("when it is polled") }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_where_it_is_asked_who_tells_harms_nobody() {
    for later in [false, true] {
        let region = builder().locks(Panics(later)).max_load(secs(1)).build().unwrap();
        assert_eq!(*region.entry("k").get_or_create(async || made(1)).await.unwrap(), 1);
        assert_eq!(region.stats().unlocked, 1, "without the lease, in the end");
    }
}
