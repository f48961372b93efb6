//! Ninety-nine reads and one write, on four tables, some rows much more often than others.
//!
//! Target: 10 times the throughput of the same without a cache. All rows have been read before: what
//! is measured is how a service goes on, not how it begins.

use std::hint::black_box;

use dogpile_redis::RedisBackend;
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use dogpile_tests::services::Redis;
use futures_util::{StreamExt, stream};
use rand::Rng;
use rand::distr::Distribution;
use sqlx::{AssertSqlSafe, PgPool, Postgres};

use super::server::{ROWS, Server, TABLES};
use crate::support::contest::{Contest, Peer};

const TASKS: usize = 64;

pub(crate) async fn run(rounds: usize) {
    let server = Server::start().await;
    let redis = Redis::start().await.expect("a server");
    let backend = RedisBackend::open(&redis.url()).expect("a backend");
    let (here, afar) = (server.here().await, server.afar(backend.clone()).await);
    let both = server.both(backend).await;
    for pool in [&here, &afar, &both] {
        read_all(pool).await;
    }
    Contest::new("1 % writes, 99 % reads of Zipf, four tables", TASKS)
        .with("without a cache", Live(server.pool().await))
        .with("a region in this process", Cached(here))
        .with("a region on Redis, copies in this process", Cached(both))
        .with("a region on Redis, nothing in this process", Cached(afar))
        .run(rounds)
        .await;
}

async fn read_all(pool: &CachedPool<Postgres>) {
    for table in 0..TABLES {
        stream::iter(1..=ROWS)
            .map(async |row| Turn { table, row, writes: false }.cached(pool).await)
            .buffer_unordered(TASKS)
            .collect::<()>()
            .await;
    }
}

/// One operation: a table, a row of it, and whether it is written.
struct Turn {
    table: usize,
    row: i64,
    writes: bool,
}

impl Turn {
    fn draw() -> Self {
        let mut random = rand::rng();
        let table = random.random_range(0..TABLES);
        Self { table, row: Zipf.sample(&mut random), writes: random.random_ratio(1, 100) }
    }

    fn read(&self) -> String {
        format!("SELECT id, author, title FROM article{} WHERE id = $1", self.table)
    }

    fn write(&self) -> String {
        format!("UPDATE article{} SET price = price + 1 WHERE id = $1", self.table)
    }

    async fn cached(&self, pool: &CachedPool<Postgres>) {
        if self.writes {
            let write = sqlx::query(AssertSqlSafe(self.write())).bind(self.row);
            write.execute(pool).await.expect("a write");
        } else {
            let read = sqlx::query_as::<_, Article>(AssertSqlSafe(self.read())).bind(self.row);
            black_box(read.cached().fetch_one(pool).await.expect("a row"));
        }
    }
}

/// The row of rank k about as often as 1/k.
struct Zipf;

impl Distribution<i64> for Zipf {
    #[expect(clippy::cast_possible_truncation, reason = "a rank, cut to the rows there are")]
    fn sample<R: Rng + ?Sized>(&self, random: &mut R) -> i64 {
        let rows = 10_000_f64;
        (rows.powf(random.random::<f64>()) as i64).clamp(1, ROWS)
    }
}

type Article = (i64, i64, String);

struct Live(PgPool);

impl Peer for Live {
    async fn hit(&self, _: usize) {
        let turn = Turn::draw();
        if turn.writes {
            let write = sqlx::query(AssertSqlSafe(turn.write())).bind(turn.row);
            write.execute(&self.0).await.expect("a write");
        } else {
            let read = sqlx::query_as::<_, Article>(AssertSqlSafe(turn.read())).bind(turn.row);
            black_box(read.fetch_one(&self.0).await.expect("a row"));
        }
    }
}

struct Cached(CachedPool<Postgres>);

impl Peer for Cached {
    async fn hit(&self, _: usize) {
        Turn::draw().cached(&self.0).await;
    }
}
