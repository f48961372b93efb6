//! `Freshness::Fenced`: from before the COMMIT until the invalidation, readers go to the database.

use dogpile::backend::layer::{Chaos, Operation};
use dogpile::backend::{
    Backend, BackendExt, MemoryBackend, NullBackend, Stamp, TagVersion, Writer,
};
use dogpile::{
    Error, ErrorKind, Freshness, Invalidation, ManualClock, Reason, Region, RegionBuilder, State,
    Tag, WriteGuard, millis, minutes, secs,
};
use tokio::sync::oneshot;

use crate::support::{Polled, builder, made};
use dogpile::observe::ReasonKind;

fn fenced() -> RegionBuilder {
    builder().freshness(Freshness::Fenced)
}

/// The same region twice in this process, as two of its parts would use it, and twice over a
/// backend, as two processes would: the writer's and the reader's.
fn pairs() -> [(Region, Region); 2] {
    let here = fenced().build().unwrap();
    let backend = MemoryBackend::new();
    let afar = || fenced().backend(backend.clone()).build().unwrap();
    [(here.clone(), here), (afar(), afar())]
}

fn guard(region: &Region) -> WriteGuard {
    region.write_guard(Tag::new("t"))
}

async fn create(region: &Region, value: u64) -> u64 {
    *region.entry("k").tag("t").get_or_create(async || made(value)).await.unwrap()
}

fn bypasses(region: &Region) -> u64 {
    region.stats().count_of(ReasonKind::Bypass, Reason::TAINTED)
}

fn degraded(region: &Region, reason: Reason) -> u64 {
    region.stats().count_of(ReasonKind::Degraded, reason)
}

/// Lets what goes on in the background end.
async fn background() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn i1_between_the_fence_and_the_bump_readers_go_to_the_database() {
    for (writer, reader) in pairs() {
        assert_eq!(create(&reader, 1).await, 1);
        let mut guard = guard(&writer);
        assert_eq!(guard.fence().await, Freshness::Fenced);
        // The COMMIT may take effect from here on.
        assert_eq!(create(&reader, 2).await, 2);
        assert_eq!(create(&reader, 3).await, 3, "what a bypass created was stored");
        assert!(reader.entry("k").tag("t").get::<u64>().await.is_none());
        let others = reader.entry("other").get_or_create(async || made(7_u64)).await;
        assert_eq!(*others.unwrap(), 7);
        assert_eq!(bypasses(&reader), 3);
        guard.bump().await.unwrap();
        assert_eq!(create(&reader, 4).await, 4);
        assert_eq!(create(&reader, 5).await, 4);
        let stats = reader.stats();
        assert_eq!((stats.flights, stats.degraded), (0, 0));
        assert_eq!((stats.hits, stats.misses, stats.stored), (1, 3, 3), "{stats:#}");
        assert_eq!(stats.lookups, stats.hits + stats.misses + stats.bypasses);
    }
}

#[tokio::test]
async fn i1_several_keys_at_once_go_past_what_is_tainted_and_are_served_the_rest() {
    for (writer, reader) in pairs() {
        let get = async |value: u64| {
            let entries = reader.entries(["a", "b"]).tags_by(|key| Tag::new(*key).into());
            let got =
                entries.get_or_create_multi(async |keys: Vec<&str>| made(vec![value; keys.len()]));
            got.await.unwrap().into_iter().map(|value| *value).collect::<Vec<_>>()
        };
        assert_eq!(get(1).await, [1, 1]);
        let mut guard = writer.write_guard(Tag::new("a"));
        guard.fence().await;
        assert_eq!(get(2).await, [2, 1]);
        assert_eq!(get(3).await, [3, 1]);
        assert_eq!(bypasses(&reader), 2);
        guard.bump().await.unwrap();
        assert_eq!(get(4).await, [4, 1]);
        assert_eq!(get(5).await, [4, 1]);
    }
}

#[tokio::test]
async fn i1_a_creation_that_began_before_the_taint_is_not_stored_whenever_it_ends() {
    for after_the_bump in [false, true] {
        for (writer, reader) in pairs() {
            let (release, released) = oneshot::channel::<()>();
            let mut load = Polled::new(reader.entry("k").tag("t").get_or_create(async || {
                let _ = released.await;
                made(1_u64)
            }));
            load.pending();
            let mut guard = guard(&writer);
            guard.fence().await;
            if after_the_bump {
                guard.bump().await.unwrap();
                release.send(()).unwrap();
                assert_eq!(*load.ready().unwrap(), 1);
            } else {
                release.send(()).unwrap();
                assert_eq!(*load.ready().unwrap(), 1);
                guard.bump().await.unwrap();
            }
            assert_eq!((reader.stats().stored, reader.stats().refused), (0, 1));
            assert_eq!(create(&reader, 2).await, 2, "what was read before the COMMIT is served");
        }
    }
}

#[tokio::test]
async fn i4_a_reader_joins_no_flight_begun_before_the_taint() {
    for (writer, reader) in pairs() {
        let hang = std::future::pending::<Result<u64, Error>>;
        let mut before = Polled::new(reader.entry("k").tag("t").get_or_create(hang));
        before.pending();
        let mut guard = guard(&writer);
        guard.fence().await;
        let mut during = Polled::new(create(&reader, 2));
        assert_eq!(during.ready(), 2, "it waits for a creation that may have read the old rows");
        guard.bump().await.unwrap();
        assert_eq!(create(&reader, 3).await, 3);
    }
}

#[tokio::test]
async fn i1_the_first_of_two_writers_leaves_the_taint_of_the_second() {
    for (writer, reader) in pairs() {
        let (mut first, mut second) = (guard(&writer), guard(&writer));
        first.fence().await;
        second.fence().await;
        first.bump().await.unwrap();
        create(&reader, 1).await;
        assert_eq!(create(&reader, 2).await, 2, "the first took the taint of both away");
        // Nor does whoever invalidates by hand.
        writer.invalidate(["t"]).await.unwrap();
        assert_eq!(create(&reader, 3).await, 3);
        second.bump().await.unwrap();
        assert_eq!([create(&reader, 4).await, create(&reader, 5).await], [4, 4]);
    }
}

#[tokio::test]
async fn a_guard_that_is_discarded_lifts_its_taints_and_owes_nothing() {
    for (writer, reader) in pairs() {
        let mut guard = guard(&writer);
        guard.fence().await;
        guard.discard();
        background().await;
        assert_eq!([create(&reader, 1).await, create(&reader, 2).await], [1, 1]);
        assert_eq!((bypasses(&reader), writer.stats().invalidated_tags), (0, 0));
    }
}

#[tokio::test]
async fn i16_a_guard_that_is_dropped_invalidates_and_lifts() {
    for (writer, reader) in pairs() {
        create(&reader, 1).await;
        let mut guard = guard(&writer);
        guard.fence().await;
        drop(guard);
        background().await;
        assert_eq!([create(&reader, 2).await, create(&reader, 3).await], [2, 2]);
        assert_eq!(writer.stats().invalidated_tags, 1);
    }
}

/// Polls so often, with time for one delayed call between two polls; says whether it is done.
#[expect(clippy::future_not_send, reason = "a test polls it on its own thread")]
async fn polled<T>(future: &mut Polled<'_, T>, polls: u64) -> bool {
    for _ in 0..polls {
        if future.poll().is_ready() {
            return true;
        }
        tokio::time::advance(millis(2)).await;
    }
    false
}

#[tokio::test(start_paused = true)]
async fn i16_a_guard_dropped_at_any_poll_of_any_call_invalidates_and_lifts() {
    for polls in 0..40 {
        let memory = MemoryBackend::new();
        let reader = fenced().backend(memory.clone()).build().unwrap();
        create(&reader, 1).await;
        let slow = memory.clone().layer(Chaos::seeded(polls).delay(1.0, millis(1)));
        let writer = fenced().backend(slow).build().unwrap();
        let mut guard = guard(&writer);
        let mut writing = Polled::new(async move {
            guard.fence().await;
            tokio::task::yield_now().await;
            guard.bump().await
        });
        let done = polled(&mut writing, polls).await;
        drop(writing);
        writer.close().await;
        assert_eq!(create(&reader, 2).await, 2, "not invalidated after {polls} polls");
        assert_eq!(create(&reader, 3).await, 2, "still tainted after {polls} polls");
        if done {
            return;
        }
    }
    panic!("the write did not come to its end");
}

#[tokio::test]
async fn a_level_that_is_not_fenced_taints_nothing() {
    for level in [Freshness::Ttl, Freshness::AfterCommit] {
        let backend = MemoryBackend::new();
        let regions = [builder(), builder().backend(backend)].map(|b| b.freshness(level).build());
        for region in regions.map(Result::unwrap) {
            create(&region, 1).await;
            let mut guard = guard(&region);
            assert_eq!(guard.fence().await, level);
            assert_eq!(create(&region, 2).await, 1);
            guard.discard();
            assert_eq!((bypasses(&region), region.stats().degraded), (0, 0));
        }
    }
    let mut nothing = fenced().build().unwrap().write_guard(dogpile::Tags::new());
    assert_eq!(nothing.fence().await, Freshness::Fenced);
}

#[tokio::test]
async fn a_backend_that_cannot_taint_degrades_the_write_and_says_why() {
    let region = fenced().backend(NullBackend).build().unwrap();
    let mut guard = guard(&region);
    assert_eq!(guard.fence().await, Freshness::AfterCommit);
    guard.bump().await.unwrap();
    assert_eq!(degraded(&region, Reason::NO_TAINTS), 1);
    assert_eq!(region.stats().degraded, 1);
}

#[tokio::test]
async fn a_taint_that_cannot_be_placed_degrades_the_write_and_is_lifted_if_it_landed() {
    for seed in 0..8 {
        let memory = MemoryBackend::new();
        let faulty = memory.clone().layer(Chaos::seeded(seed).fail_on(Operation::Place, 1.0));
        let writer = fenced().backend(faulty).build().unwrap();
        let reader = fenced().backend(memory).build().unwrap();
        create(&reader, 1).await;
        let mut guard = guard(&writer);
        assert_eq!(guard.fence().await, Freshness::AfterCommit);
        assert_eq!(degraded(&writer, Reason::BACKEND_ERROR), 1);
        guard.bump().await.unwrap();
        assert_eq!([create(&reader, 2).await, create(&reader, 3).await], [2, 2]);
        assert_eq!(degraded(&writer, Reason::TAINT_ENDED), 0, "it was never relied on");
    }
}

#[tokio::test]
async fn i15_a_lift_that_the_backend_refuses_is_a_bump() {
    let clock = ManualClock::new();
    let memory = MemoryBackend::builder().clock(clock.clone()).build();
    let faulty = memory.clone().layer(Chaos::seeded(2).fail_on(Operation::Lift, 1.0));
    let writer = fenced().backend(faulty).build().unwrap();
    let reader = fenced().backend(memory).build().unwrap();
    create(&reader, 1).await;
    let mut guard = guard(&writer);
    guard.fence().await;
    guard.bump().await.unwrap();
    // At worst the taint is left, and ends by itself.
    clock.advance(secs(31));
    assert_eq!([create(&reader, 2).await, create(&reader, 3).await], [2, 2]);
}

#[tokio::test]
async fn i15_what_could_not_be_lifted_is_owed_and_delivered_and_the_taint_ends_by_itself() {
    let clock = ManualClock::new();
    let memory = MemoryBackend::builder().clock(clock.clone()).build();
    let chaos = Chaos::seeded(3).fail_on(Operation::Lift, 1.0).fail_on(Operation::Bump, 1.0);
    chaos.pause();
    let writer = fenced().backend(memory.clone().layer(chaos.clone())).build().unwrap();
    let reader = fenced().backend(memory).build().unwrap();
    create(&reader, 1).await;
    let mut guard = guard(&writer);
    guard.fence().await;
    chaos.resume();
    let error = guard.bump().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(create(&writer, 2).await, 2);
    assert_eq!(writer.stats().count_of(ReasonKind::Bypass, Reason::OWED), 1);
    chaos.pause();
    writer.close().await;
    clock.advance(secs(31));
    assert_eq!([create(&reader, 3).await, create(&reader, 4).await], [3, 3]);
}

#[tokio::test]
async fn a_taint_is_renewed_when_a_third_of_its_life_is_over_and_placed_anew_when_it_was_lost() {
    let clock = ManualClock::new();
    let memory = MemoryBackend::builder().clock(clock.clone()).build();
    let build = || fenced().backend(memory.clone()).clock(clock.clone()).build().unwrap();
    let (writer, reader) = (build(), build());
    let mut guard = guard(&writer);
    guard.fence().await;
    for _ in 0..5 {
        clock.advance(secs(20));
        assert_eq!(guard.fence().await, Freshness::Fenced);
        assert_eq!(create(&reader, 1).await, 1);
    }
    assert_eq!(bypasses(&reader), 5, "a taint in use ended");
    clock.advance(secs(31));
    assert_eq!(create(&reader, 2).await, 2, "nobody renewed it");
    assert_eq!(create(&reader, 3).await, 2);
    assert_eq!(guard.fence().await, Freshness::Fenced);
    assert_eq!(create(&reader, 4).await, 4, "what was stored while it was lost is served");
    guard.bump().await.unwrap();
    assert_eq!(writer.stats().degraded, 0, "it held when it was needed");
    assert_eq!([create(&reader, 5).await, create(&reader, 6).await], [5, 5]);
}

#[tokio::test]
async fn a_taint_that_ended_before_it_was_lifted_is_counted() {
    let clock = ManualClock::new();
    let memory = MemoryBackend::builder().clock(clock.clone()).build();
    let writer = fenced().backend(memory).taint_life(secs(2)).build().unwrap();
    let mut guard = guard(&writer);
    guard.fence().await;
    clock.advance(secs(2));
    guard.bump().await.unwrap();
    assert_eq!(degraded(&writer, Reason::TAINT_ENDED), 1);
}

#[tokio::test]
async fn tags_that_came_in_after_the_fence_are_tainted_by_the_next() {
    for (writer, reader) in pairs() {
        create(&reader, 1).await;
        let mut guard = writer.write_guard(Tag::new("other"));
        guard.fence().await;
        assert_eq!(create(&reader, 2).await, 1);
        guard.extend(["t"]);
        guard.fence().await;
        assert_eq!(create(&reader, 3).await, 3);
        guard.bump().await.unwrap();
        assert_eq!(writer.stats().degraded, 0);
        assert_eq!([create(&reader, 4).await, create(&reader, 5).await], [4, 4]);
    }
}

#[tokio::test]
async fn what_is_stale_or_softly_invalidated_is_not_served_past_a_taint() {
    let backend = MemoryBackend::new();
    let here = fenced().stale_for(minutes(5)).build().unwrap();
    let afar = fenced().stale_for(minutes(5)).backend(backend).build().unwrap();
    for region in [here, afar] {
        create(&region, 1).await;
        region.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
        let mut guard = guard(&region);
        guard.fence().await;
        assert_eq!(create(&region, 2).await, 2, "an old value was served");
        guard.bump().await.unwrap();
    }
}

#[tokio::test]
async fn what_a_reader_looks_at_says_that_it_is_tainted() {
    for (writer, reader) in pairs() {
        create(&reader, 1).await;
        let mut guard = guard(&writer);
        guard.fence().await;
        let seen = reader.entry("k").tag("t").inspect().await;
        assert_eq!(seen.state, State::Missing(Reason::TAINTED));
        let observed = reader.entry("k").tag("t").observe().await;
        assert!(!observed.is_current().await);
        observed.store(2_u64).await;
        assert_eq!(create(&reader, 3).await, 3, "what was observed under a taint was stored");
        guard.bump().await.unwrap();
    }
}

/// Another writer taints between the two trips of a lookup that finds a tag without a version.
#[tokio::test(start_paused = true)]
async fn i4_a_tag_tainted_while_a_lookup_creates_its_version_is_a_bypass() {
    let memory = MemoryBackend::new();
    let slow = memory.clone().layer(Chaos::seeded(1).delay(1.0, millis(1)));
    let reader = fenced().backend(slow).build().unwrap();
    let mut between = 0;
    for polls in 0..30 {
        memory.clear();
        let mut lookup = Polled::new(create(&reader, polls));
        let done = polled(&mut lookup, polls).await;
        let stamp = Stamp { register: "tag:t", version: TagVersion::random() };
        let (taints, writer) = (memory.taints().unwrap(), Writer::random());
        let created = memory.version("tag:t").await.unwrap().is_some();
        let (before, asked) = (bypasses(&reader), reader.stats().lookups);
        taints.place(&[stamp], writer, minutes(5)).await.unwrap();
        assert!(done || polled(&mut lookup, 100).await);
        drop(lookup);
        taints.lift(&[stamp], writer, minutes(5)).await.unwrap();
        assert_eq!(bypasses(&reader) > before, !created, "after {polls} polls");
        between += u64::from(!created && polls > 0 && asked == reader.stats().lookups - 1);
        assert_eq!(reader.stats().flights, 0);
        assert!(reader.entry("k").tag("t").get::<u64>().await.is_none(), "stored at {polls}");
    }
    assert!(between > 1, "{between} lookups were between their trips");
}

#[test]
fn a_taint_life_that_no_commit_fits_in_is_refused() {
    let error = fenced().taint_life(millis(999)).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("taint_life"), "{error}");
}

#[tokio::test]
async fn a_durable_write_that_is_not_noted_is_fenced() {
    let region = builder().freshness(Freshness::Durable).build().unwrap();
    assert_eq!(create(&region, 1).await, 1);
    let mut guard = guard(&region);
    assert_eq!(guard.fence().await, Freshness::Fenced);
    assert_eq!(degraded(&region, Reason::NOT_NOTED), 1);
    assert_eq!(create(&region, 2).await, 2);
    assert_eq!(bypasses(&region), 1);
    guard.bump().await.unwrap();
    assert_eq!(create(&region, 3).await, 3);
}

#[tokio::test]
async fn a_durable_write_that_is_noted_taints_nothing_and_invalidates() {
    let backend = MemoryBackend::new();
    for backend in [None, Some(backend)] {
        let builder = builder().freshness(Freshness::Durable);
        let region = match backend {
            Some(backend) => builder.backend(backend).build().unwrap(),
            None => builder.build().unwrap(),
        };
        assert_eq!(create(&region, 1).await, 1);
        let mut guard = guard(&region);
        guard.carried();
        assert_eq!(guard.fence().await, Freshness::Durable);
        assert_eq!(create(&region, 2).await, 1, "not committed yet");
        guard.bump().await.unwrap();
        assert_eq!(create(&region, 3).await, 3, "nobody but the guard would have invalidated it");
        assert_eq!((bypasses(&region), region.stats().degraded), (0, 0));
        // The same where nobody waits for it.
        let mut guard = region.write_guard(Tag::new("t"));
        guard.carried();
        drop(guard);
        assert_eq!(create(&region, 4).await, 4);
    }
}
