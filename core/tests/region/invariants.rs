//! The invariants of the design, as far as one process and `region.entry` can show them.
//!
//! I12 to I15 need a database or a backend: their tests are beside those.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Polled, Runs, builder, made, timed};
use dogpile::{
    BoxFuture, Clock, Digest, Error, ErrorKind, Invalidation, Key, Locks, Owner, Reason, Region,
    State, Tag, Tick, secs,
};
use tokio::sync::oneshot;

#[tokio::test]
async fn i1_a_value_whose_creation_began_before_an_invalidation_is_never_served_after_it() {
    for how in [Invalidation::Hard, Invalidation::Soft] {
        let region = builder().build().unwrap();
        let (release, released) = oneshot::channel::<()>();
        let mut old = Polled::new(region.entry("k").tag("t").get_or_create(async || {
            released.await.unwrap();
            made(1)
        }));
        old.pending();
        region.invalidate_with(how, ["t"]).await.unwrap();
        release.send(()).unwrap();
        assert_eq!(*old.ready().unwrap(), 1, "its own caller gets what it asked for");
        assert!(region.entry("k").tag("t").get::<i32>().await.is_none());
    }
}

#[tokio::test]
async fn i1_holds_for_the_tags_of_the_key_the_region_and_one_s_own() {
    let region = builder().build().unwrap();
    let entry = || region.entry("k").tag("t");
    for bump in 0..4 {
        let observed = entry().observe().await;
        match bump {
            0 => region.invalidate(["t"]).await.unwrap(),
            1 => region.invalidate([Tag::region("test")]).await.unwrap(),
            2 => region.invalidate_all(Invalidation::Hard).await.unwrap(),
            _ => entry().delete().await.unwrap(),
        }
        observed.store(1).await;
        assert!(entry().get::<i32>().await.is_none(), "bump {bump} was not noticed");
    }
}

#[tokio::test]
async fn i1_a_load_in_flight_does_not_undo_a_set_or_a_delete() {
    let region = builder().build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let mut load = Polled::new(region.entry("k").get_or_create(async || {
        released.await.unwrap();
        made(1)
    }));
    load.pending();
    region.entry("k").set(2).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(*load.ready().unwrap(), 1);
    assert_eq!(*region.entry("k").get::<i32>().await.unwrap(), 2);
}

#[tokio::test]
async fn i2_an_entry_whose_tag_lost_its_version_is_a_miss_for_good() {
    let space = dogpile::TagSpace::new(64);
    let region = builder().tag_space(space).build().unwrap();
    region.entry("k").tag("t").set(1).await.unwrap();
    let mut others = Vec::new();
    for i in 0..10_000 {
        others.push(region.entry(("other", i)).tag(format!("tag {i}")).observe().await);
    }
    assert!(region.entry("k").tag("t").get::<i32>().await.is_none());
    drop(others);
    region.entry("k2").tag("t").set(2).await.unwrap();
    assert!(region.entry("k").tag("t").get::<i32>().await.is_none(), "a new version revived it");
}

#[tokio::test]
async fn i3_one_creator_for_a_thousand_tasks() {
    let region = builder().build().unwrap();
    let runs = Runs::default();
    let barrier = Arc::new(tokio::sync::Barrier::new(1_000));
    let tasks: Vec<_> = (0..1_000)
        .map(|_| {
            let (region, runs, barrier) = (region.clone(), runs.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                let create = async || {
                    runs.add();
                    tokio::task::yield_now().await;
                    made(String::from("value"))
                };
                region.entry("k").get_or_create(create).await.unwrap()
            })
        })
        .collect();
    let mut values = Vec::new();
    for task in tasks {
        values.push(task.await.unwrap());
    }
    assert_eq!(runs.count(), 1);
    assert!(values.iter().all(|value| value.ptr_eq(&values[0])), "all share one value");
    assert_eq!(region.stats().flights, 0);
}

/// Four tasks ask for the value under `key` at once: what they get, and how many creators ran.
async fn four_at_once(region: &Region, key: i32, value: i32) -> (Vec<i32>, usize) {
    let runs = Runs::default();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (region, runs) = (region.clone(), runs.clone());
            tokio::spawn(async move {
                let create = async || {
                    runs.add();
                    made(value)
                };
                *region.entry(key).get_or_create(create).await.unwrap()
            })
        })
        .collect();
    let mut values = Vec::new();
    for task in tasks {
        values.push(task.await.unwrap());
    }
    (values, runs.count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_whoever_comes_late_finds_what_has_just_been_created() {
    let region = builder().build().unwrap();
    for round in 0..3_000 {
        let (values, runs) = four_at_once(&region, round, round).await;
        assert_eq!((values, runs), (vec![round; 4], 1), "in round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_one_refresh_however_many_find_the_value_stale() {
    let (region, clock) = timed();
    region.entry(7).set(0).await.unwrap();
    for round in 1..2_000 {
        clock.advance(secs(301));
        let (values, runs) = four_at_once(&region, 7, round).await;
        assert!(values.iter().all(|value| *value == round || *value == round - 1), "{values:?}");
        assert_eq!(runs, 1, "in round {round}");
    }
}

#[tokio::test]
async fn i4_a_reader_after_its_own_write_does_not_join_a_flight_begun_before_it() {
    let region = builder().build().unwrap();
    let (_release, released) = oneshot::channel::<()>();
    let mut old = Polled::new(region.entry("k").tag("t").get_or_create(async || {
        let _ = released.await;
        made(1)
    }));
    old.pending();
    region.invalidate(["t"]).await.unwrap();
    let mut new = Polled::new(region.entry("k").tag("t").get_or_create(async || made(2)));
    assert_eq!(*new.ready().unwrap(), 2, "it neither joined the flight nor waited for its lease");
}

#[tokio::test(start_paused = true)]
async fn i5_a_waiter_leaves_a_leader_that_is_never_polled_again() {
    let region = builder().max_load(secs(7)).build().unwrap();
    let (_release, released) = oneshot::channel::<()>();
    let mut stuck = Polled::new(region.entry("k").get_or_create(async || {
        let _ = released.await;
        made(1)
    }));
    stuck.pending();
    let begun = tokio::time::Instant::now();
    let value = region.entry("k").get_or_create(async || made(2)).await.unwrap();
    assert_eq!(*value, 2);
    assert_eq!(begun.elapsed().as_secs(), 7);
    assert_eq!(region.stats().unlocked, 1);
}

#[tokio::test]
async fn i7_an_error_reaches_its_own_caller_and_the_next_waiter_leads() {
    let region = builder().build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let mut first = Polled::new(region.entry("k").get_or_create(async || {
        released.await.unwrap();
        Err::<i32, _>(Error::new(ErrorKind::Unavailable, "test", "no value"))
    }));
    first.pending();
    let mut second = Polled::new(region.entry("k").get_or_create(async || made(2)));
    let mut third = Polled::new(region.entry("k").get_or_create(async || made(3)));
    second.pending();
    third.pending();
    release.send(()).unwrap();
    assert_eq!(first.ready().unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!((second.wakes(), third.wakes()), (1, 0), "exactly one waiter is asked to lead");
    assert_eq!(*second.ready().unwrap(), 2);
    assert_eq!(*third.ready().unwrap(), 2);
}

#[tokio::test]
async fn i7_after_three_failures_in_a_row_the_waiters_are_told() {
    let region = builder().build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let fail = || Err::<i32, _>(Error::new(ErrorKind::Unavailable, "test", "no value"));
    let mut first = Polled::new(region.entry("k").get_or_create(async || {
        released.await.unwrap();
        fail()
    }));
    first.pending();
    let mut waiters: Vec<_> =
        (0..10).map(|_| Polled::new(region.entry("k").get_or_create(async || fail()))).collect();
    waiters.iter_mut().for_each(Polled::pending);
    release.send(()).unwrap();
    first.ready().unwrap_err();
    let kinds: Vec<_> =
        waiters.iter_mut().map(|waiter| waiter.ready().unwrap_err().kind()).collect();
    let led = kinds.iter().filter(|kind| **kind == ErrorKind::Unavailable).count();
    assert_eq!(led, 2, "two more waiters tried before the rest were told: {kinds:?}");
    assert_eq!(region.stats().flights, 0);
    assert_eq!(*region.entry("k").get_or_create(async || made(1)).await.unwrap(), 1);
}

#[tokio::test]
async fn i7_a_panic_reaches_its_own_caller_only() {
    let region = builder().build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let panicking = tokio::spawn({
        let region = region.clone();
        async move {
            let create = async || {
                released.await.unwrap();
                panic!("the creator's own");
                #[expect(unreachable_code, reason = "it gives the closure its type")]
                made(1)
            };
            region.entry("k").get_or_create(create).await
        }
    });
    while region.stats().flights == 0 {
        tokio::task::yield_now().await;
    }
    let mut waiter = Polled::new(region.entry("k").get_or_create(async || made(2)));
    waiter.pending();
    release.send(()).unwrap();
    assert!(panicking.await.unwrap_err().is_panic());
    assert_eq!(*waiter.ready().unwrap(), 2);
    assert_eq!(region.stats().failed, 1);
}

#[tokio::test]
async fn i9_a_colliding_key_or_another_type_is_a_miss() {
    let region = builder().build().unwrap();
    let key = |check| Key::fingerprint(Digest { lookup: 7, check });
    region.entry(key(1)).set(String::from("of key 1")).await.unwrap();
    assert!(region.entry(key(2)).get::<String>().await.is_none());
    assert!(region.entry(key(1)).get::<i64>().await.is_none());
    assert_eq!(*region.entry(key(1)).get::<String>().await.unwrap(), "of key 1");
    let state = region.entry(key(2)).inspect().await.state;
    assert_eq!(state, State::Missing(Reason::COLLISION));
}

/// A clock that jumps wherever it likes.
#[derive(Debug)]
struct Jumping;

impl Clock for Jumping {
    fn now(&self) -> Tick {
        Tick::from_nanos(rand_nanos())
    }
}

fn rand_nanos() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

#[tokio::test]
async fn i10_no_clock_makes_an_invalid_entry_valid() {
    let region = builder().clock(Jumping).stale_for(secs(60)).build().unwrap();
    for round in 0..1_000 {
        region.entry("k").tag("t").set(round).await.unwrap();
        region.invalidate(["t"]).await.unwrap();
        assert!(region.entry("k").tag("t").get::<i32>().await.is_none());
    }
}

#[tokio::test]
async fn i11_every_lookup_is_counted_once() {
    let (region, clock) = timed();
    let entry = || region.entry("k");
    entry().get::<i32>().await; // miss
    entry().get_or_create(async || made(1)).await.unwrap(); // miss
    entry().get_or_create(async || made(2)).await.unwrap(); // hit
    clock.advance(secs(301));
    entry().get::<i32>().await; // stale
    entry().get_or_create(async || made(3)).await.unwrap(); // stale, refreshed by this caller
    region.set_reads(false);
    entry().get_or_create(async || made(4)).await.unwrap(); // bypass
    region.set_reads(true);
    entry().get::<i32>().await; // hit
    drop(Polled::new(
        region.entry("other").get_or_create(std::future::pending::<Result<i32, Error>>),
    ));
    let mut dropped = Polled::new(
        region.entry("other").get_or_create(std::future::pending::<Result<i32, Error>>),
    );
    dropped.pending(); // miss, dropped
    drop(dropped);
    let stats = region.stats();
    assert_eq!(
        (stats.hits, stats.stale, stats.misses, stats.bypasses, stats.lookups),
        (2, 2, 3, 1, 8)
    );
    assert_eq!((stats.stored, stats.failed), (2, 1));
}

#[tokio::test]
async fn i16_a_dropped_write_guard_invalidates_and_a_discarded_one_does_not() {
    let region = builder().build().unwrap();
    let entry = || region.entry("k").tag("t");
    entry().set(1).await.unwrap();
    region.write_guard(Tag::new("t")).discard();
    assert!(entry().get::<i32>().await.is_some());
    drop(region.write_guard(Tag::new("t")));
    assert!(entry().get::<i32>().await.is_none());
    entry().set(2).await.unwrap();
    drop(region.write_guard(Tag::new("t")).bump());
    assert!(entry().get::<i32>().await.is_none(), "a bump that was never polled");
}

#[tokio::test]
async fn soft_never_revives_what_hard_ended() {
    let (region, _clock) = timed();
    let entry = || region.entry("k").tag("t");
    entry().set(1).await.unwrap();
    region.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
    assert_eq!(entry().inspect().await.state, State::Stale(Reason::SOFTLY_INVALIDATED));
    region.invalidate(["t"]).await.unwrap();
    region.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
    assert!(entry().get::<i32>().await.is_none());
}

#[tokio::test]
async fn a_stale_value_is_served_while_one_caller_refreshes() {
    let (region, clock) = timed();
    region.entry("k").set(1).await.unwrap();
    clock.advance(Duration::from_secs(301));
    let (release, released) = oneshot::channel::<()>();
    let mut refreshing = Polled::new(region.entry("k").get_or_create(async || {
        released.await.unwrap();
        made(2)
    }));
    refreshing.pending();
    for _ in 0..50 {
        let served = region.entry("k").get_or_create(async || made(99)).await.unwrap();
        assert_eq!(*served, 1);
    }
    release.send(()).unwrap();
    assert_eq!(*refreshing.ready().unwrap(), 2);
    assert_eq!(*region.entry("k").get::<i32>().await.unwrap(), 2);
    clock.advance(Duration::from_secs(601));
    assert!(region.entry("k").get::<i32>().await.is_none(), "past stale_for");
}

#[tokio::test]
async fn a_detached_creation_outlives_its_caller_and_close_waits_for_it() {
    let region = builder().build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let create = move || async move {
        released.await.unwrap();
        made(1)
    };
    let mut caller = Polled::new(region.entry("k").detached().get_or_create(create));
    caller.pending();
    drop(caller);
    let mut closing = Polled::new(region.close());
    closing.pending();
    release.send(()).unwrap();
    region.close().await;
    closing.ready();
    let stats = region.stats();
    assert_eq!((stats.refused, stats.failed), (1, 0), "it ran to its end, and nothing is kept");
    assert_eq!(*region.entry("k").get_or_create(async || made(2)).await.unwrap(), 2, "a bypass");
}

#[tokio::test]
async fn a_value_that_is_too_large_is_served_but_not_stored() {
    let region = builder().max_value(1_000).build().unwrap();
    for _ in 0..2 {
        let value =
            region.entry("k").get_or_create(async || made("x".repeat(2_000))).await.unwrap();
        assert_eq!(value.len(), 2_000);
    }
    assert_eq!((region.stats().refused, region.stats().stored), (2, 0));
}

#[test]
fn a_region_works_without_a_runtime() {
    let region = builder().build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let mut first = Polled::new(region.entry("k").get_or_create(async || {
        released.await.unwrap();
        made(1)
    }));
    first.pending();
    let mut waiter = Polled::new(region.entry("k").get_or_create(async || made(2)));
    waiter.pending();
    release.send(()).unwrap();
    assert_eq!(*first.ready().unwrap(), 1);
    assert_eq!(*waiter.ready().unwrap(), 1);
    Polled::new(region.close()).ready();
}

#[tokio::test]
async fn a_value_of_the_largest_size_is_really_held() {
    for local in [1 << 20, 4 << 20, 64 << 20] {
        let region = builder().local(local).build().unwrap();
        let largest = usize::try_from(local.min(4 << 20) / 4 - 1_000).unwrap();
        region.entry("k").set("x".repeat(largest)).await.unwrap();
        assert_eq!(region.stats().stored, 1);
        assert!(region.entry("k").get::<String>().await.is_some(), "{local}: {largest} bytes");
    }
}

#[tokio::test]
async fn a_value_with_too_many_tags_is_served_but_not_stored() {
    let region = builder().max_tags(2).build().unwrap();
    let entry = || region.entry("k").tag("a").tag("b").tag("c");
    assert_eq!(*entry().get_or_create(async || made(1)).await.unwrap(), 1);
    assert!(entry().get::<i32>().await.is_none());
    assert_eq!(region.stats().refused, 1);
}

#[tokio::test(start_paused = true)]
async fn i5_nobody_waits_for_ever_for_an_unlocked_turn() {
    let region = builder().max_load(secs(1)).unlocked_creators(1).build().unwrap();
    let stuck = || region.entry("k").get_or_create(std::future::pending::<Result<i32, Error>>);
    let mut leader = Polled::new(stuck());
    leader.pending();
    // Holds the only permit, and is never polled again.
    let mut holder = Polled::new(stuck());
    holder.pending();
    tokio::time::advance(secs(1)).await;
    holder.pending();
    let value = region.entry("k").get_or_create(async || made(3)).await.unwrap();
    assert_eq!(*value, 3);
}

/// A lock store that answers every call with an error.
#[derive(Debug)]
struct Broken;

impl Locks for Broken {
    fn try_acquire<'a>(&'a self, _: &'a str, _: Owner, _: Duration) -> Answer<'a, bool> {
        Box::pin(async { Err(unavailable()) })
    }

    fn renew<'a>(&'a self, _: &'a str, _: Owner, _: Duration) -> Answer<'a, bool> {
        Box::pin(async { Err(unavailable()) })
    }

    fn release<'a>(&'a self, _: &'a str, _: Owner) -> Answer<'a, ()> {
        Box::pin(async { Err(unavailable()) })
    }

    fn abandon(&self, _: &str, _: Owner) {}
}

type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

fn unavailable() -> Error {
    Error::new(ErrorKind::Unavailable, "test", "the store is down")
}

#[tokio::test(start_paused = true)]
async fn i8_the_errors_of_a_lock_store_never_reach_a_reader() {
    let region = builder().locks(Broken).lock_wait(secs(1)).build().unwrap();
    assert_eq!(*region.entry("k").get_or_create(async || made(1)).await.unwrap(), 1);
    assert_eq!(*region.entry("k").get_or_create(async || made(2)).await.unwrap(), 1, "a hit");
    assert_eq!(region.stats().unlocked, 1, "counted");
}
