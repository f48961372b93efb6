//! Relays that are killed at random, under writers that commit and roll back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dogpile::{Owner, Region, hours, secs};
use dogpile_redis::RedisBackend;
use dogpile_sqlx::{CachedPool, Relay};
use dogpile_tests::services::{Part, Redis, Worker};
use futures_util::future::join_all;
use sqlx::Postgres;
use sqlx::pool::PoolOptions;
use tokio::time::{Instant, sleep};

use super::place::{Pg, Place, hits, settled, until};

const NAME: &str =
    "relay::killed::relays_are_killed_at_random_under_writers_and_no_invalidation_is_missing";
/// How long, in seconds, if not 5.
const SECONDS: &str = "DOGPILE_RELAY_KILLS";
const TABLES: u64 = 12;

fn random(below: u64) -> u64 {
    u64::try_from(Owner::random().0 % u128::from(below)).unwrap()
}

async fn open(database: &str, redis: &str) -> CachedPool<Postgres> {
    let backend = RedisBackend::open(redis).unwrap();
    let region = Region::builder("shop").ttl(hours(1_000)).op_timeout(secs(20)).local(0);
    let pool = PoolOptions::new().max_connections(16).connect(database).await.unwrap();
    CachedPool::new(pool, region.backend(backend).build().unwrap())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// A process with a relay, until it is killed.
fn work(part: &Part) {
    let [database, redis] = part.arguments() else { panic!("{:?}", part.arguments()) };
    runtime().block_on(async {
        let db = open(database, redis).await;
        let relay = Relay::of(&db).interval(Duration::from_millis(2));
        let relay = relay.lease(Duration::from_millis(100)).start().await.unwrap();
        part.say("started");
        tokio::task::block_in_place(|| part.hear());
        drop(relay);
    });
}

/// Kills one after the other, until told to stop. Each lives a moment, so that some die at work.
fn kill(database: &str, redis: &str, stop: &AtomicBool) -> usize {
    let mut killed = 0;
    while !stop.load(Ordering::SeqCst) {
        let mut worker = Worker::spawn(NAME, "relay", &[database, redis]).unwrap();
        worker.expect("started").unwrap();
        thread::sleep(Duration::from_millis(random(250)));
        worker.kill().unwrap();
        killed += 1;
    }
    killed
}

/// One transaction, which takes its time, and is rolled back one time in four.
async fn write(db: &CachedPool<Postgres>, table: u64) {
    let sql = format!("UPDATE t{table} SET price = price + 1");
    let mut transaction = db.inner().begin().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *transaction).await.unwrap();
    sleep(Duration::from_millis(random(60))).await;
    if random(4) == 0 {
        transaction.rollback().await.unwrap();
    } else {
        transaction.commit().await.unwrap();
    }
}

/// What is cached is written to once, and must be what is in the database in the end.
async fn round(db: &CachedPool<Postgres>) {
    for table in 0..TABLES {
        settled::<Pg>(db, &format!("t{table}")).await;
    }
    join_all((0..TABLES).map(|table| write(db, table))).await;
    for table in 0..TABLES {
        let sql = format!("SELECT price FROM t{table}");
        let truth = Pg::count(db.inner(), &sql).await;
        let name = format!("t{table}");
        until("it is invalidated", async || Pg::read(db, &name).await == truth).await;
    }
}

async fn begin(db: &CachedPool<Postgres>) {
    for table in 0..=TABLES {
        let made = format!(
            "CREATE TABLE t{table} (id INT, price BIGINT); INSERT INTO t{table} VALUES (1, 1)"
        );
        Pg::run(db.inner(), &made).await;
        dogpile_migrations::Migrations::new()
            .watch(db.inner(), &format!("t{table}"))
            .await
            .unwrap();
    }
    // The mark is there from now on: nothing is invalidated but what was written.
    let first = Relay::of(db).start().await.unwrap();
    until("all tables were noted", async || first.stats().rows > TABLES).await;
    first.stop().await;
}

#[test]
fn relays_are_killed_at_random_under_writers_and_no_invalidation_is_missing() {
    if let Some(part) = Part::of_this_process() {
        return work(&part);
    }
    let seconds = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    runtime().block_on(async {
        let (place, redis) = (Pg::start().await, Redis::start().await.unwrap());
        let (database, redis) = (place.url.clone(), (redis.url(), redis));
        let db = open(&database, &redis.0).await;
        begin(&db).await;
        let untouched = format!("t{TABLES}");
        settled::<Pg>(&db, &untouched).await;

        let stop = Arc::new(AtomicBool::new(false));
        let (stopping, url) = (Arc::clone(&stop), redis.0.clone());
        let killer = thread::spawn(move || kill(&database, &url, &stopping));
        let (began, mut rounds) = (Instant::now(), 0);
        while began.elapsed() < Duration::from_secs(seconds) {
            round(&db).await;
            assert!(hits::<Pg>(&db, &untouched).await, "what nobody wrote to was invalidated");
            rounds += 1;
        }
        stop.store(true, Ordering::SeqCst);
        let killed = tokio::task::block_in_place(|| killer.join().unwrap());
        assert!(killed > 1 && rounds > 1, "{killed} killed in {rounds} rounds");
    });
}
