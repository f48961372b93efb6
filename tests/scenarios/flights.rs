//! Many callers, one read: who sends it, who waits, and what becomes of those who wait.
//!
//! The gate in these scenarios is the pool itself. A client whose connections are held cannot send
//! what it is asked for; everybody who asks meanwhile is in the flight when the gate opens.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile_sqlx::QueryCacheExt;
use futures_util::FutureExt;
use futures_util::future::{join, join_all};
use sqlx::{Error, FromRow, Row as _};

use crate::fixture::{Db, DriverRow, Events, interrupted, poll_once, rows_of};

const READ: &str = "SELECT id, name FROM tag ORDER BY id";
const WRITE: &str = "UPDATE tag SET name = 'pink' WHERE id = 1";

async fn s167_a_hundred_misses_of_one_key() {
    let db = Db::new().await;
    let held = db.hold().await;
    db.statements.reset();
    let reads = (0..100).map(|_| rows_of(READ).cached().fetch_all(&db.pool));
    let mut reads = Box::pin(join_all(reads));
    assert!(poll_once(&mut reads).await.is_none());
    assert_eq!(db.pool.region().stats().misses, 100);
    assert_eq!(db.pool.region().stats().flights, 1);
    drop(held);
    let truth = db.truth(READ).await;
    for rows in reads.await {
        assert_eq!(rows.unwrap(), truth);
    }
    assert_eq!(db.statements.count(), 1);
}

async fn s167_a_hundred_tasks_on_four_threads() {
    let db = Db::new().await;
    let held = db.hold().await;
    db.statements.reset();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let pool = db.pool.clone();
            tokio::spawn(async move { rows_of(READ).cached().fetch_all(&pool).await })
        })
        .collect();
    drop(held);
    let truth = db.truth(READ).await;
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), truth);
    }
    assert_eq!(db.statements.count(), 1);
}

/// A tag that decodes badly as often as `N` says, in the first places.
#[derive(Debug, Clone, PartialEq)]
struct Fragile<const PANICS: bool>(i64);

/// How many rows are still to decode badly, by whether that is a panic.
static BAD_ROWS: [AtomicUsize; 2] = [AtomicUsize::new(1), AtomicUsize::new(1)];

impl<const PANICS: bool> FromRow<'_, DriverRow> for Fragile<PANICS> {
    fn from_row(row: &DriverRow) -> Result<Self, Error> {
        let left = BAD_ROWS[usize::from(PANICS)].fetch_update(
            Ordering::SeqCst,
            Ordering::SeqCst,
            |left| left.checked_sub(1),
        );
        match left {
            Ok(_) if PANICS => panic!("a bad row"),
            Ok(_) => Err(Error::Decode("a bad row".into())),
            Err(_) => row.try_get(0).map(Self),
        }
    }
}

async fn s168_the_leader_fails() {
    let db = Db::new().await;
    let held = db.hold().await;
    db.statements.reset();
    let query = || sqlx::query_as::<_, Fragile<false>>(READ).cached().fetch_all(&db.pool);
    let mut reads = Box::pin(join_all((0..10).map(|_| query())));
    assert!(poll_once(&mut reads).await.is_none());
    drop(held);
    let mut results = reads.await.into_iter();
    let error = results.next().unwrap().unwrap_err();
    assert!(error.to_string().contains("a bad row"), "{error}");
    for rows in results {
        assert_eq!(rows.unwrap(), [Fragile(1), Fragile(2), Fragile(3)]);
    }
    db.settle().await;
    assert_eq!(db.statements.count(), 2);
    assert_eq!(query().await.unwrap().len(), 3);
    assert_eq!(db.statements.count(), 2);
}

/// Where every leader fails each caller gets the error of a query, never one of the cache.
async fn s168_every_leader_fails() {
    let db = Db::new().await;
    let held = db.hold().await;
    let reads = (0..10).map(|_| rows_of("SELECT * FROM nowhere").cached().fetch_all(&db.pool));
    let mut reads = Box::pin(join_all(reads));
    assert!(poll_once(&mut reads).await.is_none());
    drop(held);
    for result in reads.await {
        assert!(matches!(result, Err(Error::Database(_))), "{result:?}");
    }
    assert_eq!(db.pool.region().stats().stored, 0);
}

async fn s169_the_leader_is_dropped() {
    let db = Db::new().await;
    let held = db.hold().await;
    db.statements.reset();
    let read = || Box::pin(rows_of(READ).cached().fetch_all(&db.pool));
    let (mut leader, mut follower) = (read(), read());
    assert!(poll_once(&mut leader).await.is_none());
    assert!(poll_once(&mut follower).await.is_none());
    drop(leader);
    drop(held);
    assert_eq!(follower.await.unwrap(), db.truth(READ).await);
    assert_eq!(db.statements.count(), 1);
    db.hit(READ).await;
}

async fn s169_a_follower_is_dropped() {
    let db = Db::new().await;
    let held = db.hold().await;
    db.statements.reset();
    let read = || Box::pin(rows_of(READ).cached().fetch_all(&db.pool));
    let (mut leader, mut follower, mut last) = (read(), read(), read());
    for future in [&mut leader, &mut follower, &mut last] {
        assert!(poll_once(future).await.is_none());
    }
    drop(follower);
    drop(held);
    let (first, last) = join(leader, last).await;
    assert_eq!(first.unwrap(), last.unwrap());
    assert_eq!(db.statements.count(), 1);
}

async fn s169_the_leader_panics() {
    let db = Db::new().await;
    let held = db.hold().await;
    let read = || Box::pin(sqlx::query_as::<_, Fragile<true>>(READ).cached().fetch_all(&db.pool));
    let (mut leader, mut follower) = (read(), read());
    assert!(poll_once(&mut leader).await.is_none());
    assert!(poll_once(&mut follower).await.is_none());
    drop(held);
    let leader = AssertUnwindSafe(leader).catch_unwind();
    assert!(leader.await.is_err(), "the panic reaches the caller whose row it was");
    assert_eq!(follower.await.unwrap(), [Fragile(1), Fragile(2), Fragile(3)]);
    assert_eq!(db.pool.region().stats().flights, 0);
}

async fn s171_a_reader_after_its_own_write() {
    let db = Db::new().await;
    let other = db.client().await;
    let held = db.hold().await;
    let mut older = Box::pin(rows_of(READ).cached().fetch_all(&db.pool));
    assert!(poll_once(&mut older).await.is_none());
    other.execute(WRITE).await;
    // Were it to join, it would wait for a flight that cannot go on.
    other.miss(READ).await;
    assert!(poll_once(&mut older).await.is_none());
    assert_eq!(db.pool.region().stats().flights, 1);
    drop(held);
    older.await.unwrap();
    other.hit(READ).await;
}

/// The older flight lands last, with rows from before the write: they do not push out newer ones.
async fn s171_an_older_flight_that_lands_last() {
    let db = Db::new().await;
    let other = db.client().await;
    let before = db.truth(READ).await;
    let newer = other.pool.clone();
    let older = interrupted(rows_of(READ).cached().fetch_all(&db.pool), async move {
        sqlx::query(WRITE).execute(&newer).await.unwrap();
        rows_of(READ).cached().fetch_all(&newer).await.unwrap();
    });
    assert_eq!(older.await.unwrap(), before);
    assert_ne!(other.hit(READ).await, before);
}

async fn s172_an_invalidation_during_a_flight() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let before = db.truth(READ).await;
    let writer = db.client().await.pool;
    let held = db.hold().await;
    let leader = interrupted(rows_of(READ).cached().fetch_all(&db.pool), async move {
        sqlx::query(WRITE).execute(&writer).await.unwrap();
    });
    let follower = rows_of(READ).cached().fetch_all(&db.pool);
    db.statements.reset();
    let mut flight = Box::pin(join(leader, follower));
    assert!(poll_once(&mut flight).await.is_none());
    events.refusals();
    drop(held);
    // Both began before the write: the rows that the database had then are right for both.
    let (leader, follower) = flight.await;
    assert_eq!(leader.unwrap(), before);
    assert_eq!(follower.unwrap(), before);
    assert_eq!(db.statements.count(), 1);
    assert_eq!(events.refusals(), [dogpile::Reason::MOVED]);
    assert_ne!(db.miss(READ).await, before);
}

scenarios! {
    s167_a_hundred_misses_of_one_key,
    s167_a_hundred_tasks_on_four_threads: threads,
    s168_the_leader_fails,
    s168_every_leader_fails,
    s169_the_leader_is_dropped,
    s169_a_follower_is_dropped,
    s169_the_leader_panics,
    s171_a_reader_after_its_own_write,
    s171_an_older_flight_that_lands_last: threads,
    s172_an_invalidation_during_a_flight: threads,
}
