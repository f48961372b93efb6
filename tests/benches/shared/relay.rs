//! Writers outside, on PostgreSQL: what the trigger leaves of their throughput, and how late the relay is.
//!
//! Targets: at least 0.80 of the throughput with 16 writers; 99 of 100 writes invalidated within 50 ms
//! at 1,000 writes a second.

use std::time::Duration;

use dogpile::{Region, hours, secs};
use dogpile_migrations::Migrations;
use dogpile_sqlx::Relay;
use dogpile_tests::services::Postgres;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::support::contest::{Contest, Peer};

const WRITERS: usize = 16;
const A_SECOND: u32 = 1_000;
const LASTS: Duration = secs(10);

const TABLES: &str = "
    CREATE TABLE plain (id BIGINT PRIMARY KEY, price BIGINT NOT NULL);
    CREATE TABLE watched (id BIGINT PRIMARY KEY, price BIGINT NOT NULL);
    INSERT INTO plain SELECT n, 0 FROM generate_series(0, 999) AS n;
    INSERT INTO watched SELECT n, 0 FROM generate_series(0, 999) AS n";

pub(crate) async fn run(rounds: usize) {
    let server = Postgres::start().await.expect("a server");
    let pool = pool(&server, WRITERS).await;
    sqlx::raw_sql(TABLES).execute(&pool).await.expect("the tables");
    let migrations = Migrations::new();
    migrations.up(&pool).await.expect("the log");
    migrations.watch(&pool, "watched").await.expect("the trigger");
    let region = Region::builder("relay").ttl(hours(1)).build().expect("a region");
    let own = self::pool(&server, 1).await;
    let relay = Relay::builder(&own, &region).start().await.expect("a relay");
    let title = "PostgreSQL, a write on one table, its relay beside it";
    Contest::new(title, WRITERS)
        .with("a table that nobody watches", Writer(pool.clone(), PLAIN))
        .with("a watched one", Writer(pool.clone(), WATCHED))
        .run(rounds)
        .await;
    lag(&pool, &relay).await;
}

async fn pool(server: &Postgres, connections: usize) -> PgPool {
    let connections = u32::try_from(connections).expect("a number");
    let url = server.url("postgres");
    PgPoolOptions::new().max_connections(connections).connect(&url).await.expect("a pool")
}

const PLAIN: &str = "UPDATE plain SET price = price + 1 WHERE id = $1";
const WATCHED: &str = "UPDATE watched SET price = price + 1 WHERE id = $1";

struct Writer(PgPool, &'static str);

impl Writer {
    async fn write(&self, row: i64) {
        sqlx::query(self.1).bind(row).execute(&self.0).await.expect("a write");
    }
}

impl Peer for Writer {
    async fn hit(&self, task: usize) {
        let own = i64::from(rand::random::<u8>() % 50);
        self.write(own * 20 + i64::try_from(task).expect("a number")).await;
    }
}

/// How old the oldest write of each batch was when it was invalidated, over all batches.
async fn lag(pool: &PgPool, relay: &Relay) {
    // What the contest has left.
    sleep(secs(1)).await;
    let before = relay.stats();
    let (began, mut lags) = (Instant::now(), Vec::new());
    let mut ticks = interval(secs(1) / A_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut row = 0;
    let mut looked = Instant::now();
    while began.elapsed() < LASTS {
        ticks.tick().await;
        row = (row + 1) % 1_000;
        let writer = Writer(pool.clone(), WATCHED);
        tokio::spawn(async move { writer.write(row).await });
        if looked.elapsed() >= Duration::from_millis(5) {
            looked = Instant::now();
            lags.push(relay.lag());
        }
    }
    lags.sort_unstable();
    let at = |share: usize| lags[(lags.len() - 1) * share / 1_000];
    let rows = relay.stats().rows - before.rows;
    println!(
        "{A_SECOND} writes a second for {LASTS:?}, in {rows} rows of the feed: invalidated after {:.1?}, \
         99 % after {:.1?}, the last after {:.1?}",
        at(500),
        at(990),
        at(1_000),
    );
}
