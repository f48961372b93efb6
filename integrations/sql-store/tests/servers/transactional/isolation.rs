//! Tokens fail no transaction that would not have failed by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dogpile::{Freshness, Reason, Region, minutes};
use dogpile_sqlx::CachedPool;
use tokio::task::JoinSet;

use super::support::{App, ITEMS, degraded, items, region, run, update, within};
use crate::support::{MariaDbDatabase, PostgresDatabase};

const WRITES: usize = 30;

/// Writers of rows of their own, readers of all of them, and a fold; how many writes failed.
async fn failures<D: App>(database: Arc<D>, level: &str, freshness: Freshness) -> u64 {
    let connections = u32::try_from(ITEMS).unwrap() + 2;
    let pool = database.told(&D::isolation(level), connections).await;
    let (region, store) = match freshness {
        Freshness::Ttl => (Region::builder("none").ttl(minutes(5)).freshness(freshness), None),
        _ => (region(&*database), Some(database.store().await)),
    };
    let db = CachedPool::new(pool, region.build().unwrap());
    // What is asked once, such as the keys of a table, is asked now: its snapshot keeps the server from
    // clearing the page of the rows, and where that is full, writers meet in the index all have read.
    D::write(&db, 1).await.unwrap();
    D::cached(&db, 1).await;
    let (failed, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut writers = JoinSet::new();
    for id in 1..=ITEMS {
        let (db, failed) = (db.clone(), Arc::clone(&failed));
        writers.spawn(async move {
            for n in 0..WRITES {
                let written = if n % 3 == 0 {
                    D::write(&db, id).await.map(drop)
                } else {
                    let mut tx = db.begin().await.unwrap();
                    match run(&mut tx, &update(id)).await {
                        Ok(()) => tx.commit().await,
                        Err(error) => Err(error),
                    }
                };
                failed.fetch_add(u64::from(written.is_err()), Ordering::SeqCst);
            }
        });
    }
    let mut others = JoinSet::new();
    {
        let (db, done) = (db.clone(), Arc::clone(&done));
        others.spawn(async move {
            while !done.load(Ordering::SeqCst) {
                for id in 1..=ITEMS {
                    D::cached(&db, id).await;
                }
            }
        });
    }
    if let Some(store) = store {
        let done = Arc::clone(&done);
        others.spawn(async move {
            while !done.load(Ordering::SeqCst) {
                store.fold().await.unwrap();
            }
        });
    }
    within("writers", async { while writers.join_next().await.is_some() {} }).await;
    done.store(true, Ordering::SeqCst);
    within("readers", async { while others.join_next().await.is_some() {} }).await;
    if freshness == Freshness::Transactional {
        // A script that meets a conflict is taken back, and fails no write and no later script.
        let stats = db.region().stats();
        assert_eq!(degraded(db.region(), Reason::NOT_TRANSACTIONAL), 0, "{stats:#}");
        assert_eq!(degraded(db.region(), Reason::SCRIPT_FAILED), stats.degraded, "{stats:#}");
    }
    failed.load(Ordering::SeqCst)
}

async fn tokens_fail_nothing<D: App>(level: &str) {
    let database = Arc::new(items::<D>().await);
    let without = failures(Arc::clone(&database), level, Freshness::Ttl).await;
    let with = failures(database, level, Freshness::Transactional).await;
    assert_eq!((without, with), (0, 0), "failed writes without tokens, and with them");
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_under_read_committed_fail_nowhere_on_postgres() {
    tokens_fail_nothing::<PostgresDatabase>("read committed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_under_repeatable_read_fail_nowhere_on_postgres() {
    tokens_fail_nothing::<PostgresDatabase>("repeatable read").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_under_serializable_fail_nowhere_on_postgres() {
    tokens_fail_nothing::<PostgresDatabase>("serializable").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_under_read_committed_fail_nowhere_on_mariadb() {
    tokens_fail_nothing::<MariaDbDatabase>("READ COMMITTED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_under_repeatable_read_fail_nowhere_on_mariadb() {
    tokens_fail_nothing::<MariaDbDatabase>("REPEATABLE READ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_under_serializable_fail_nowhere_on_mariadb() {
    tokens_fail_nothing::<MariaDbDatabase>("SERIALIZABLE").await;
}
