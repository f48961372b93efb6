//! Refreshing several entries in one call.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dogpile::backend::MemoryBackend;
use dogpile::{Error, ErrorKind, Region, secs};
use tokio::sync::oneshot;

use crate::support::{Polled, Runs, builder, made};

/// A refresh of `ids` that ends when it is told with which value.
fn refresh<'r>(
    region: &'r Region,
    runs: &'r Runs,
    ids: &'r [u64],
    end: oneshot::Receiver<u64>,
) -> Polled<'r, Result<Vec<u64>, Error>> {
    let mut end = Some(end);
    Polled::new(async move {
        let refreshed = region.entries(ids.iter().copied()).refresh_multi(move |ids: Vec<u64>| {
            runs.add();
            let end = end.take().unwrap();
            async move {
                let value = end.await.unwrap();
                made(vec![value; ids.len()])
            }
        });
        Ok(refreshed.await?.into_iter().map(|value| *value).collect())
    })
}

async fn values(region: &Region, ids: &[u64]) -> Vec<Option<u64>> {
    let found = region.entries(ids.iter().copied()).get_multi::<u64>().await;
    found.into_iter().map(|value| value.as_deref().copied()).collect()
}

#[tokio::test]
async fn one_refresh_of_a_key_runs_at_a_time_and_readers_are_served_until_then() {
    let region = builder().build().unwrap();
    region.entries([1_u64, 2, 3]).set_multi([10_u64, 20, 30]).await.unwrap();
    let runs = Runs::default();
    let [(end_one, one), (end_two, two)] = [(); 2].map(|()| oneshot::channel());
    let mut first = refresh(&region, &runs, &[1, 2, 1], one);
    first.pending();
    // In another order, and with others.
    let mut second = refresh(&region, &runs, &[3, 2], two);
    second.pending();
    assert_eq!(runs.count(), 1, "both refresh 2");
    assert_eq!(values(&region, &[1, 2, 3]).await, [Some(10), Some(20), Some(30)]);
    end_one.send(7).unwrap();
    assert_eq!(first.ready().unwrap(), [7, 7, 7]);
    second.pending();
    assert_eq!(runs.count(), 2);
    end_two.send(8).unwrap();
    assert_eq!(second.ready().unwrap(), [8, 8]);
    assert_eq!(values(&region, &[1, 2, 3]).await, [Some(7), Some(8), Some(8)]);
}

#[tokio::test]
async fn one_that_is_dropped_gives_its_turns_up() {
    let region = builder().build().unwrap();
    let runs = Runs::default();
    let [(_end, one), (end_two, two)] = [(); 2].map(|()| oneshot::channel());
    let mut first = refresh(&region, &runs, &[1, 2], one);
    first.pending();
    let mut second = refresh(&region, &runs, &[2, 1], two);
    second.pending();
    drop(first);
    second.pending();
    assert_eq!(runs.count(), 2);
    end_two.send(8).unwrap();
    assert_eq!(second.ready().unwrap(), [8, 8]);
}

#[tokio::test(start_paused = true)]
async fn it_runs_under_the_leases_of_its_keys() {
    let backend = MemoryBackend::new();
    let [here, there] = [(); 2].map(|()| builder().backend(backend.clone()).build().unwrap());
    let runs = Runs::default();
    let [(end_there, one), (end_here, two)] = [(); 2].map(|()| oneshot::channel());
    let mut elsewhere = refresh(&there, &runs, &[2, 3], one);
    elsewhere.pending();
    let mut refreshing = refresh(&here, &runs, &[1, 2], two);
    refreshing.pending();
    assert_eq!(runs.count(), 1, "another process has the lease of one of them");
    end_there.send(4).unwrap();
    assert_eq!(elsewhere.ready().unwrap(), [4, 4]);
    tokio::time::sleep(secs(1)).await;
    refreshing.pending();
    assert_eq!(runs.count(), 2);
    end_here.send(5).unwrap();
    assert_eq!(refreshing.ready().unwrap(), [5, 5]);
    assert_eq!(values(&there, &[1, 2, 3]).await, [Some(5), Some(5), Some(4)]);
}

#[tokio::test]
async fn one_that_fails_or_makes_too_few_leaves_the_old_values() {
    let region = builder().build().unwrap();
    region.entries([1_u64, 2]).set_multi([10_u64, 20]).await.unwrap();
    let fails =
        async |_: Vec<u64>| Err::<Vec<u64>, _>(Error::new(ErrorKind::Unavailable, "t", "no"));
    assert!(region.entries([1_u64, 2]).refresh_multi(fails).await.is_err());
    let too_few = region.entries([1_u64, 2]).refresh_multi(async |_: Vec<u64>| made(vec![1_u64]));
    assert_eq!(too_few.await.unwrap_err().kind(), ErrorKind::WrongCount);
    assert_eq!(values(&region, &[1, 2]).await, [Some(10), Some(20)]);
}

#[tokio::test]
async fn what_a_map_leaves_out_is_invalidated() {
    let region = builder().build().unwrap();
    region.entries([1_u64, 2]).set_multi([10_u64, 20]).await.unwrap();
    let some = async |_: Vec<u64>| made(HashMap::from([(2_u64, 21_u64)]));
    let refreshed = region.entries([1_u64, 2]).refresh_map(some).await.unwrap();
    assert_eq!((refreshed.len(), *refreshed[&2]), (1, 21));
    assert_eq!(values(&region, &[1, 2]).await, [None, Some(21)]);
}

/// A turn is no flight that failed: whoever is next creates something else.
#[tokio::test]
async fn refreshers_that_panic_one_after_the_other_cost_nobody_the_turn() {
    let region = builder().build().unwrap();
    let runs = Runs::default();
    let begin = || {
        let (end, ended) = oneshot::channel();
        (end, refresh(&region, &runs, &[1], ended))
    };
    let (mut end, mut running) = begin();
    running.pending();
    for gone in 1..=5 {
        let (next_end, mut next) = begin();
        next.pending();
        assert_eq!(runs.count(), gone, "it does not wait for its turn");
        drop(std::mem::replace(&mut end, next_end));
        let poll = AssertUnwindSafe(|| running.poll().is_ready());
        assert!(catch_unwind(poll).is_err(), "a creator that is never told its value panics");
        running = next;
        running.pending();
    }
    end.send(9).unwrap();
    assert_eq!(running.ready().unwrap(), [9]);
    assert_eq!(region.stats().unlocked, 0, "somebody created without the turn");
}
