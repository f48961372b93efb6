//! Pools whose connections are taken, and stores over the pools of the application.

use std::time::Duration;

use dogpile::backend::{Backend, BackendExt, Put, Stamp, TagVersion, Writer};
use dogpile::{ErrorKind, Owner, Result, hours, millis, secs};
use dogpile_sql_store::{LockKind, SqlStore};
use dogpile_tests::services::{Faults, Proxy};
use futures_util::future::poll_immediate;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::lost::Reached;
use crate::support::{Database, on_each_database, tests_of};

on_each_database! {
    a_taken_pool_of_one_connection_is_an_error_and_no_deadlock
    a_call_that_nobody_asks_any_more_holds_up_nobody
}

tests_of! {
    slow_postgres, crate::support::PostgresDatabase,
    a_crowd_waits_for_its_turn
}
tests_of! {
    slow_mariadb, crate::support::MariaDbDatabase,
    a_crowd_waits_for_its_turn
}

/// So long that only a deadlock reaches it.
const DEADLOCK: Duration = secs(60);

async fn refused<T>(what: &str, call: impl Future<Output = Result<T>>) {
    let done = timeout(DEADLOCK, call).await.unwrap_or_else(|_| panic!("{what}: waits for ever"));
    let error = done.err().unwrap_or_else(|| panic!("{what}: done without a connection"));
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("no connection was free within 20ms"), "{what}: {error}");
}

async fn every_call_is_refused(store: &SqlStore) {
    let stamps = [Stamp { register: "r", version: TagVersion(7) }];
    let puts = [Put { key: "k", bytes: "v".into(), life: hours(1), fence: None }];
    let (taints, locks) = (store.taints().unwrap(), store.locks().unwrap());
    let (writer, owner) = (Writer::random(), Owner::random());
    refused("read", store.read(&["k"], &["r"])).await;
    refused("create", store.create(&stamps, hours(1))).await;
    refused("bump", store.bump(&stamps, hours(1))).await;
    refused("store", store.store(&puts, &["r"], hours(1))).await;
    refused("remove", store.remove(&["k"])).await;
    refused("acquire", locks.try_acquire("l", owner, hours(1))).await;
    refused("renew", locks.renew("l", owner, hours(1))).await;
    refused("release", locks.release("l", owner)).await;
    refused("place", taints.place(&stamps, writer, hours(1))).await;
    refused("renew taint", taints.renew(&["r"], writer, hours(1))).await;
    refused("lift", taints.lift(&stamps, writer, hours(1))).await;
    refused("sweep", store.sweep()).await;
}

async fn a_taken_pool_of_one_connection_is_an_error_and_no_deadlock<D: Database>() {
    let database = D::start().await;
    let pool = database.pool(1).await;
    let store = D::over(pool.clone()).acquire_timeout(millis(20)).sweep(secs(0));
    let store = store.locks(LockKind::Rows).open().unwrap();
    let taken = pool.acquire().await.unwrap();
    every_call_is_refused(&store).await;
    drop(taken);
    let patient = D::over(pool).acquire_timeout(secs(30)).sweep(secs(0)).open().unwrap();
    assert_eq!(patient.identity(), store.identity());
    patient.put("k", "v", hours(1)).await.unwrap();
    assert_eq!(patient.get("k").await.unwrap().unwrap(), "v");
}

/// Its future is neither dropped nor polled: a caller that waits in a `select!` has moved on.
async fn a_call_that_nobody_asks_any_more_holds_up_nobody<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    let stamps = [Stamp { register: "r", version: TagVersion(7) }];
    for polls in 0..6 {
        let mut left = Box::pin(store.bump(&stamps, hours(1)));
        for _ in 0..polls {
            if poll_immediate(&mut left).await.is_some() {
                left = Box::pin(store.bump(&stamps, hours(1)));
            }
            tokio::task::yield_now().await;
        }
        store.bump(&stamps, hours(1)).await.unwrap();
        store.put("k", "v", hours(1)).await.unwrap();
        drop(left);
    }
}

/// All of them together take many times as long as one waits for a connection that is to be made.
async fn a_crowd_waits_for_its_turn<D: Reached>() {
    let database = D::start().await;
    let proxy = Proxy::start(database.address()).unwrap();
    let store = SqlStore::builder(&database.through(&proxy)).unwrap().pool_size(1);
    let store =
        store.connect_timeout(secs(30)).statement_timeout(secs(30)).acquire_timeout(millis(20));
    let store = store.locks(LockKind::Rows).sweep(secs(0)).fold(secs(0)).connect().await.unwrap();
    proxy.set(Faults { reply_delay: millis(5), ..Faults::default() }).unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..100 {
        let store = store.clone();
        crowd.spawn(async move { store.read(&["k"], &["r"]).await.map(drop) });
    }
    let failed: Vec<_> = crowd.join_all().await.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} lookups failed: {}", failed.len(), failed[0]);
}
