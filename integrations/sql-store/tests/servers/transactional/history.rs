//! Histories: there is no moment at which a cached read is older than a committed write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use dogpile::millis;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::support::{App, Fixture, ITEMS, run, update, within};
use crate::support::on_each_database;

on_each_database! {
    i1_a_cached_read_is_never_older_than_what_is_committed
}

/// Rounds of each writer.
const ROUNDS: usize = 60;

async fn i1_a_cached_read_is_never_older_than_what_is_committed<D: App>() {
    let fixture = Arc::new(Fixture::<D>::start().await);
    let store = fixture.database.store().await;
    let committed: Arc<Vec<AtomicI64>> = Arc::new((0..=ITEMS).map(|_| AtomicI64::new(0)).collect());
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    // One writer each for some rows: what it has committed is then the version of the row.
    for id in 1..=3_i64 {
        let (fixture, committed) = (Arc::clone(&fixture), Arc::clone(&committed));
        writers.spawn(async move {
            let slot = &committed[usize::try_from(id).unwrap()];
            for round in 0..ROUNDS {
                // Without a pause no read would find what an earlier one has stored.
                sleep(millis(u64::try_from(round % 4).unwrap())).await;
                // SQLite refuses one of two writers now and then.
                let is_committed = match round % 3 {
                    0 => D::write(&fixture.db, id).await.is_ok(),
                    kind => {
                        let Ok(mut tx) = fixture.db.begin().await else { continue };
                        let written = run(&mut tx, &update(id)).await.is_ok();
                        if kind == 1 && written {
                            tx.commit().await.is_ok()
                        } else {
                            tx.rollback().await.unwrap();
                            false
                        }
                    }
                };
                slot.fetch_add(i64::from(is_committed), Ordering::SeqCst);
            }
        });
    }
    let mut others = JoinSet::new();
    for reader in 0..3_i64 {
        let (fixture, committed) = (Arc::clone(&fixture), Arc::clone(&committed));
        let done = Arc::clone(&done);
        others.spawn(async move {
            let mut id = reader;
            while !done.load(Ordering::SeqCst) {
                id = id % 3 + 1;
                let acknowledged = committed[usize::try_from(id).unwrap()].load(Ordering::SeqCst);
                let seen = D::truth(&fixture.raw, id).await;
                let db = if reader == 0 { &fixture.db } else { &fixture.other };
                let cached = D::cached(db, id).await;
                assert!(
                    cached >= seen,
                    "row {id}: {cached} from the cache, {seen} was seen before"
                );
                assert!(cached >= acknowledged, "row {id}: {cached}, {acknowledged} was committed");
            }
        });
    }
    {
        let done = Arc::clone(&done);
        others.spawn(async move {
            while !done.load(Ordering::SeqCst) {
                let _ = store.fold().await;
                tokio::task::yield_now().await;
            }
        });
    }
    within("writers", async {
        while let Some(joined) = writers.join_next().await {
            joined.unwrap();
        }
    })
    .await;
    done.store(true, Ordering::SeqCst);
    within("readers", async {
        while let Some(joined) = others.join_next().await {
            joined.unwrap();
        }
    })
    .await;
    fixture.is_true_for_all("at the end").await;
    let hits = fixture.db.region().stats().hits + fixture.other.region().stats().hits;
    assert!(hits > 0, "nothing was served from the cache");
}
