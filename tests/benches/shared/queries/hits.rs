//! A point SELECT by its index, and the same from the cache.
//!
//! Target: a hit in this process has 30 times its throughput.

use std::hint::black_box;

use dogpile_redis::RedisBackend;
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use dogpile_tests::services::Redis;
use sqlx::{PgPool, Postgres};

use super::server::Server;
use crate::support::contest::{Contest, Peer};

const TASKS: usize = 64;
const SQL: &str = "SELECT id, author, title FROM article0 WHERE id = $1";

type Article = (i64, i64, String);

pub(crate) async fn run(rounds: usize) {
    let server = Server::start().await;
    let redis = Redis::start().await.expect("a server");
    let backend = RedisBackend::open(&redis.url()).expect("a backend");
    let title = "PostgreSQL on a local socket, one row by its primary key";
    Contest::new(title, TASKS)
        .with("the statement, on the pool", Live(server.pool().await))
        .with("a hit in this process, copied", Copied(server.here().await))
        .with("a hit in this process, shared", Shared(server.here().await))
        .with("a hit from Redis, rows replayed", Copied(server.afar(backend.clone()).await))
        .with("a hit from Redis, by serde", Typed(server.afar(backend).await))
        .run(rounds)
        .await;
}

struct Live(PgPool);
struct Copied(CachedPool<Postgres>);
struct Shared(CachedPool<Postgres>);
struct Typed(CachedPool<Postgres>);

fn id(task: usize) -> i64 {
    i64::try_from(task).expect("a number") + 1
}

impl Peer for Live {
    async fn hit(&self, task: usize) {
        let query = sqlx::query_as::<_, Article>(SQL).bind(id(task));
        black_box(query.fetch_one(&self.0).await.expect("a row"));
    }
}

impl Peer for Copied {
    async fn hit(&self, task: usize) {
        let query = sqlx::query_as::<_, Article>(SQL).bind(id(task)).cached();
        black_box(query.fetch_one(&self.0).await.expect("a row"));
    }
}

impl Peer for Shared {
    async fn hit(&self, task: usize) {
        let query = sqlx::query_as::<_, Article>(SQL).bind(id(task)).cached();
        black_box(&*query.fetch_optional_shared(&self.0).await.expect("a row"));
    }
}

impl Peer for Typed {
    async fn hit(&self, task: usize) {
        let query = sqlx::query_as::<_, Article>(SQL).bind(id(task)).cached().typed();
        black_box(query.fetch_one(&self.0).await.expect("a row"));
    }
}
