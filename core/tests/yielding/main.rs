//! I6 on a backend: whatever call is dropped, and at whichever of its polls, it leaves no flight and
//! no lease behind, the next caller is served, and what it was to invalidate is not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backend;

use std::task::{Context, Poll, Waker};

use backend::{Apart, Yielding, give_way};
use dogpile::backend::MemoryBackend;
use dogpile::{Error, Invalidation, ManualClock, Region, minutes, secs};

/// More polls than any of the calls takes.
const MOST: usize = 40;

/// Two processes on one store.
struct Processes {
    store: MemoryBackend,
    clock: ManualClock,
    here: Region,
    there: Region,
}

impl Processes {
    fn new(local: u64) -> Self {
        let clock = ManualClock::new();
        let store = MemoryBackend::builder().clock(clock.clone()).build();
        let region = || {
            let region = Region::builder("test").ttl(minutes(5)).stale_for(minutes(5)).jitter(0.0);
            let region = region.clock(clock.clone()).local(local).backend(Yielding(store.clone()));
            region.build().unwrap()
        };
        let (here, there) = (region(), region());
        Self { store, clock, here, there }
    }

    /// Nothing is left of the future that was dropped, and who comes next is served.
    async fn clean(&self, of: &str) {
        assert_eq!(self.here.stats().flights, 0, "{of}: a flight is left");
        assert_eq!(self.store.leases(), 0, "{of}: a lease is left");
        for region in [&self.here, &self.there] {
            for key in ["k", "l"] {
                let value = region.entry(key).tag("t").get_or_create(async || created(2)).await;
                assert!([1, 2, 3].contains(&*value.unwrap()), "{of}");
            }
            let stats = region.stats();
            let sum = stats.hits + stats.stale + stats.misses + stats.bypasses;
            // A lookup that was dropped has not said how it ended.
            assert!(stats.lookups - sum <= 2, "{of}: {stats:#}");
            assert_eq!((stats.flights, stats.unlocked), (0, 0), "{of}: {stats:#}");
            assert_eq!(stats.lock_wait.count(), 0, "{of}: somebody held the lease");
        }
        assert_eq!(self.store.leases(), 0, "{of}");
    }
}

fn created(value: u64) -> Result<u64, Error> {
    Ok(value)
}

async fn slowly(value: u64) -> Result<u64, Error> {
    give_way().await;
    created(value)
}

/// Polls a future `polls` times, or until it is done; says whether it was.
fn poll_times<T>(future: impl Future<Output = T>, polls: usize) -> bool {
    let mut future = Box::pin(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).any(|_| matches!(future.as_mut().poll(&mut context), Poll::Ready(_)))
}

/// Drops what `call` does at every poll, in processes that `prepare` has made ready.
async fn at_every_poll(
    name: &str,
    prepare: impl AsyncFn(&Processes),
    call: impl AsyncFn(&Processes),
    after: impl AsyncFn(&Processes, usize, &str),
) {
    for local in [0, 1 << 20] {
        let mut polls = 0;
        loop {
            let processes = Processes::new(local);
            prepare(&processes).await;
            let done = poll_times(call(&processes), polls);
            let of = format!("{name} dropped at poll {polls}, local tier {local}");
            after(&processes, polls, &of).await;
            processes.clean(&of).await;
            // What waits for a task of the runtime is not done by polling it.
            if done || polls == MOST {
                break;
            }
            polls += 1;
        }
        assert!(polls >= 2, "{name} was done at poll {polls}: this shows nothing");
    }
}

async fn nothing(_: &Processes) {}

async fn both_are_stored(processes: &Processes) {
    for key in ["k", "l"] {
        processes.here.entry(key).tag("t").set(1_u64).await.unwrap();
    }
}

async fn both_are_stale(processes: &Processes) {
    both_are_stored(processes).await;
    processes.clock.advance(secs(301));
}

async fn as_it_is(_: &Processes, _: usize, _: &str) {}

async fn create(processes: &Processes) {
    let entry = processes.here.entry("k").tag("t");
    entry.get_or_create(|| slowly(3)).await.unwrap();
}

async fn refresh(processes: &Processes) {
    processes.here.entry("k").tag("t").refresh(|| slowly(3)).await.unwrap();
}

async fn refresh_both(processes: &Processes) {
    let entries = processes.here.entries(["k", "l"]).tag("t");
    let create = async |keys: Vec<&str>| {
        give_way().await;
        Ok::<_, Error>(vec![3_u64; keys.len()])
    };
    entries.refresh_multi(create).await.unwrap();
}

async fn create_both(processes: &Processes) {
    let entries = processes.here.entries(["k", "l"]).tag("t");
    let create = async |keys: Vec<&str>| {
        give_way().await;
        Ok::<_, Error>(vec![3_u64; keys.len()])
    };
    entries.get_or_create_multi(create).await.unwrap();
}

#[tokio::test]
async fn i6_a_creation_dropped_at_any_poll_leaves_nothing_behind() {
    at_every_poll("get_or_create", nothing, create, as_it_is).await;
    at_every_poll("get_or_create of a stale value", both_are_stale, create, as_it_is).await;
}

#[tokio::test]
async fn i6_a_refresh_dropped_at_any_poll_leaves_nothing_behind() {
    at_every_poll("refresh", nothing, refresh, as_it_is).await;
    at_every_poll("refresh of a fresh value", both_are_stored, refresh, as_it_is).await;
    at_every_poll("refresh_multi", both_are_stored, refresh_both, as_it_is).await;
}

#[tokio::test]
async fn i6_a_creation_of_several_dropped_at_any_poll_leaves_nothing_behind() {
    at_every_poll("get_or_create_multi", nothing, create_both, as_it_is).await;
}

#[tokio::test]
async fn i6_several_set_and_dropped_at_any_poll_leave_nothing_behind() {
    let set = async |processes: &Processes| {
        processes.here.entries(["k", "l"]).tag("t").set_multi([3_u64, 3]).await.unwrap();
    };
    at_every_poll("set_multi", both_are_stored, set, as_it_is).await;
}

#[tokio::test]
async fn i6_a_set_dropped_at_any_poll_leaves_nothing_behind() {
    let set = async |processes: &Processes| {
        processes.here.entry("k").tag("t").set(3_u64).await.unwrap();
    };
    let after = async |processes: &Processes, polls: usize, of: &str| {
        let value = processes.here.entry("k").tag("t").get::<u64>().await;
        let old = value.as_deref() == Some(&1);
        assert_eq!(old, polls == 0, "{of}: the value that was to be replaced");
    };
    at_every_poll("set", both_are_stored, set, after).await;
}

/// A process that knows of nothing but what is delivered: its breaker and its journal are its own.
fn elsewhere(processes: &Processes) -> Region {
    let region = Region::builder("test").ttl(minutes(5)).stale_for(minutes(5));
    let apart = Apart(Yielding(processes.store.clone()));
    region.clock(processes.clock.clone()).backend(apart).build().unwrap()
}

/// What was to be invalidated is gone here at once, and elsewhere as soon as it is delivered.
async fn both_are_gone(processes: &Processes, polls: usize, of: &str) {
    if polls == 0 {
        return;
    }
    let gone = async |region: &Region| {
        for key in ["k", "l"] {
            assert!(region.entry(key).tag("t").get::<u64>().await.is_none(), "{of}: {key}");
        }
    };
    gone(&processes.here).await;
    gone(&processes.there).await;
    // All regions on one backend know what is owed, and close when it is delivered.
    let closing = Region::builder("closing").ttl(minutes(5)).clock(processes.clock.clone());
    closing.backend(Yielding(processes.store.clone())).build().unwrap().close().await;
    gone(&elsewhere(processes)).await;
}

#[tokio::test]
async fn i6_i15_an_invalidation_dropped_at_any_poll_is_delivered() {
    let invalidate = async |processes: &Processes| {
        processes.here.invalidate(["t"]).await.unwrap();
    };
    at_every_poll("invalidate", both_are_stored, invalidate, both_are_gone).await;
    let delete = async |processes: &Processes| {
        processes.here.entries(["k", "l"]).delete_multi().await.unwrap();
    };
    at_every_poll("delete_multi", both_are_stored, delete, both_are_gone).await;
    let all = async |processes: &Processes| {
        processes.here.invalidate_all(Invalidation::Hard).await.unwrap();
    };
    at_every_poll("invalidate_all", both_are_stored, all, both_are_gone).await;
    let guarded = async |processes: &Processes| {
        let guard = processes.here.write_guard(dogpile::Tag::new("t"));
        give_way().await;
        guard.bump().await.unwrap();
    };
    at_every_poll("a write guard", both_are_stored, guarded, both_are_gone).await;
}

#[tokio::test]
async fn i6_i15_a_close_dropped_at_any_poll_may_be_called_again() {
    let owing = async |processes: &Processes| {
        both_are_stored(processes).await;
        drop(processes.here.write_guard(dogpile::Tag::new("t")));
    };
    let close = async |processes: &Processes| processes.here.close().await;
    let after = async |processes: &Processes, _: usize, of: &str| {
        processes.here.close().await;
        both_are_gone(processes, 1, of).await;
    };
    at_every_poll("close", owing, close, after).await;
}
