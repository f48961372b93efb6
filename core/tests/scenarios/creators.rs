//! Who creates, who waits, and what happens to those who wait.

use std::sync::Arc;
use std::time::Duration;

use dogpile::{Invalidation, Region, minutes, secs};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::support::{Pair, Runs, everywhere, failure, made};

/// A creator that counts its runs and ends when it is let go.
#[derive(Clone)]
struct Gate {
    runs: Runs,
    open: Arc<Semaphore>,
}

impl Gate {
    fn new() -> Self {
        Self { runs: Runs::default(), open: Arc::new(Semaphore::new(0)) }
    }

    async fn pass(&self) -> usize {
        let run = self.runs.add();
        self.open.acquire().await.unwrap().forget();
        run
    }

    /// Waits until `runs` creators are at the gate or past it.
    async fn reached(&self, runs: usize) {
        while self.runs.count() < runs {
            tokio::task::yield_now().await;
        }
    }
}

/// Which of a pair's regions the caller of this number uses.
fn of(pair: &Pair, caller: usize) -> Region {
    if caller.is_multiple_of(2) { pair.a.clone() } else { pair.b.clone() }
}

/// A hundred callers on both regions, each begun before this returns.
async fn hundred(pair: &Pair, gate: &Gate) -> Vec<JoinHandle<usize>> {
    let mut callers = Vec::new();
    for caller in 0..100 {
        let (region, gate) = (of(pair, caller), gate.clone());
        callers.push(tokio::spawn(async move {
            let created =
                region.entry("k").tag("t").get_or_create(async || made(gate.pass().await));
            *created.await.unwrap()
        }));
    }
    tokio::task::yield_now().await;
    callers
}

#[tokio::test]
async fn s167_a_hundred_misses_of_one_key_are_one_query() {
    for pair in everywhere(|builder| builder.lease(secs(100))) {
        let gate = Gate::new();
        let callers = hundred(&pair, &gate).await;
        gate.reached(1).await;
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        gate.open.add_permits(100);
        for caller in callers {
            assert_eq!(caller.await.unwrap(), 1, "{}: another result", pair.place);
        }
        assert_eq!(gate.runs.count(), 1, "{}: queries", pair.place);
        assert_eq!((pair.a.stats().flights, pair.b.stats().flights), (0, 0));
    }
}

#[tokio::test]
async fn s168_a_failed_leader_keeps_its_error_and_one_of_the_others_leads() {
    for pair in everywhere(|builder| builder.lease(secs(100))) {
        let gate = Gate::new();
        let (region, first) = (pair.a.clone(), gate.clone());
        let leader = tokio::spawn(async move {
            let created = region.entry("k").tag("t").get_or_create(async || {
                first.pass().await;
                failure::<usize>()
            });
            created.await.map(|value| *value)
        });
        gate.reached(1).await;
        let callers = hundred(&pair, &gate).await;
        gate.open.add_permits(100);
        let error = leader.await.unwrap().unwrap_err();
        assert!(error.to_string().contains("the database said no"), "{error}");
        for caller in callers {
            assert_eq!(caller.await.unwrap(), 2, "{}: another result", pair.place);
        }
        assert_eq!(gate.runs.count(), 2, "{}: queries", pair.place);
        assert_eq!((pair.a.stats().flights, pair.b.stats().flights), (0, 0));
    }
}

#[tokio::test]
async fn s169_a_leader_that_panics_or_goes_away_leaves_the_lead_at_once() {
    for pair in everywhere(|builder| builder.lease(secs(100))) {
        for panics in [true, false] {
            let gate = Gate::new();
            let (region, first) = (pair.a.clone(), gate.clone());
            let leader = tokio::spawn(async move {
                let created = region.entry("k").tag("t").get_or_create(async || {
                    let run = first.pass().await;
                    assert!(!panics, "a panic that the test asked for");
                    made(run)
                });
                *created.await.unwrap()
            });
            gate.reached(1).await;
            let callers = hundred(&pair, &gate).await;
            if panics {
                gate.open.add_permits(1);
            } else {
                leader.abort();
            }
            assert_eq!(leader.await.unwrap_err().is_panic(), panics);
            // Nobody waits for the lease of the one who is gone: it is given back.
            gate.reached(2).await;
            gate.open.add_permits(100);
            for caller in callers {
                assert_eq!(caller.await.unwrap(), 2, "{}: another result", pair.place);
            }
            assert_eq!(gate.runs.count(), 2, "{}: queries", pair.place);
            assert_eq!((pair.a.stats().flights, pair.b.stats().flights), (0, 0));
            pair.a.invalidate(["t"]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn s176_of_fifty_readers_one_refreshes_and_the_others_are_served_within_the_bound() {
    for pair in everywhere(|builder| builder.stale_for(minutes(5)).lease(secs(10_000))) {
        let place = pair.place;
        pair.a.entry("k").tag("t").set(0_usize).await.unwrap();
        pair.a.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
        let gate = Gate::new();
        let read = |region: Region, gate: Gate| async move {
            let created =
                region.entry("k").tag("t").get_or_create(async || made(gate.pass().await));
            *created.await.unwrap()
        };
        let refresher = tokio::spawn(read(pair.a.clone(), gate.clone()));
        gate.reached(1).await;
        for reader in 1..50 {
            assert_eq!(
                read(of(&pair, reader), gate.clone()).await,
                0,
                "{place}: not the old value"
            );
        }
        assert_eq!(gate.runs.count(), 1, "{place}: refreshes");
        // Who accepts nothing stale waits for the value that is being made.
        let (region, second) = (pair.a.clone(), gate.clone());
        let (begun, has_begun) = oneshot::channel();
        let writer = tokio::spawn(async move {
            let entry = region.entry("k").tag("t").stale_for(Duration::ZERO);
            let created = entry.get_or_create(async || made(second.pass().await));
            begun.send(()).unwrap();
            *created.await.unwrap()
        });
        has_begun.await.unwrap();
        gate.open.add_permits(50);
        assert_eq!(refresher.await.unwrap(), 1, "{place}");
        assert_eq!(writer.await.unwrap(), 1, "{place}: the writer was served the old value");
        assert_eq!(gate.runs.count(), 1, "{place}: refreshes");
        assert_eq!(read(pair.b.clone(), gate.clone()).await, 1, "{place}");
        // Past the bound nobody is served what is old.
        pair.clock.advance(secs(600));
        assert_eq!(read(pair.a.clone(), gate.clone()).await, 2, "{place}: served past its bound");
    }
}

#[tokio::test]
async fn s176_a_writer_is_never_served_what_it_has_just_changed() {
    for pair in everywhere(|builder| builder.stale_for(minutes(5))) {
        let read = async |value: u64| {
            *pair.a.entry("k").tag("t").get_or_create(async || made(value)).await.unwrap()
        };
        for value in 1..10 {
            pair.a.write_guard(dogpile::Tag::new("t")).bump().await.unwrap();
            assert_eq!(read(value).await, value, "{}", pair.place);
        }
    }
}
