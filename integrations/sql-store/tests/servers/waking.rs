//! Whoever waits for a lease is told when it is given back.

use std::sync::Arc;

use dogpile::backend::{Backend, BackendExt};
use dogpile::{BoxFuture, Locks, Owner, hours, secs};
use dogpile_sql_store::SqlStore;
use futures_util::FutureExt;
use tokio::time::timeout;

use crate::support::{Database, File, MariaDbDatabase, PostgresDatabase};

type Freed = BoxFuture<'static, ()>;

/// Waits, and is heard by now: leases of no other name are given back until one was told.
async fn waits(waiting: &Arc<dyn Locks>, store: &SqlStore, name: &str) -> Freed {
    let freed = waiting.freed(name).unwrap();
    let locks = store.locks().unwrap();
    let hears = async {
        loop {
            let probe = waiting.freed("probe").unwrap();
            let owner = Owner::random();
            assert!(locks.try_acquire("probe", owner, hours(1)).await.unwrap());
            locks.release("probe", owner).await.unwrap();
            if timeout(secs(1), probe).await.is_ok() {
                return;
            }
        }
    };
    timeout(secs(60), hears).await.expect("it never hears");
    freed
}

async fn told(freed: Freed) {
    timeout(secs(60), freed).await.expect("nobody tells");
}

/// There is no poll in this test: what resolves was told.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_given_back_is_told_to_whoever_waits_for_it() {
    let database = PostgresDatabase::start().await;
    let (holder, other) = (database.store().await, database.store().await);
    let (locks, waiting) = (holder.locks().unwrap(), other.locks().unwrap());
    let names = ["lease", "é'\",\u{1}\0", &"x".repeat(255)];
    for name in names {
        let owner = Owner::random();
        assert!(locks.try_acquire(name, owner, hours(1)).await.unwrap());
        let mut freed = waits(&waiting, &holder, name).await;
        // A stranger gives nothing back.
        locks.release(name, Owner::random()).await.unwrap();
        locks.renew(name, owner, hours(1)).await.unwrap();
        let marker = waits(&waiting, &holder, name).await;
        assert!((&mut freed).now_or_never().is_none(), "{name:?}");
        locks.release(name, owner).await.unwrap();
        told(freed).await;
        told(marker).await;

        assert!(locks.try_acquire(name, owner, hours(1)).await.unwrap());
        let freed = waits(&waiting, &holder, name).await;
        locks.abandon(name, owner);
        told(freed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_waiters_keeps_no_connection_to_listen() {
    let database = PostgresDatabase::start().await;
    let store = database.store().await;
    let locks = store.locks().unwrap();
    let owner = Owner::random();
    assert!(locks.try_acquire("lease", owner, hours(1)).await.unwrap());
    store.put("k", "v", hours(1)).await.unwrap();
    locks.release("lease", owner).await.unwrap();
    let listening =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dogpile listen'";
    assert_eq!(database.number(listening).await, 0);
    let _freed = waits(&locks, &store, "lease").await;
    assert_eq!(database.number(listening).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_databases_tell_nobody() {
    for locks in [
        File::start().await.store().await.locks(),
        MariaDbDatabase::start().await.store().await.locks(),
    ] {
        assert!(locks.unwrap().freed("lease").is_none());
    }
}
