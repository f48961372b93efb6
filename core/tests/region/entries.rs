//! Several entries in one call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use dogpile::{Error, ErrorKind, Key, Region, Shared};
use tokio::sync::oneshot;

use crate::support::{Polled, Runs, builder, made};

/// Records what creators were called with.
#[derive(Debug, Clone, Default)]
struct Calls(Arc<Mutex<Vec<Vec<u64>>>>);

impl Calls {
    async fn squares(&self, ids: Vec<u64>) -> Result<Vec<u64>, Error> {
        self.0.lock().unwrap().push(ids.clone());
        Ok(ids.iter().map(|id| id * id).collect())
    }

    fn all(&self) -> Vec<Vec<u64>> {
        self.0.lock().unwrap().clone()
    }
}

async fn squares(region: &Region, calls: &Calls, ids: &[u64]) -> Vec<u64> {
    let ids = ids.iter().copied();
    let values = region.entries(ids).get_or_create_multi(|ids| calls.squares(ids)).await.unwrap();
    values.into_iter().map(Shared::into_owned).collect()
}

#[tokio::test]
async fn order_and_duplicates_are_kept_and_only_what_is_missing_is_created() {
    let region = builder().build().unwrap();
    let calls = Calls::default();
    assert_eq!(squares(&region, &calls, &[3, 1, 3, 2]).await, [9, 1, 9, 4]);
    assert_eq!(squares(&region, &calls, &[5, 2, 5, 1]).await, [25, 4, 25, 1]);
    assert_eq!(squares(&region, &calls, &[1, 2, 3, 5]).await, [1, 4, 9, 25]);
    assert_eq!(calls.all(), [vec![3, 1, 2], vec![5]]);
    assert!(squares(&region, &calls, &[]).await.is_empty());
    let stats = region.stats();
    assert_eq!((stats.lookups, stats.hits, stats.misses), (10, 6, 4));
    assert_eq!(stats.stored, 4);
}

#[tokio::test]
async fn entries_of_several_are_the_entries_of_single_calls() {
    let region = builder().build().unwrap();
    squares(&region, &Calls::default(), &[7]).await;
    assert_eq!(*region.entry(7_u64).get::<u64>().await.unwrap(), 49);
    region.entry(8_u64).set(64_u64).await.unwrap();
    let both = region.entries([8_u64, 7, 9]).get_multi::<u64>().await;
    assert_eq!(both[0].as_deref(), Some(&64));
    assert_eq!(both[1].as_deref(), Some(&49));
    assert!(both[2].is_none());
}

#[tokio::test]
async fn four_callers_of_the_same_keys_make_one_creation() {
    let region = builder().build().unwrap();
    let runs = Runs::default();
    let (release, released) = oneshot::channel::<()>();
    let mut released = Some(released);
    let mut leader =
        Polled::new(region.entries([1_u64, 2]).get_or_create_multi(|ids: Vec<u64>| {
            runs.add();
            let released = released.take().unwrap();
            async move {
                let _ = released.await;
                made(ids)
            }
        }));
    leader.pending();
    let mut others: Vec<_> = (0..3)
        .map(|_| {
            let entries = region.entries([2_u64, 1]);
            Polled::new(entries.get_or_create_multi(
                async |_: Vec<u64>| -> Result<Vec<u64>, Error> { panic!("a second creation") },
            ))
        })
        .collect();
    others.iter_mut().for_each(Polled::pending);
    release.send(()).unwrap();
    assert_eq!(leader.ready().unwrap(), [1, 2]);
    for other in &mut others {
        assert_eq!(other.ready().unwrap(), [2, 1]);
    }
    assert_eq!(runs.count(), 1);
    drop(others);
    assert_eq!(region.stats().flights, 0);
}

#[tokio::test]
async fn callers_with_overlapping_keys_share_and_never_block_each_other() {
    let region = builder().build().unwrap();
    let calls = Calls::default();
    let tasks: Vec<_> = (0..200_u64)
        .map(|i| {
            let (region, calls) = (region.clone(), calls.clone());
            tokio::spawn(async move {
                let ids: Vec<u64> = (0..10).map(|j| (i * 7 + j * 3) % 50).collect();
                let expected: Vec<u64> = ids.iter().map(|id| id * id).collect();
                assert_eq!(squares(&region, &calls, &ids).await, expected);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut created: Vec<u64> = calls.all().into_iter().flatten().collect();
    created.sort_unstable();
    assert_eq!(created, (0..50).collect::<Vec<_>>(), "a key was created twice or not at all");
    assert_eq!(region.stats().flights, 0);
}

#[tokio::test]
async fn a_creator_that_returns_too_few_is_an_error_and_leaves_nothing_behind() {
    let region = builder().build().unwrap();
    for values in [vec![1_u64], vec![1, 2, 3]] {
        let short = region
            .entries([1_u64, 2])
            .get_or_create_multi(|_| async { Ok::<_, Error>(values.clone()) });
        let error = short.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongCount);
        assert!(error.to_string().contains("keys=2"), "{error}");
    }
    let stats = region.stats();
    assert_eq!((stats.stored, stats.failed, stats.flights), (0, 4, 0), "each key counts");
}

#[tokio::test]
async fn a_failed_creation_leaves_no_flight_and_the_next_caller_creates() {
    let region = builder().build().unwrap();
    let failing = region.entries([1_u64, 2]).get_or_create_multi(async |_: Vec<u64>| {
        Err::<Vec<u64>, _>(Error::new(ErrorKind::Unavailable, "test", "no"))
    });
    assert_eq!(failing.await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(region.stats().flights, 0);
    assert_eq!(squares(&region, &Calls::default(), &[1, 2]).await, [1, 4]);
}

#[tokio::test]
async fn keys_left_out_are_neither_stored_nor_returned() {
    let region = builder().build().unwrap();
    let runs = Runs::default();
    for _ in 0..2 {
        let found = region.entries([1_u64, 2, 3, 2]).get_or_create_map(async |ids: Vec<u64>| {
            runs.add();
            Ok::<_, Error>(ids.into_iter().filter(|id| *id != 2).map(|id| (id, id * 10)).collect())
        });
        let found: HashMap<u64, Shared<u64>> = found.await.unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(*found[&3], 30);
    }
    assert_eq!(runs.count(), 2, "the absent key is asked for again");
    assert_eq!(region.stats().stored, 2);
}

#[tokio::test]
async fn what_a_caller_leaves_behind_is_created_by_who_waits() {
    let region = builder().build().unwrap();
    let mut gone =
        Polled::new(region.entries([1_u64, 2]).get_or_create_multi(async |_: Vec<u64>| {
            std::future::pending::<Result<Vec<u64>, Error>>().await
        }));
    gone.pending();
    let calls = Calls::default();
    let mut waiting = Polled::new(squares(&region, &calls, &[2, 3]));
    waiting.pending();
    assert_eq!(calls.all(), [vec![3]], "what nobody creates is created at once");
    drop(gone);
    assert_eq!(waiting.ready(), [4, 9]);
    assert_eq!(calls.all(), [vec![3], vec![2]]);
    drop(waiting);
    assert_eq!(region.stats().flights, 0);
}

#[tokio::test]
async fn s172_an_invalidation_during_the_creation_keeps_the_results_out() {
    let region = builder().build().unwrap();
    let (release, released) = oneshot::channel::<()>();
    let mut released = Some(released);
    let mut load =
        Polled::new(region.entries([1_u64, 2]).tag("t").get_or_create_multi(|ids: Vec<u64>| {
            let released = released.take().unwrap();
            async move {
                let _ = released.await;
                made(ids)
            }
        }));
    load.pending();
    region.invalidate(["t"]).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(load.ready().unwrap(), [1, 2]);
    assert!(
        region.entries([1_u64, 2]).tag("t").get_multi::<u64>().await.iter().all(Option::is_none)
    );
    assert_eq!(region.stats().refused, 2);
}

#[tokio::test]
async fn several_are_set_and_deleted_together() {
    let region = builder().build().unwrap();
    region.entries(["a", "b"]).set_multi([1_u64, 2]).await.unwrap();
    assert_eq!(*region.entry("b").get::<u64>().await.unwrap(), 2);
    region.entries(["a", "b", "a"]).set_multi([3_u64, 4, 5]).await.unwrap();
    assert_eq!(*region.entry("a").get::<u64>().await.unwrap(), 5, "the last value counts");
    let small = region.entries(["a", "b"]).should_cache(|_, value: &u64| *value < 10);
    small.set_multi([7_u64, 70]).await.unwrap();
    assert_eq!(*region.entry("a").get::<u64>().await.unwrap(), 7);
    assert!(region.entry("b").get::<u64>().await.is_none(), "it was not wanted");
    region.entry("b").set(2_u64).await.unwrap();
    let error = region.entries(["a", "b"]).set_multi([1_u64]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongCount);
    region.entries(["a", "b"]).delete_multi().await.unwrap();
    region.entries(["a", "b"]).delete_multi().await.unwrap();
    assert!(region.entries(["a", "b"]).get_multi::<u64>().await.iter().all(Option::is_none));
    let none: [&str; 0] = [];
    region.entries(none).delete_multi().await.unwrap();
}

#[tokio::test]
async fn keys_and_tags_may_be_made_from_the_ids() {
    let region = builder().build().unwrap();
    let entries = || {
        let entries = region.entries_by([1_u64, 2], |id| Key::from(("user", *id)));
        entries.tags_by(|id| [format!("user:{id}")].into_iter().collect())
    };
    entries().get_or_create_multi(async |ids: Vec<u64>| made(ids)).await.unwrap();
    region.invalidate(["user:1"]).await.unwrap();
    let left = entries().get_multi::<u64>().await;
    assert!(left[0].is_none());
    assert_eq!(*region.entry(("user", 2_u64)).tag("user:2").get::<u64>().await.unwrap(), 2);
}

#[tokio::test]
async fn a_call_for_several_is_send() {
    let region = builder().build().unwrap();
    let task = tokio::spawn(async move {
        region.entries([1_u64]).get_or_create_multi(async |ids: Vec<u64>| made(ids)).await
    });
    assert_eq!(task.await.unwrap().unwrap(), [1]);
}

#[tokio::test]
async fn stale_values_of_several_are_served_and_refreshed_by_one() {
    let clock = dogpile::ManualClock::new();
    let region = builder().stale_for(dogpile::minutes(60)).clock(clock.clone()).build().unwrap();
    squares(&region, &Calls::default(), &[1, 2]).await;
    clock.advance(dogpile::minutes(6));
    let calls = Calls::default();
    assert_eq!(squares(&region, &calls, &[1, 2, 3]).await, [1, 4, 9]);
    assert_eq!(calls.all(), [vec![1, 2, 3]], "the stale ones are refreshed with the missing one");
    assert_eq!(squares(&region, &calls, &[1, 2, 3]).await, [1, 4, 9]);
    assert_eq!(region.stats().hits, 3);
}

#[tokio::test]
async fn old_values_of_several_are_fallen_back_on() {
    let clock = dogpile::ManualClock::new();
    let region = builder().clock(clock.clone()).build().unwrap();
    squares(&region, &Calls::default(), &[1, 2]).await;
    clock.advance(dogpile::minutes(6));
    let failing = |ids: &'static [u64]| {
        let entries = region.entries(ids.iter().copied());
        let entries = entries.serve_stale_on_error(dogpile::minutes(60));
        entries.get_or_create_multi(async |_: Vec<u64>| {
            Err::<Vec<u64>, _>(Error::new(ErrorKind::Unavailable, "test", "no"))
        })
    };
    assert_eq!(failing(&[1, 2]).await.unwrap(), [1, 4]);
    assert!(failing(&[1, 3]).await.is_err(), "there is no old value of the second");
    assert_eq!(region.stats().failed, 4, "each key counts");
}
