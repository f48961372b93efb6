//! A process that is frozen while it holds a lease.

use std::future::Future;

use dogpile::backend::{BackendExt, Fence, Put, Stored};
use dogpile::{Backend, Owner, hours};
use dogpile_sql_store::SqlStore;
use dogpile_tests::services::{Part, Worker};
use tokio::runtime::Runtime;

use crate::locks::{Seen, until};
use crate::support::{MariaDbDatabase, PostgresDatabase, patient};

const NAME: &str = "l";

async fn store(store: &SqlStore, bytes: &'static str, owner: Owner) -> dogpile::Result<Stored> {
    let fence = Some(Fence { lease: NAME, owner });
    let put = Put { key: "k", bytes: bytes.into(), life: hours(1), fence };
    store.store(&[put], &[], hours(1)).await.map(|stored| stored[0])
}

fn run<T>(work: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(work)
}

/// Holds a lease for an hour, and stores under it when it is told to.
async fn hold(part: Part) {
    let url = &part.arguments()[0];
    let handle = patient(url).connect().await.unwrap();
    let (locks, owner) = (handle.locks().unwrap(), Owner::random());
    assert!(locks.try_acquire(NAME, owner, hours(1)).await.unwrap());
    assert_eq!(store(&handle, "first", owner).await.unwrap(), Stored::Yes);
    part.say("holds");
    part.hear();
    let late = store(&handle, "late", owner).await;
    part.say(if matches!(late, Ok(Stored::Yes)) { "stored" } else { "refused" });
    until("the loss is noticed", async || {
        matches!(locks.renew(NAME, owner, hours(1)).await, Ok(false))
    })
    .await;
    part.say("lost");
}

fn a_frozen_process_loses_its_lease<D: Seen>(test: &str) {
    if let Some(part) = Part::of_this_process() {
        return run(hold(part));
    }
    run(async {
        let database = D::begin().await;
        let mut worker = Worker::spawn(test, "holder", &[&database.url()]).unwrap();
        worker.expect("holds").unwrap();
        let handle = database.store().await;
        let (locks, next) = (handle.locks().unwrap(), Owner::random());
        assert!(!locks.try_acquire(NAME, next, hours(1)).await.unwrap());
        worker.pause().unwrap();
        until("another one has the lease", async || {
            locks.try_acquire(NAME, next, hours(1)).await.unwrap()
        })
        .await;
        assert_eq!(store(&handle, "next", next).await.unwrap(), Stored::Yes);
        worker.resume().unwrap();
        worker.send("go on").unwrap();
        worker.expect("refused").unwrap();
        worker.expect("lost").unwrap();
        assert_eq!(handle.get("k").await.unwrap().unwrap(), "next");
    });
}

#[test]
fn a_frozen_process_loses_its_lease_on_postgres() {
    let test = "frozen::a_frozen_process_loses_its_lease_on_postgres";
    a_frozen_process_loses_its_lease::<PostgresDatabase>(test);
}

#[test]
fn a_frozen_process_loses_its_lease_on_mariadb() {
    let test = "frozen::a_frozen_process_loses_its_lease_on_mariadb";
    a_frozen_process_loses_its_lease::<MariaDbDatabase>(test);
}
