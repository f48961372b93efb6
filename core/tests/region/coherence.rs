//! Two tiers: how old a copy in this process may be.

use dogpile::backend::MemoryBackend;
use dogpile::{
    Coherence, ErrorKind, Invalidation, ManualClock, Region, RegionBuilder, minutes, secs,
};

use crate::doubles::Counted;
use crate::support::{builder, made};

/// One process, whose calls to the backend are counted, beside another one.
struct Pair {
    here: Region,
    calls: Counted,
    elsewhere: Region,
    clock: ManualClock,
    backend: MemoryBackend,
}

fn pair(coherence: Coherence) -> Pair {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let calls = Counted::new(backend.clone());
    let builder = || builder().clock(clock.clone()).stale_for(minutes(5));
    let here = builder().backend(calls.clone()).coherence(coherence).build().unwrap();
    let elsewhere = builder().backend(backend.clone()).build().unwrap();
    Pair { here, calls, elsewhere, clock, backend }
}

async fn create(region: &Region, value: u64) -> u64 {
    let entry = region.entry("k").tag("t");
    *entry.get_or_create(async || made(value)).await.unwrap()
}

async fn get(region: &Region) -> Option<u64> {
    region.entry("k").tag("t").get::<u64>().await.map(|value| *value)
}

#[tokio::test]
async fn a_bounded_hit_makes_no_trip_and_is_no_older_than_its_bound() {
    let Pair { here, calls, elsewhere, clock, .. } = pair(Coherence::Bounded(secs(2)));
    create(&elsewhere, 1).await;
    assert_eq!(create(&here, 9).await, 1, "what another process has stored");
    calls.take();
    elsewhere.invalidate(["t"]).await.unwrap();
    create(&elsewhere, 2).await;
    clock.advance(secs(2));
    assert_eq!((create(&here, 9).await, get(&here).await), (1, Some(1)), "within the bound");
    assert!(calls.take().is_empty(), "a hit within the bound asked the backend");
    clock.advance(secs(1));
    assert_eq!(create(&here, 9).await, 2, "older than its bound");
    let stats = here.stats();
    assert_eq!((stats.local_hits, stats.checked_hits, stats.backend_hits), (2, 0, 2));
}

#[tokio::test]
async fn the_bytes_that_go_over_the_wire_are_counted() {
    let Pair { here, elsewhere, .. } = pair(Coherence::Strict);
    create(&elsewhere, 1).await;
    create(&here, 9).await;
    let (read, written) = (here.stats().bytes_read, elsewhere.stats().bytes_written);
    assert!(read > 40 && read == written, "{read} read, {written} written");
    create(&here, 9).await;
    assert_eq!(here.stats().bytes_read, read, "a copy that is checked is not sent again");
}

#[tokio::test]
async fn what_this_process_created_is_near_as_well() {
    let Pair { here, calls, .. } = pair(Coherence::Bounded(secs(2)));
    create(&here, 1).await;
    calls.take();
    assert_eq!(create(&here, 9).await, 1);
    assert!(calls.take().is_empty());
}

#[tokio::test]
async fn a_hit_that_was_checked_serves_all_keys_of_its_tags_for_another_while() {
    let Pair { here, calls, clock, .. } = pair(Coherence::Bounded(secs(2)));
    let entries = || here.entries(["a", "b"]).tag("t");
    let made = async |keys: Vec<&str>| made(keys.iter().map(|key| key.len()).collect());
    entries().get_or_create_multi(made).await.unwrap();
    clock.advance(secs(3));
    calls.take();
    entries().get_or_create_multi(made).await.unwrap();
    assert_eq!(calls.take(), ["read"], "one trip for both");
    entries().get_or_create_multi(made).await.unwrap();
    assert!(calls.take().is_empty());
    let stats = here.stats();
    assert_eq!((stats.local_hits, stats.checked_hits), (2, 2));
}

#[tokio::test]
async fn i4_a_process_sees_its_own_invalidation_at_once_whatever_the_bound() {
    for how in [Invalidation::Hard, Invalidation::Soft] {
        for coherence in [Coherence::Bounded(minutes(1)), Coherence::Push] {
            let Pair { here, .. } = pair(coherence);
            create(&here, 1).await;
            assert_eq!(create(&here, 2).await, 1);
            here.invalidate_with(how, ["t"]).await.unwrap();
            assert_eq!(create(&here, 3).await, 3, "{coherence:?}, {how:?}");
            here.entry("k").invalidate(how).await.unwrap();
            assert_eq!(create(&here, 4).await, 4);
            here.entry("k").tag("t").set(5_u64).await.unwrap();
            assert_eq!(create(&here, 9).await, 5);
            here.invalidate_all(how).await.unwrap();
            assert_eq!(create(&here, 6).await, 6);
        }
    }
}

#[tokio::test]
async fn i4_another_region_on_the_backend_sees_it_too() {
    let Pair { here, calls, clock, .. } = pair(Coherence::Bounded(minutes(1)));
    let region = |name| Region::builder(name).ttl(minutes(5)).clock(clock.clone());
    let other = region("other").backend(calls.clone()).build().unwrap();
    create(&here, 1).await;
    other.invalidate(["t"]).await.unwrap();
    assert_eq!(create(&here, 2).await, 2);
}

#[tokio::test]
async fn a_pushed_hit_makes_no_trip_until_somebody_invalidates() {
    let Pair { here, calls, elsewhere, clock, .. } = pair(Coherence::Push);
    create(&elsewhere, 1).await;
    create(&here, 9).await;
    assert_eq!(create(&here, 9).await, 1);
    calls.take();
    clock.advance(minutes(4));
    assert_eq!((create(&here, 9).await, get(&here).await), (1, Some(1)));
    assert!(calls.take().is_empty(), "nobody had said that anything changed");
    for how in [Invalidation::Hard, Invalidation::Soft] {
        elsewhere.invalidate_with(how, ["t"]).await.unwrap();
        let value = create(&elsewhere, 2).await;
        assert_eq!(create(&here, 9).await, value, "a message was not heeded: {how:?}");
    }
}

#[tokio::test]
async fn a_listener_that_lost_messages_asks_before_it_serves() {
    let Pair { here, calls, elsewhere, backend, .. } = pair(Coherence::Push);
    create(&here, 1).await;
    create(&here, 9).await;
    calls.take();
    backend.restart();
    assert_eq!(create(&here, 2).await, 2, "the backend has lost its memory");
    create(&elsewhere, 3).await;
    calls.take();
    assert_eq!(create(&here, 9).await, 2);
    assert!(calls.take().is_empty(), "it hears again");
}

#[tokio::test]
async fn a_copy_ends_with_its_ttl_whatever_the_coherence() {
    for coherence in [Coherence::Bounded(minutes(9)), Coherence::Push] {
        let Pair { here, clock, .. } = pair(coherence);
        create(&here, 1).await;
        clock.advance(minutes(6));
        assert_eq!(create(&here, 2).await, 2);
    }
}

#[test]
fn a_coherence_that_cannot_be_had_is_refused() {
    let refused = |builder: RegionBuilder| {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    };
    let bounded = Coherence::Bounded(secs(2));
    assert!(refused(builder().coherence(bounded)).contains("give a backend and local"));
    let on = || builder().backend(MemoryBackend::new());
    assert!(refused(on().local(0).coherence(Coherence::Push)).contains("give a backend and local"));
    let nothing = Coherence::Bounded(secs(0));
    assert!(refused(on().coherence(nothing)).contains("say strict"));
    let null = builder().backend(dogpile::backend::NullBackend).coherence(Coherence::Push);
    assert!(refused(null).contains("say bounded, or strict"));
}
