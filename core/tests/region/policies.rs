//! What is kept, for how long, and what is served in the place of what could not be created.

use std::time::Duration;

use dogpile::{
    Error, ErrorKind, Freshness, ManualClock, Reason, Region, State, millis, minutes, secs,
};
use tokio::sync::oneshot;

use crate::support::{Polled, Runs, builder, made};

fn failure<T>() -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unavailable, "test", "the source is down"))
}

/// A region that falls back on values of up to an hour, with its clock.
fn forgiving() -> (Region, ManualClock) {
    let clock = ManualClock::new();
    let region = builder().serve_stale_on_error(minutes(60)).clock(clock.clone());
    (region.build().unwrap(), clock)
}

#[tokio::test]
async fn should_cache_sees_key_and_value_and_keeps_the_value_out() {
    let region = builder().build().unwrap();
    for n in [1_u64, 2] {
        let entry = region.entry("k").should_cache(|key, n: &u64| {
            assert_eq!(*key, dogpile::Key::from("k"));
            *n > 1
        });
        assert_eq!(*entry.get_or_create(async || made(n)).await.unwrap(), n);
    }
    assert_eq!(*region.entry("k").get::<u64>().await.unwrap(), 2);
    assert_eq!((region.stats().refused, region.stats().stored), (1, 1));
}

#[tokio::test]
async fn an_absent_value_is_cached_for_its_own_time() {
    let clock = ManualClock::new();
    let region = builder().clock(clock.clone()).build().unwrap();
    let ask = |key: &'static str, answer: Option<u64>| {
        let region = region.clone();
        async move {
            let entry = region.entry(key).negative_ttl(secs(5));
            entry.get_or_create(async || made(answer)).await.unwrap().into_owned()
        }
    };
    assert_eq!(ask("none", None).await, None);
    assert_eq!(ask("some", Some(1)).await, Some(1));
    assert_eq!(ask("none", Some(2)).await, None, "the answer `none` was not kept");
    clock.advance(secs(6));
    assert_eq!(ask("none", Some(2)).await, Some(2), "it was kept for too long");
    assert_eq!(ask("some", Some(3)).await, Some(1));
}

#[tokio::test]
async fn a_value_may_decide_how_long_it_lives() {
    let clock = ManualClock::new();
    let region = builder().clock(clock.clone()).build().unwrap();
    let entry = |key: &'static str| region.entry(key).ttl_by(|n: &u64| (*n > 0).then(|| secs(*n)));
    entry("short").get_or_create(async || made(3)).await.unwrap();
    entry("plain").get_or_create(async || made(0)).await.unwrap();
    clock.advance(secs(4));
    assert!(region.entry("short").get::<u64>().await.is_none());
    assert!(region.entry("plain").get::<u64>().await.is_some());
}

#[tokio::test]
async fn an_old_value_is_served_where_the_creation_fails_and_the_key_rests() {
    let (region, clock) = forgiving();
    let runs = Runs::default();
    let get = async || {
        let created = region.entry("k").get_or_create(async || {
            runs.add();
            failure::<u64>()
        });
        created.await.map(|value| *value)
    };
    region.entry("k").set(1_u64).await.unwrap();
    clock.advance(minutes(6));
    assert_eq!(get().await.unwrap(), 1);
    assert_eq!(get().await.unwrap(), 1);
    assert_eq!(runs.count(), 1, "the creator was tried again at once");
    clock.advance(millis(1_001));
    assert_eq!(get().await.unwrap(), 1);
    assert_eq!(runs.count(), 2);
    assert_eq!(region.stats().fell_back, 3);
    clock.advance(minutes(55));
    assert!(get().await.is_err(), "it is older than it may be");
}

#[tokio::test]
async fn i1_what_was_invalidated_is_not_fallen_back_on() {
    let (region, clock) = forgiving();
    region.entry("k").tag("t").set(1_u64).await.unwrap();
    clock.advance(minutes(6));
    region.invalidate(["t"]).await.unwrap();
    let created = region.entry("k").tag("t").get_or_create(async || failure::<u64>());
    assert!(created.await.is_err());
}

#[tokio::test]
async fn i1_an_invalidation_during_the_failing_creation_ends_the_old_value() {
    let (region, clock) = forgiving();
    region.entry("k").tag("t").set(1_u64).await.unwrap();
    clock.advance(minutes(6));
    let (fail, failing) = oneshot::channel::<()>();
    let mut call = Polled::new(region.entry("k").tag("t").get_or_create(async || {
        let _ = failing.await;
        failure::<u64>()
    }));
    call.pending();
    region.invalidate(["t"]).await.unwrap();
    fail.send(()).unwrap();
    assert!(call.ready().is_err());
}

#[tokio::test]
async fn a_stale_value_whose_refresh_fails_is_served_too() {
    let clock = ManualClock::new();
    let region = builder().stale_for(minutes(5)).serve_stale_on_error(minutes(60));
    let region = region.clock(clock.clone()).build().unwrap();
    region.entry("k").set(1_u64).await.unwrap();
    clock.advance(minutes(6));
    let created = region.entry("k").get_or_create(async || failure::<u64>());
    assert_eq!(*created.await.unwrap(), 1);
    let detached = region.entry("k").detached().get_or_create(async || failure::<u64>());
    assert_eq!(*detached.await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_has_an_old_value_waits_no_longer_than_the_soft_limit() {
    let clock = ManualClock::new();
    let region = builder().serve_stale_on_error(minutes(60)).soft_load_limit(millis(50));
    let region = region.clock(clock.clone()).build().unwrap();
    region.entry("k").set(1_u64).await.unwrap();
    clock.advance(minutes(6));
    let (finish, finished) = oneshot::channel::<()>();
    let slow = region.entry("k").detached().get_or_create(async || {
        let _ = finished.await;
        made(2_u64)
    });
    assert_eq!(*slow.await.unwrap(), 1);
    finish.send(()).unwrap();
    region.close().await;
    let stats = region.stats();
    assert_eq!((stats.refused, stats.failed), (1, 0), "the detached creation did not go on");
    // Without an old value there is nothing to serve: the limit does not apply.
    let region = builder().soft_load_limit(millis(50)).build().unwrap();
    let slow = region.entry("new").get_or_create(async || {
        tokio::time::sleep(secs(1)).await;
        made(3_u64)
    });
    assert_eq!(*slow.await.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_creation_ends_at_the_hard_limit() {
    let region = builder().hard_load_limit(millis(50)).build().unwrap();
    let never = || region.entry("k").get_or_create(std::future::pending::<Result<u64, Error>>);
    let error = never().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("hard_load_limit=50ms"), "{error}");
    let several = region.entries([1_u64]);
    let several =
        several.get_or_create_multi(|_| std::future::pending::<Result<Vec<u64>, Error>>());
    assert_eq!(several.await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!((region.stats().failed, region.stats().flights), (2, 0));
}

/// How many of 1,000 hits, `left` before the end of a value that took a second, refresh it.
async fn refreshes(left: Duration) -> usize {
    let clock = ManualClock::new();
    let mut refreshed = 0;
    for _ in 0..1_000 {
        let region = builder().early_refresh(1.0).clock(clock.clone()).build().unwrap();
        let created = region.entry("k").get_or_create(async || {
            clock.advance(secs(1));
            made(1_u64)
        });
        created.await.unwrap();
        clock.advance(minutes(5) - secs(1) - left);
        let runs = Runs::default();
        let hit = region.entry("k").get_or_create(async || {
            runs.add();
            made(2_u64)
        });
        hit.await.unwrap();
        assert_eq!(region.stats().hits, 1, "an early refresh is a hit");
        refreshed += runs.count();
    }
    refreshed
}

#[tokio::test]
async fn s177_early_refreshes_grow_likelier_towards_the_end() {
    // The chance is e to the minus (time left / time of the creation).
    assert_eq!(refreshes(secs(60)).await, 0);
    let two = refreshes(secs(2)).await;
    let half = refreshes(millis(500)).await;
    assert!((80..200).contains(&two), "{two} of 1,000, where 135 are expected");
    assert!((530..690).contains(&half), "{half} of 1,000, where 607 are expected");
}

#[tokio::test]
async fn s177_an_early_refresh_elects_one_and_holds_nobody_up() {
    let clock = ManualClock::new();
    // So eager that every hit would refresh.
    let region = builder().early_refresh(1e9).clock(clock.clone()).build().unwrap();
    let created = region.entry("k").get_or_create(async || {
        clock.advance(secs(1));
        made(1_u64)
    });
    created.await.unwrap();
    let runs = Runs::default();
    let (finish, finished) = oneshot::channel::<()>();
    let counted = runs.clone();
    let first = region.entry("k").detached().get_or_create(async move || {
        counted.add();
        let _ = finished.await;
        made(2_u64)
    });
    assert_eq!(*first.await.unwrap(), 1);
    for _ in 0..50 {
        let other = region
            .entry("k")
            .detached()
            .get_or_create(async || -> Result<u64, Error> { panic!("a second refresh") });
        let value = other.await;
        assert_eq!(*value.unwrap(), 1_u64);
    }
    finish.send(()).unwrap();
    region.close().await;
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn refreshes_in_the_background_are_bounded() {
    let clock = ManualClock::new();
    let region = builder().stale_for(minutes(60)).background_refreshes(2).clock(clock.clone());
    let region = region.build().unwrap();
    for key in 0..5_u64 {
        region.entry(key).set(key).await.unwrap();
    }
    clock.advance(minutes(6));
    let runs = Runs::default();
    let (finish, finished) = tokio::sync::watch::channel(false);
    for key in 0..5_u64 {
        let (runs, mut finished) = (runs.clone(), finished.clone());
        let stale = region.entry(key).detached().get_or_create(async move || {
            runs.add();
            let _ = finished.changed().await;
            made(0_u64)
        });
        assert_eq!(*stale.await.unwrap(), key);
    }
    assert_eq!(region.stats().background_refused, 3);
    finish.send(true).unwrap();
    region.close().await;
    assert_eq!(runs.count(), 2);
}

#[tokio::test]
async fn a_refresh_replaces_what_is_fresh_and_shares_nothing_begun_before() {
    let region = builder().build().unwrap();
    region.entry("k").set(1_u64).await.unwrap();
    let (release, released) = oneshot::channel::<()>();
    let mut first = Polled::new(region.entry("k").refresh(async || {
        let _ = released.await;
        made(2_u64)
    }));
    first.pending();
    assert_eq!(*region.entry("k").get::<u64>().await.unwrap(), 1, "readers are served meanwhile");
    // Both came after the first had begun: one creation for the two of them, after it.
    let runs = Runs::default();
    let again = || {
        Polled::new(region.entry("k").refresh(async || {
            runs.add();
            made(3_u64)
        }))
    };
    let (mut second, mut third) = (again(), again());
    second.pending();
    third.pending();
    assert_eq!(runs.count(), 0);
    release.send(()).unwrap();
    assert_eq!(*first.ready().unwrap(), 2);
    assert_eq!(*second.ready().unwrap(), 3);
    assert_eq!(*third.ready().unwrap(), 3);
    assert_eq!(runs.count(), 1);
    assert_eq!(*region.entry("k").get::<u64>().await.unwrap(), 3);
    drop((first, second, third));
    assert_eq!(region.stats().flights, 0);
}

#[tokio::test]
async fn i6_a_refresh_dropped_while_it_runs_hands_the_turn_on() {
    let region = builder().build().unwrap();
    let never =
        || Polled::new(region.entry("k").refresh(std::future::pending::<Result<u64, Error>>));
    let (mut first, mut second) = (never(), never());
    first.pending();
    second.pending();
    let mut third = Polled::new(region.entry("k").refresh(async || made(1_u64)));
    third.pending();
    drop(first);
    second.pending();
    drop(second);
    assert_eq!(*third.ready().unwrap(), 1);
    drop(third);
    assert_eq!(region.stats().flights, 0);
}

#[tokio::test]
async fn s178_a_creation_that_began_earlier_does_not_replace_a_newer_value() {
    let clock = ManualClock::new();
    let region = builder().clock(clock.clone()).build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let mut slow = Polled::new(region.entry("k").refresh(async || {
        let _ = released.await;
        made(1_u64)
    }));
    slow.pending();
    clock.advance(secs(1));
    region.entry("k").get_or_create(async || made(2_u64)).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(*slow.ready().unwrap(), 1);
    assert_eq!(*region.entry("k").get::<u64>().await.unwrap(), 2);
    assert_eq!(region.stats().refused, 1);
}

#[tokio::test]
async fn with_freshness_ttl_writes_do_nothing_and_invalidation_by_hand_works() {
    let region = builder().freshness(Freshness::Ttl).build().unwrap();
    region.entry("k").tag("t").set(1_u64).await.unwrap();
    region.write_guard(dogpile::Tag::new("t")).bump().await.unwrap();
    drop(region.write_guard(dogpile::Tag::new("t")));
    assert!(region.entry("k").tag("t").get::<u64>().await.is_some());
    region.invalidate(["t"]).await.unwrap();
    assert!(region.entry("k").tag("t").get::<u64>().await.is_none());
}

#[tokio::test]
async fn wrong_limits_are_refused_with_their_names() {
    let built = builder().early_refresh(-1.0).build().unwrap_err();
    assert!(built.to_string().contains("early_refresh=-1"), "{built}");
    let built = builder().early_refresh(f64::NAN).build();
    assert_eq!(built.unwrap_err().kind(), ErrorKind::Config);
    let built = builder().hard_load_limit(Duration::ZERO).build().unwrap_err();
    assert!(built.to_string().contains("hard_load_limit"), "{built}");
}

#[tokio::test]
async fn an_entry_kept_for_errors_only_is_a_miss() {
    let (region, clock) = forgiving();
    region.entry("k").set(1_u64).await.unwrap();
    clock.advance(minutes(6));
    assert!(region.entry("k").get::<u64>().await.is_none());
    assert_eq!(region.entry("k").inspect().await.state, State::Missing(Reason::EXPIRED));
}

#[tokio::test]
async fn an_early_refresh_that_fails_leaves_the_hit_a_hit() {
    let clock = ManualClock::new();
    let region = builder().early_refresh(1e9).clock(clock.clone()).build().unwrap();
    let created = region.entry("k").get_or_create(async || {
        clock.advance(secs(1));
        made(1_u64)
    });
    created.await.unwrap();
    let hit = region.entry("k").get_or_create(async || failure::<u64>());
    assert_eq!(*hit.await.unwrap(), 1);
    assert_eq!((region.stats().hits, region.stats().failed), (1, 1));
}

#[tokio::test]
async fn what_is_set_follows_the_rules_of_the_call() {
    let clock = ManualClock::new();
    let region = builder().clock(clock.clone()).build().unwrap();
    region.entry("no").should_cache(|_, _: &u64| false).set(1_u64).await.unwrap();
    assert!(region.entry("no").get::<u64>().await.is_none());
    region.entry("none").negative_ttl(secs(5)).set(None::<u64>).await.unwrap();
    clock.advance(secs(6));
    assert!(region.entry("none").get::<Option<u64>>().await.is_none());
}

/// Panics at every event.
#[derive(Debug)]
struct Panicking;

impl dogpile::Observer for Panicking {
    fn on_event(&self, _: &str, _: &dogpile::Event) {
        panic!("planted");
    }
}

impl dogpile::Locks for Panicking {
    fn try_acquire<'a>(
        &'a self,
        _: &'a str,
        _: dogpile::Owner,
        _: Duration,
    ) -> dogpile::BoxFuture<'a, dogpile::Result<bool>> {
        panic!("planted");
    }

    fn renew<'a>(
        &'a self,
        _: &'a str,
        _: dogpile::Owner,
        _: Duration,
    ) -> dogpile::BoxFuture<'a, dogpile::Result<bool>> {
        panic!("planted");
    }

    fn release<'a>(
        &'a self,
        _: &'a str,
        _: dogpile::Owner,
    ) -> dogpile::BoxFuture<'a, dogpile::Result<()>> {
        panic!("planted");
    }

    fn abandon(&self, _: &str, _: dogpile::Owner) {
        panic!("planted");
    }
}

#[tokio::test(start_paused = true)]
async fn i8_what_panics_beside_the_creator_reaches_nobody() {
    let region = builder().observer(Panicking).locks(Panicking).build().unwrap();
    let created = region.entry("k").get_or_create(async || made(1_u64));
    assert_eq!(*created.await.unwrap(), 1);
    drop(region.write_guard(dogpile::Tag::new("t")));
    assert_eq!(region.stats().lookups, 1);
}
