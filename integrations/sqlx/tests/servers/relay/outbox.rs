//! Scenario 166: writers that are killed between their COMMIT and their invalidation.

use std::time::Duration;

use dogpile::backend::BackendExt;
use dogpile::backend::layer::Chaos;
use dogpile::{Freshness, Region, hours, secs};
use dogpile_redis::RedisBackend;
use dogpile_sqlx::{CachedPool, Relay};
use dogpile_tests::services::{Part, Redis, Worker};
use sqlx::Postgres;
use tokio::time::sleep;

use super::place::{Pg, Place, until};

const NAME: &str = "relay::outbox::s166_a_durable_writer_killed_between_commit_and_invalidation";

/// A pool whose calls to the backend take up to `delay`.
async fn open(database: &str, redis: &str, delay: Duration) -> CachedPool<Postgres> {
    let slow = Chaos::seeded(1).delay(1.0, delay);
    let backend = RedisBackend::open(redis).unwrap().layer(slow);
    let region = Region::builder("shop").ttl(hours(1_000)).op_timeout(secs(20)).local(0);
    let region = region.freshness(Freshness::Durable).backend(backend).build().unwrap();
    CachedPool::new(Pg::connect(database).await, region)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// A process that writes, and spends its time between COMMIT and invalidation, until it is killed.
fn work(part: &Part) {
    let [database, redis] = part.arguments() else { panic!("{:?}", part.arguments()) };
    runtime().block_on(async {
        let db = open(database, redis, Duration::from_millis(400)).await;
        Pg::write(&db, "UPDATE tart SET price = price + 1").await.unwrap();
        part.say("wrote");
        loop {
            Pg::write(&db, "UPDATE tart SET price = price + 1").await.unwrap();
            assert_eq!(db.region().stats().degraded, 0);
        }
    });
}

#[test]
fn s166_a_durable_writer_killed_between_commit_and_invalidation() {
    if let Some(part) = Part::of_this_process() {
        return work(&part);
    }
    runtime().block_on(async {
        let (place, redis) = (Pg::start().await, Redis::start().await.unwrap());
        let db = open(&place.url, &redis.url(), Duration::ZERO).await;
        Pg::run(
            db.inner(),
            "CREATE TABLE tart (id INT, price BIGINT); INSERT INTO tart VALUES (1, 1)",
        )
        .await;
        let relay = Relay::of(&db).interval(Duration::from_millis(5)).start().await.unwrap();
        until("it works", async || relay.stats().rows >= 2).await;
        for _ in 0..6 {
            let mut worker = Worker::spawn(NAME, "writer", &[&place.url, &redis.url()]).unwrap();
            tokio::task::block_in_place(|| worker.expect("wrote").unwrap());
            // What it told of is read meanwhile, so that there is something to be left behind.
            for _ in 0..50 {
                Pg::read(&db, "tart").await;
                sleep(Duration::from_millis(10)).await;
            }
            worker.kill().unwrap();
            until("it is what is in the database", async || {
                let truth = Pg::count(db.inner(), "SELECT price FROM tart").await;
                Pg::read(&db, "tart").await == truth
            })
            .await;
        }
        relay.stop().await;
    });
}
