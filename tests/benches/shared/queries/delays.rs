//! A hit from Redis beside queries that take so long, one caller at a time.
//!
//! Targets: never slower than a query of 0.3 ms by more than a tenth, 1.5 times as fast as one of
//! 1 ms.

use std::hint::black_box;

use dogpile_redis::RedisBackend;
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use dogpile_tests::services::Redis;
use sqlx::{AssertSqlSafe, PgPool, Postgres};
use tokio::time::Instant;

use super::server::Server;
use crate::support::contest::{Contest, Peer};
use crate::support::stats::Spread;

const SQL: &str = "SELECT id, author, title FROM article0 WHERE author = $1 ORDER BY id LIMIT 10";

type Article = (i64, i64, String);

pub(crate) async fn run(rounds: usize) {
    let server = Server::start().await;
    let redis = Redis::start().await.expect("a server");
    let backend = RedisBackend::open(&redis.url()).expect("a backend");
    let cached = server.afar(backend).await;
    for (title, micros) in [
        ("10 rows; a query that works for 0.3 ms", 300.0),
        ("10 rows; a query that works for 1 ms", 1_000.0),
    ] {
        let live = Slow::of(server.pool().await, micros).await;
        Contest::new(title, 1)
            .with("the statement, on the pool", live)
            .with("a hit from Redis, rows replayed", Cached(cached.clone()))
            .run(rounds)
            .await;
    }
}

/// The query, after some counting.
struct Slow {
    pool: PgPool,
    sql: String,
}

impl Slow {
    /// Counts for as long as makes the query take so long.
    async fn of(pool: PgPool, micros: f64) -> Self {
        let mut slow = Self { pool, sql: String::new() };
        for count in (1..).map(|step| step * 200) {
            let work = format!("(SELECT count(*) FROM generate_series(1, {count})) > 0");
            slow.sql = SQL.replace("WHERE", &format!("WHERE {work} AND"));
            if slow.middle().await >= micros {
                break;
            }
        }
        slow
    }

    async fn middle(&self) -> f64 {
        let mut times = Vec::new();
        for _ in 0..50 {
            let began = Instant::now();
            self.hit(0).await;
            times.push(began.elapsed().as_secs_f64() * 1e6);
        }
        Spread::of(times).median
    }
}

impl Peer for Slow {
    async fn hit(&self, _: usize) {
        let query = sqlx::query_as::<_, Article>(AssertSqlSafe(self.sql.as_str())).bind(7_i64);
        black_box(query.fetch_all(&self.pool).await.expect("rows"));
    }
}

struct Cached(CachedPool<Postgres>);

impl Peer for Cached {
    async fn hit(&self, _: usize) {
        let query = sqlx::query_as::<_, Article>(SQL).bind(7_i64).cached();
        black_box(query.fetch_all(&self.0).await.expect("rows"));
    }
}
