//! Connections that fail under a call: dead before it, or between its work and its answer.

use std::net::SocketAddr;

use dogpile::backend::{Backend, BackendExt, Fence, Put, Stamp, Stored, TagVersion, Writer};
use dogpile::{Owner, hours};
use dogpile_sql_store::{LockKind, SqlStore};
use dogpile_tests::services::Proxy;

use crate::support::{Database, MariaDbDatabase, PostgresDatabase, patient, tests_of};

tests_of! {
    postgres, crate::support::PostgresDatabase,
    a_connection_that_is_dead_costs_no_call
    what_was_done_before_its_answer_was_lost_is_done_once
    a_bump_that_is_made_once_more_brings_no_version_back
}
tests_of! {
    mariadb, crate::support::MariaDbDatabase,
    a_connection_that_is_dead_costs_no_call
    what_was_done_before_its_answer_was_lost_is_done_once
    a_bump_that_is_made_once_more_brings_no_version_back
}

/// A server whose network fails.
pub(crate) trait Reached: Database {
    fn address(&self) -> SocketAddr;

    /// The URL by way of a proxy.
    fn through(&self, proxy: &Proxy) -> String {
        self.url().replacen(
            &self.address().port().to_string(),
            &proxy.address().port().to_string(),
            1,
        )
    }
}

impl Reached for PostgresDatabase {
    fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

impl Reached for MariaDbDatabase {
    fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

/// A store of one connection, whose leases are rows.
async fn store<D: Reached>(database: &D, proxy: &Proxy) -> SqlStore {
    let store = patient(&database.through(proxy)).pool_size(1).locks(LockKind::Rows);
    store.connect().await.unwrap()
}

fn put(lease: &str, owner: Owner) -> Put<'_> {
    Put { key: "k", bytes: "v".into(), life: hours(1), fence: Some(Fence { lease, owner }) }
}

/// Makes every call there is, after `before`.
async fn every_call(store: &SqlStore, before: impl Fn()) {
    let stamps = [Stamp { register: "r", version: TagVersion(7) }];
    let (taints, locks) = (store.taints().unwrap(), store.locks().unwrap());
    let (writer, owner) = (Writer::random(), Owner::random());
    let transactional = store.transactional().unwrap();
    before();
    store.create(&stamps, hours(1)).await.unwrap();
    before();
    store.bump(&stamps, hours(1)).await.unwrap();
    before();
    assert!(locks.try_acquire("l", owner, hours(1)).await.unwrap(), "its own lease");
    before();
    assert!(locks.renew("l", owner, hours(1)).await.unwrap());
    before();
    let stored = store.store(&[put("l", owner)], &["r"], hours(1)).await.unwrap();
    assert_eq!(stored, [Stored::Yes]);
    before();
    assert!(store.get("k").await.unwrap().is_some());
    before();
    locks.release("l", owner).await.unwrap();
    before();
    taints.place(&stamps, writer, hours(1)).await.unwrap();
    before();
    assert!(taints.renew(&["r"], writer, hours(2)).await.unwrap(), "a taint that is there");
    before();
    assert!(taints.lift(&stamps, writer, hours(1)).await.unwrap(), "a taint that is there");
    before();
    store.remove(&["k"]).await.unwrap();
    before();
    store.sweep().await.unwrap();
    before();
    transactional.question().await.unwrap();
    before();
    store.fold().await.unwrap();
    assert!(locks.try_acquire("l", Owner::random(), hours(1)).await.unwrap(), "given back");
    assert!(store.get("k").await.unwrap().is_none(), "removed");
}

async fn a_connection_that_is_dead_costs_no_call<D: Reached>() {
    let database = D::start().await;
    let proxy = Proxy::start(database.address()).unwrap();
    let store = store(&database, &proxy).await;
    every_call(&store, || proxy.cut_all().unwrap()).await;
}

/// The server hears all of a call, and its answer is lost.
async fn what_was_done_before_its_answer_was_lost_is_done_once<D: Reached>() {
    let database = D::start().await;
    let proxy = Proxy::start(database.address()).unwrap();
    let store = store(&database, &proxy).await;
    every_call(&store, || deafen(&proxy)).await;
}

/// Connections that are open hear nothing any more; new ones do.
fn deafen(proxy: &Proxy) {
    proxy.half_close_all().unwrap();
}

/// The version of the first one may have been seen by somebody, and another bump may have come since.
async fn a_bump_that_is_made_once_more_brings_no_version_back<D: Reached>() {
    let database = D::start().await;
    let proxy = Proxy::start(database.address()).unwrap();
    let (store, other) = (store(&database, &proxy).await, database.store().await);
    let version = async || other.read(&[], &["r"]).await.unwrap().versions[0].unwrap();
    let stamps = [Stamp { register: "r", version: TagVersion(7) }];
    // A connection that was deafened while it went back to its pool is not used again, and then there
    // is nothing to be made once more.
    for _ in 0..20 {
        store.bump(&stamps, hours(1)).await.unwrap();
        assert_eq!(version().await, TagVersion(7));
        deafen(&proxy);
        store.bump(&stamps, hours(1)).await.unwrap();
        if version().await != TagVersion(7) {
            return;
        }
    }
    panic!("the second one is never another one");
}
