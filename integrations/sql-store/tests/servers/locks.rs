//! Leases that are locks of a server: seen there while they are held, and gone with their session.

use std::sync::Arc;

use dogpile::backend::{BackendExt, Fence, Put, Stored};
use dogpile::{Backend, Error, ErrorKind, Locks, Owner, hours, millis, secs};
use dogpile_sql_store::SqlStore;
use futures_util::future::{self, join_all, poll_immediate};
use tokio::time::{sleep, timeout};

use crate::support::{Database, MariaDbDatabase, PostgresDatabase, patient, tests_of};

tests_of! {
    postgres, crate::support::PostgresDatabase,
    a_held_lease_is_a_lock_and_one_given_back_is_none
    whoever_goes_away_leaves_no_lock
    a_lease_whose_session_is_ended_is_lost
    the_locks_of_a_dropped_store_are_gone
    locks_end_at_the_cap_and_leases_do_not
    twenty_thousand_keys_leave_the_server_well
    many_leases_are_had_at_once
    a_taken_pool_keeps_nobody_from_a_lease
}
tests_of! {
    mariadb, crate::support::MariaDbDatabase,
    a_held_lease_is_a_lock_and_one_given_back_is_none
    whoever_goes_away_leaves_no_lock
    a_lease_whose_session_is_ended_is_lost
    the_locks_of_a_dropped_store_are_gone
    locks_end_at_the_cap_and_leases_do_not
    twenty_thousand_keys_leave_the_server_well
    many_leases_are_had_at_once
    a_taken_pool_keeps_nobody_from_a_lease
}

const NAME: &str = "l";

/// What a server says of locks.
pub(crate) trait Seen: Database {
    /// How many are held.
    const HELD: &'static str;
    /// How many sessions are for locks.
    const SESSIONS: &'static str;

    /// Ends the sessions that hold locks.
    async fn end_sessions(&self);

    /// Makes locks visible.
    async fn begin() -> Self;
}

impl Seen for PostgresDatabase {
    const HELD: &'static str =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    const SESSIONS: &'static str =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dogpile locks'";

    async fn end_sessions(&self) {
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
        )
        .await;
    }

    async fn begin() -> Self {
        Self::start().await
    }
}

impl Seen for MariaDbDatabase {
    const HELD: &'static str =
        "SELECT count(*) FROM information_schema.metadata_lock_info WHERE lock_type = 'User lock'";
    const SESSIONS: &'static str = "SELECT count(DISTINCT thread_id) FROM \
                                    information_schema.metadata_lock_info WHERE lock_type = 'User lock'";

    async fn end_sessions(&self) {
        let id = "SELECT CAST(thread_id AS SIGNED) FROM information_schema.metadata_lock_info \
                  WHERE lock_type = 'User lock' LIMIT 1";
        let id = self.number(id).await;
        self.run(&format!("KILL {id}")).await;
    }

    async fn begin() -> Self {
        let database = Self::start().await;
        database.run("INSTALL SONAME 'metadata_lock_info'").await;
        database
    }
}

pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waited = timeout(secs(60), async {
        while !is_so().await {
            sleep(millis(20)).await;
        }
    });
    waited.await.unwrap_or_else(|_: _| panic!("in vain: {what}"));
}

fn put<'a>(bytes: &'static str, lease: &'a str, owner: Owner) -> Put<'a> {
    Put { key: "k", bytes: bytes.into(), life: hours(1), fence: Some(Fence { lease, owner }) }
}

async fn stored(store: &SqlStore, bytes: &'static str, owner: Owner) -> Result<Stored, Error> {
    store.store(&[put(bytes, NAME, owner)], &["r"], hours(1)).await.map(|stored| stored[0])
}

async fn a_held_lease_is_a_lock_and_one_given_back_is_none<D: Seen>() {
    let database = D::begin().await;
    let (store, other) = (database.store().await, database.store().await);
    let (locks, others) = (store.locks().unwrap(), other.locks().unwrap());
    let owner = Owner::random();
    assert!(locks.try_acquire(NAME, owner, hours(1)).await.unwrap());
    assert_eq!(database.number(D::HELD).await, 1);
    assert!(!others.try_acquire(NAME, Owner::random(), hours(1)).await.unwrap());
    assert_eq!(stored(&store, "held", owner).await.unwrap(), Stored::Yes);
    assert_eq!(store.get("k").await.unwrap().unwrap(), "held");
    assert_eq!(stored(&other, "others", owner).await.unwrap(), Stored::Fenced);
    locks.release(NAME, owner).await.unwrap();
    assert_eq!(database.number(D::HELD).await, 0, "a lease that was given back");
    assert_eq!(stored(&store, "late", owner).await.unwrap(), Stored::Fenced);
    // Nobody gives this one back.
    assert!(others.try_acquire(NAME, Owner::random(), millis(300)).await.unwrap());
    until("the end of a lease", async || database.number(D::HELD).await == 0).await;
    assert!(locks.try_acquire(NAME, Owner::random(), hours(1)).await.unwrap());
    assert_eq!(database.number("SELECT count(*) FROM dogpile_lease").await, 0, "rows of leases");
}

/// Drops a call at each of its awaits.
async fn whoever_goes_away_leaves_no_lock<D: Seen>() {
    let database = D::begin().await;
    let store = database.store().await;
    let locks = store.locks().unwrap();
    let mut granted = 0;
    for polls in 0..6 {
        let name = format!("l{polls}");
        let owner = Owner::random();
        {
            let mut asking = locks.try_acquire(&name, owner, hours(1));
            for _ in 0..polls {
                if poll_immediate(&mut asking).await.is_some() {
                    granted += 1;
                    break;
                }
                sleep(millis(5)).await;
            }
        }
        let mut giving = locks.release(&name, owner);
        let _ = poll_immediate(&mut giving).await;
        drop(giving);
        until("no lock is left", async || database.number(D::HELD).await == 0).await;
        assert!(!locks.renew(&name, owner, hours(1)).await.unwrap());
    }
    assert!(granted > 0, "every call was dropped too early to be granted");
    let owner = Owner::random();
    assert!(locks.try_acquire(NAME, owner, hours(1)).await.unwrap());
    locks.abandon(NAME, owner);
    until("no lock is left", async || database.number(D::HELD).await == 0).await;
}

async fn a_lease_whose_session_is_ended_is_lost<D: Seen>() {
    let database = D::begin().await;
    let (store, other) = (database.store().await, database.store().await);
    let (locks, others) = (store.locks().unwrap(), other.locks().unwrap());
    let (owner, next) = (Owner::random(), Owner::random());
    assert!(locks.try_acquire(NAME, owner, hours(1)).await.unwrap());
    database.end_sessions().await;
    until("another one has the lease", async || {
        others.try_acquire(NAME, next, hours(1)).await.unwrap()
    })
    .await;
    assert_eq!(stored(&other, "next", next).await.unwrap(), Stored::Yes);
    let late = stored(&store, "late", owner).await;
    assert!(!matches!(late, Ok(Stored::Yes)), "stored under a lost lease");
    // As soon as it is heard of, without a call that needs the session.
    until("the loss is noticed", async || {
        matches!(locks.renew(NAME, owner, hours(1)).await, Ok(false))
    })
    .await;
    assert_eq!(stored(&store, "later", owner).await.unwrap(), Stored::Fenced);
    assert_eq!(store.get("k").await.unwrap().unwrap(), "next");
    others.release(NAME, next).await.unwrap();
    until("there is a session again", async || {
        matches!(locks.try_acquire(NAME, owner, hours(1)).await, Ok(true))
    })
    .await;
    assert_eq!(stored(&store, "again", owner).await.unwrap(), Stored::Yes);
}

async fn the_locks_of_a_dropped_store_are_gone<D: Seen>() {
    let database = D::begin().await;
    let store = database.store().await;
    let locks = store.locks().unwrap();
    assert!(locks.try_acquire(NAME, Owner::random(), hours(1)).await.unwrap());
    assert_eq!(database.number(D::SESSIONS).await, 1);
    drop((store, locks));
    until("the session is gone", async || database.number(D::SESSIONS).await == 0).await;
    assert_eq!(database.number(D::HELD).await, 0);
}

async fn locks_end_at_the_cap_and_leases_do_not<D: Seen>() {
    let database = D::begin().await;
    let store = patient(&database.url()).max_locks(3).connect().await.unwrap();
    let locks = store.locks().unwrap();
    let owner = Owner::random();
    for n in 0..5 {
        assert!(locks.try_acquire(&format!("l{n}"), owner, hours(1)).await.unwrap());
    }
    assert_eq!(database.number(D::HELD).await, 3);
    assert!(!locks.try_acquire("l4", Owner::random(), hours(1)).await.unwrap());
    let under = async |lease, owner| {
        store.store(&[put("v", lease, owner)], &[], hours(1)).await.unwrap()[0]
    };
    assert_eq!(under("l4", owner).await, Stored::Yes);
    assert_eq!(under("l4", Owner::random()).await, Stored::Fenced);
    for n in 0..5 {
        locks.release(&format!("l{n}"), owner).await.unwrap();
    }
    assert_eq!(under("l4", owner).await, Stored::Fenced);
    assert_eq!(database.number(D::HELD).await, 0);
}

/// Takes a lease, stores under it and gives it back.
async fn create(store: SqlStore, locks: Arc<dyn Locks>, n: usize) {
    let (name, owner) = (format!("key {n}"), Owner::random());
    assert!(locks.try_acquire(&name, owner, secs(60)).await.unwrap(), "{name}");
    let fence = Some(Fence { lease: &name, owner });
    let put = Put { key: &name, bytes: "v".into(), life: hours(1), fence };
    assert_eq!(store.store(&[put], &[], hours(1)).await.unwrap(), [Stored::Yes]);
    locks.release(&name, owner).await.unwrap();
}

async fn twenty_thousand_keys_leave_the_server_well<D: Seen>() {
    const KEYS: usize = 20_000;
    let database = D::begin().await;
    let store = patient(&database.url()).statement_timeout(secs(60)).connect().await.unwrap();
    let locks = store.locks().unwrap();
    let creating = (0..KEYS).map(|n| create(store.clone(), Arc::clone(&locks), n));
    let watching = async {
        let mut most = 0;
        loop {
            // A session of its own each time: others can connect.
            most = most.max(database.number(D::HELD).await);
            sleep(millis(50)).await;
            if database.number("SELECT count(*) FROM dogpile_entry").await >= 20_000 {
                return most;
            }
        }
    };
    let both = future::join(watching, join_all(creating));
    let (most, _) = timeout(secs(300), both).await.expect("20,000 keys are created");
    assert!((1..=128).contains(&most), "{most} locks at once");
    assert_eq!(database.number(D::HELD).await, 0);
}

async fn many_leases_are_had_at_once<D: Seen>() {
    let database = D::begin().await;
    let store = patient(&database.url()).max_locks(20_000).connect().await.unwrap();
    let locks = store.locks().unwrap();
    let owner = Owner::random();
    let names: Vec<String> = (0..2_000).map(|n| format!("l{n}")).collect();
    let asking = names.iter().map(|name| locks.try_acquire(name, owner, hours(1)));
    assert!(join_all(asking).await.into_iter().all(|granted| granted.unwrap()));
    assert_eq!(database.number(D::HELD).await, 2_000);
    let giving = names.iter().map(|name| locks.release(name, owner));
    join_all(giving).await.into_iter().for_each(|given| given.unwrap());
    assert_eq!(database.number(D::HELD).await, 0);
}

async fn a_taken_pool_keeps_nobody_from_a_lease<D: Seen>() {
    let database = D::begin().await;
    let pool = database.pool(1).await;
    let store = D::over(pool.clone()).acquire_timeout(secs(30)).statement_timeout(secs(30));
    let store = store.sweep(secs(0)).connect().await.unwrap();
    let taken = pool.acquire().await.unwrap();
    let (locks, owner) = (store.locks().unwrap(), Owner::random());
    assert!(locks.try_acquire(NAME, owner, hours(1)).await.unwrap());
    assert_eq!(stored(&store, "v", owner).await.unwrap(), Stored::Yes);
    locks.release(NAME, owner).await.unwrap();
    drop(taken);
    assert_eq!(store.get("k").await.unwrap().unwrap(), "v");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_an_error_and_no_wait() {
    let builder = SqlStore::builder("postgres://a@127.0.0.1:1/b").unwrap();
    let locks = builder.sweep(secs(0)).open().unwrap().locks().unwrap();
    for _ in 0..3 {
        let asked = timeout(secs(30), locks.try_acquire(NAME, Owner::random(), hours(1)));
        let error = asked.await.expect("a lease is waited for").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    assert!(!locks.renew(NAME, Owner::random(), hours(1)).await.unwrap());
    locks.release(NAME, Owner::random()).await.unwrap();
}
