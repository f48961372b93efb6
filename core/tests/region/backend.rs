//! Regions whose values live in a backend: several regions on one store stand for several processes.

use std::time::Duration;

use dogpile::backend::layer::Chaos;
use dogpile::backend::{BackendExt, MemoryBackend};
use dogpile::{
    Codec, Error, ErrorKind, Invalidation, Key, ManualClock, Reason, Region, RegionBuilder, State,
    minutes, secs,
};
use tokio::sync::oneshot;

use crate::doubles::{Counted, Faulty};
use crate::support::{Polled, Runs, builder, made};

/// A region on `backend`, as another process would build it.
fn on(backend: &MemoryBackend) -> RegionBuilder {
    builder().backend(backend.clone())
}

async fn get(region: &Region, key: &'static str) -> Option<u64> {
    region.entry(key).tag("t").get::<u64>().await.map(|value| *value)
}

async fn create(region: &Region, key: &'static str, value: u64) -> u64 {
    *region.entry(key).tag("t").get_or_create(async || made(value)).await.unwrap()
}

#[tokio::test]
async fn what_one_process_creates_the_other_is_served() {
    let backend = MemoryBackend::new();
    for (local, codec) in [(0, Codec::MessagePack), (1 << 20, Codec::MessagePack)] {
        backend.clear();
        let (a, b) = (on(&backend).local(local).codec(codec), on(&backend).local(local));
        let (a, b) = (a.build().unwrap(), b.build().unwrap());
        assert_eq!(create(&a, "k", 1).await, 1);
        assert_eq!(create(&b, "k", 2).await, 1);
        assert_eq!(create(&a, "k", 3).await, 1);
        assert_eq!((a.stats().hits, b.stats().hits), (1, 1), "{:#}", a.stats());
        b.invalidate(["t"]).await.unwrap();
        assert_eq!(get(&a, "k").await, None, "the other process did not see it");
        assert_eq!(create(&a, "k", 4).await, 4);
        assert_eq!(get(&b, "k").await, Some(4));
        b.entry("k").tag("t").delete().await.unwrap();
        assert_eq!(get(&a, "k").await, None);
        a.entry("k").tag("t").set(5_u64).await.unwrap();
        assert_eq!(get(&b, "k").await, Some(5));
        a.invalidate_all(Invalidation::Hard).await.unwrap();
        assert_eq!(get(&b, "k").await, None);
        assert_eq!((a.stats().flights, b.stats().flights), (0, 0));
    }
}

#[tokio::test]
async fn i1_a_load_that_began_before_an_invalidation_elsewhere_is_not_stored() {
    let backend = MemoryBackend::new();
    let (a, b) = (on(&backend).build().unwrap(), on(&backend).build().unwrap());
    let (release, released) = oneshot::channel::<()>();
    let mut load = Polled::new(a.entry("k").tag("t").get_or_create(async || {
        let _ = released.await;
        made(1_u64)
    }));
    load.pending();
    b.invalidate(["t"]).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(*load.ready().unwrap(), 1);
    assert_eq!(get(&a, "k").await, None);
    assert_eq!(get(&b, "k").await, None);
    assert_eq!(a.stats().refused, 1);
}

#[tokio::test]
async fn i4_a_reader_after_its_own_write_joins_no_flight_begun_before() {
    let backend = MemoryBackend::new();
    let region = on(&backend).build().unwrap();
    let mut before = Polled::new(
        region.entry("k").tag("t").get_or_create(std::future::pending::<Result<u64, Error>>),
    );
    before.pending();
    region.invalidate(["t"]).await.unwrap();
    assert_eq!(create(&region, "k", 2).await, 2);
}

#[tokio::test]
async fn i3_two_processes_make_one_creation() {
    let backend = MemoryBackend::new();
    let (a, b) = (on(&backend).build().unwrap(), on(&backend).build().unwrap());
    let (release, released) = oneshot::channel::<()>();
    let mut first = Polled::new(a.entry("k").get_or_create(async || {
        let _ = released.await;
        made(1_u64)
    }));
    first.pending();
    let waiting = tokio::spawn(async move {
        let created = b
            .entry("k")
            .get_or_create(async || -> Result<u64, Error> { panic!("a second creation") });
        (*created.await.unwrap(), b.stats().lock_wait.count())
    });
    tokio::task::yield_now().await;
    release.send(()).unwrap();
    assert_eq!(*first.ready().unwrap(), 1);
    assert_eq!(waiting.await.unwrap(), (1, 1));
}

#[tokio::test]
async fn s028_s029_a_lost_version_is_a_miss_for_good() {
    let backend = MemoryBackend::new();
    for local in [0, 1 << 20] {
        let region = on(&backend).local(local).build().unwrap();
        create(&region, "k", 1).await;
        backend.forget_registers();
        assert_eq!(get(&region, "k").await, None);
        // Somebody creates the versions again: the old entry stays dead.
        create(&region, "other", 1).await;
        assert_eq!(get(&region, "k").await, None);
        assert_eq!(create(&region, "k", 2).await, 2);
        assert_eq!(get(&region, "k").await, Some(2));
        region.invalidate_all(Invalidation::Hard).await.unwrap();
    }
}

#[tokio::test]
async fn soft_invalidations_leave_a_value_to_serve_and_never_revive_one() {
    let backend = MemoryBackend::new();
    let (a, b) = (on(&backend).stale_for(minutes(5)), on(&backend));
    let (a, b) = (a.build().unwrap(), b.build().unwrap());
    create(&a, "k", 1).await;
    b.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
    assert_eq!(get(&a, "k").await, Some(1), "it may be served as stale");
    assert_eq!(a.stats().stale, 1);
    assert_eq!(get(&b, "k").await, None, "this region serves nothing stale");
    b.invalidate_with(Invalidation::Hard, ["t"]).await.unwrap();
    b.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
    assert_eq!(get(&a, "k").await, None);
}

#[tokio::test]
async fn i9_another_type_or_version_of_a_type_is_a_miss() {
    let backend = MemoryBackend::new();
    let region = on(&backend).build().unwrap();
    region.entry("k").set(1_u64).await.unwrap();
    let other = on(&backend).build().unwrap();
    assert!(other.entry("k").get::<(u64, u64)>().await.is_none());
    assert!(other.entry("k").get::<String>().await.is_none());
    let newer = on(&backend).value_version(1).build().unwrap();
    assert!(newer.entry("k").get::<u64>().await.is_none());
    assert_eq!(*other.entry("k").get::<u64>().await.unwrap(), 1);
}

#[tokio::test]
async fn an_entry_from_elsewhere_ages_by_the_wall_clock_within_its_life() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let build = || on(&backend).clock(clock.clone()).local(0).build().unwrap();
    let (a, b) = (build(), build());
    create(&a, "k", 1).await;
    clock.advance(minutes(4));
    let held = b.entry("k").tag("t").inspect().await;
    assert_eq!(held.state, State::Fresh);
    assert_eq!(held.held.unwrap().age, minutes(4));
    clock.advance(secs(61));
    assert_eq!(get(&b, "k").await, None, "it outlived its ttl");
}

#[tokio::test]
async fn fingerprints_and_in_process_values_are_checked_against_the_backend() {
    struct Opaque(u64);
    let backend = MemoryBackend::new();
    let (a, b) = (on(&backend).build().unwrap(), on(&backend).build().unwrap());
    let key = Key::fingerprint(a.hasher().finish(a.hasher().hasher()));
    let made = a
        .entry(&key)
        .tag("t")
        .in_process()
        .get_or_create(|_: &Opaque| Some(8), async || Ok::<_, Error>(Opaque(1)));
    assert_eq!(made.await.unwrap().0, 1);
    let held = || a.entry(&key).tag("t").in_process().get::<Opaque>();
    assert_eq!(held().await.unwrap().0, 1);
    b.invalidate(["t"]).await.unwrap();
    assert!(held().await.is_none());
}

#[tokio::test]
async fn several_entries_take_one_trip_of_each_kind() {
    let backend = MemoryBackend::new();
    let counted = Counted::new(backend.clone());
    let region = builder().backend(counted.clone()).local(0).build().unwrap();
    let ids: Vec<u64> = (0..100).collect();
    let load = || {
        region.entries(ids.clone()).tag("t").get_or_create_multi(async |ids: Vec<u64>| made(ids))
    };
    assert_eq!(load().await.unwrap().len(), 100);
    // The lookup, the absent versions, a look under the leases, the look before the store, the store.
    assert_eq!(counted.take(), ["read", "create", "read", "read", "store"]);
    assert_eq!(load().await.unwrap().len(), 100);
    assert_eq!(counted.take(), ["read"]);
    assert_eq!((region.stats().hits, region.stats().misses), (100, 100));
}

#[tokio::test]
async fn several_values_are_set_with_one_trip_of_each_kind() {
    let counted = Counted::new(MemoryBackend::new());
    let region = builder().backend(counted.clone()).local(0).build().unwrap();
    let ids: Vec<u64> = (0..100).collect();
    let set = || region.entries(ids.clone()).tag("t").set_multi(ids.iter().map(|id| id * 2));
    set().await.unwrap();
    // The keys' own tags, what there is to observe and what is absent of it, the look before the
    // store, the store.
    assert_eq!(counted.take(), ["bump", "read", "create", "read", "store"]);
    set().await.unwrap();
    assert_eq!(counted.take(), ["bump", "read", "read", "store"]);
    let found = region.entries(ids.clone()).tag("t").get_multi::<u64>().await;
    let doubled = ids.iter().map(|id| id * 2);
    assert!(found.into_iter().map(|value| *value.unwrap()).eq(doubled));
    assert_eq!(region.stats().stored, 200);
    counted.take();
    region.entries([] as [u64; 0]).set_multi([] as [u64; 0]).await.unwrap();
    assert_eq!(counted.take(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_miss_costs_no_trip_more_than_its_lookup_and_its_store() {
    let counted = Counted::new(MemoryBackend::new());
    let region = builder().backend(counted.clone()).local(0).build().unwrap();
    create(&region, "a", 1).await;
    counted.take();
    create(&region, "b", 1).await;
    let trips = counted.take();
    assert_eq!(trips, ["read", "create", "read", "read", "store"], "the key's own tag is new");
    get(&region, "b").await;
    assert_eq!(counted.take(), ["read"]);
}

#[tokio::test]
async fn i8_a_backend_that_fails_costs_hits_and_nothing_else() {
    let backend = MemoryBackend::new();
    let region = builder().backend(backend.clone().layer(Chaos::seeded(1).fail(1.0)));
    let region = region.build().unwrap();
    let runs = Runs::default();
    for i in 0..10_u64 {
        let created = region.entry("k").tag("t").get_or_create(async || {
            runs.add();
            made(i)
        });
        assert_eq!(*created.await.unwrap(), i);
    }
    assert_eq!(runs.count(), 10);
    let stats = region.stats();
    assert_eq!((stats.misses, stats.lookups, stats.stored), (10, 10, 0));
    assert!(stats.backend_failed >= 10 && stats.flights == 0, "{stats:#}");
    let owed = region.invalidate(["t"]).await.unwrap_err();
    assert_eq!(owed.kind(), ErrorKind::Unavailable);
    assert!(owed.is_temporary() && owed.to_string().contains("remembered"), "{owed}");
}

#[tokio::test]
async fn garbage_in_the_backend_is_a_miss_and_is_replaced() {
    let backend = MemoryBackend::new();
    let region = builder().backend(backend.clone().layer(Chaos::seeded(3).garble(0.5))).local(0);
    let region = region.build().unwrap();
    for i in 0..200_u64 {
        let value = create(&region, "k", i).await;
        assert!(value <= i, "a value that nobody created");
    }
    let stats = region.stats();
    assert!(stats.rejected > 20 && stats.hits > 20, "{stats:#}");
    assert_eq!(stats.hits + stats.misses, 200);
}

#[tokio::test(start_paused = true)]
async fn i5_a_backend_that_does_not_answer_costs_one_op_timeout() {
    let backend = MemoryBackend::new();
    let hangs = Chaos::seeded(5).delay(1.0, Duration::from_secs(3600));
    let region = builder().backend(backend.layer(hangs)).build().unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(create(&region, "k", 1).await, 1);
    let waited = begun.elapsed();
    assert!(waited < Duration::from_millis(150), "{waited:?} of the paused clock");
}

#[tokio::test]
async fn callers_of_a_dead_backend_share_only_creations_that_begin_after_them() {
    let region = builder().backend(MemoryBackend::new().layer(Chaos::seeded(1).fail(1.0)));
    let region = region.build().unwrap();
    let runs = Runs::default();
    let (release, released) = oneshot::channel::<()>();
    let mut first = Polled::new(region.entry("k").get_or_create(async || {
        runs.add();
        let _ = released.await;
        made(1_u64)
    }));
    first.pending();
    let mut others: Vec<_> = (0..10)
        .map(|_| {
            Polled::new(region.entry("k").get_or_create(async || {
                runs.add();
                made(2_u64)
            }))
        })
        .collect();
    others.iter_mut().for_each(Polled::pending);
    release.send(()).unwrap();
    assert_eq!(*first.ready().unwrap(), 1);
    for other in &mut others {
        assert_eq!(*other.ready().unwrap(), 2);
    }
    assert_eq!(runs.count(), 2, "one creation for all who came while the first was running");
    drop((first, others));
    assert_eq!(region.stats().flights, 0);
}

#[tokio::test]
async fn i15_what_could_not_be_delivered_is_gone_past_until_it_is() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::new();
    let faulty = Faulty::new(backend.clone());
    let region = builder().backend(faulty.clone()).clock(clock.clone()).build().unwrap();
    create(&region, "k", 1).await;
    faulty.fail_bumps(true);
    assert!(region.invalidate(["t"]).await.is_err());
    // Reads work, but what depends on the tag is not trusted.
    assert_eq!(create(&region, "k", 2).await, 2);
    assert_eq!(get(&region, "k").await, None);
    assert_eq!(region.entry("k").tag("t").inspect().await.state, State::Missing(Reason::OWED));
    assert!(region.entry("free").get_or_create(async || made(1_u64)).await.is_ok());
    assert_eq!(*region.entry("free").get::<u64>().await.unwrap(), 1, "other tags are not touched");
    faulty.fail_bumps(false);
    clock.advance(minutes(1));
    region.close().await;
    let other = on(&backend).build().unwrap();
    assert_eq!(get(&other, "k").await, None, "the invalidation was never delivered");
}

#[tokio::test]
async fn i16_a_write_guard_that_is_dropped_is_delivered() {
    let backend = MemoryBackend::new();
    let (a, b) = (on(&backend).build().unwrap(), on(&backend).build().unwrap());
    create(&a, "k", 1).await;
    drop(a.write_guard(dogpile::Tag::new("t")));
    assert_eq!(get(&a, "k").await, None, "at once in this process");
    a.close().await;
    assert_eq!(get(&b, "k").await, None, "and in others as soon as it is delivered");
}

#[tokio::test]
async fn a_refresh_is_seen_by_who_has_a_copy_and_not_undone_by_who_is_late() {
    let backend = MemoryBackend::new();
    let build = || on(&backend).stale_for(minutes(5)).build().unwrap();
    let (a, b) = (build(), build());
    create(&a, "k", 1).await;
    create(&b, "k", 1).await;
    a.entry("k").tag("t").refresh(async || made(2_u64)).await.unwrap();
    assert_eq!(get(&b, "k").await, Some(2), "it went on serving its own copy");
    a.entry("k").tag("t").delete().await.unwrap();
    let (release, released) = oneshot::channel::<()>();
    let mut late = Polled::new(b.entry("k").tag("t").get_or_create(async || {
        let _ = released.await;
        made(3_u64)
    }));
    late.pending();
    a.entry("k").tag("t").refresh(async || made(4_u64)).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(*late.ready().unwrap(), 3);
    assert_eq!((get(&a, "k").await, get(&b, "k").await), (Some(4), Some(4)));
}

#[tokio::test]
async fn what_another_process_created_meanwhile_is_better_than_a_stale_copy() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let build = || on(&backend).stale_for(minutes(60)).clock(clock.clone()).build().unwrap();
    let (a, b) = (build(), build());
    create(&a, "k", 1).await;
    create(&b, "k", 1).await;
    clock.advance(minutes(6));
    assert_eq!(create(&a, "k", 2).await, 2);
    assert_eq!(create(&b, "k", 3).await, 2);
    assert_eq!(b.stats().hits, 2);
}

#[tokio::test]
async fn i10_an_entry_is_stale_since_its_end_and_not_since_it_was_read() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let build = || {
        let builder = on(&backend).stale_for(secs(10)).serve_stale_on_error(minutes(300));
        builder.clock(clock.clone()).build().unwrap()
    };
    let (a, b) = (build(), build());
    create(&a, "k", 1).await;
    clock.advance(minutes(120));
    assert_eq!(get(&a, "k").await, None);
    assert_eq!(get(&b, "k").await, None);
}

#[tokio::test]
async fn i11_a_lookup_whose_caller_goes_away_is_a_bypass() {
    let hangs = Chaos::seeded(5).delay(1.0, Duration::from_secs(3600));
    let region = builder().backend(MemoryBackend::new().layer(hangs)).build().unwrap();
    let mut lookup = Polled::new(region.entry("k").get::<u64>());
    lookup.pending();
    drop(lookup);
    let stats = region.stats();
    assert_eq!((stats.lookups, stats.bypasses), (1, 1));
}

#[tokio::test]
async fn i8_a_value_whose_decoding_panics_is_a_miss() {
    #[derive(Debug, serde::Serialize, PartialEq)]
    struct Picky(u64);

    impl<'de> serde::Deserialize<'de> for Picky {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let n = u64::deserialize(from)?;
            assert_ne!(n, 7, "planted");
            Ok(Self(n))
        }
    }

    let backend = MemoryBackend::new();
    let region = on(&backend).local(0).build().unwrap();
    region.entry("fine").set(Picky(1)).await.unwrap();
    region.entry("picky").set(Picky(7)).await.unwrap();
    assert!(region.entry("picky").get::<Picky>().await.is_none());
    assert_eq!(*region.entry("fine").get::<Picky>().await.unwrap(), Picky(1));
    assert_eq!(region.stats().rejected, 1);
}
