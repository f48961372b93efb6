//! What the levels of freshness leave of the throughput of writes on one table of PostgreSQL.
//!
//! Target: at least 0.75 with a level at which nothing old is ever served.

use dogpile::Freshness;
use dogpile::backend::MemoryBackend;
use dogpile_migrations::Migrations;
use dogpile_sql_store::SqlStore;
use dogpile_sqlx::{CachedPool, Relay};
use sqlx::{PgPool, Postgres};

use super::place::{Place, PostgresPlace};
use crate::support::contest::{Contest, Peer};
use crate::support::shop::region;

/// The levels that are compared, each with its name.
const LEVELS: [(&str, Freshness); 5] = [
    ("ttl: no invalidation", Freshness::Ttl),
    ("after commit", Freshness::AfterCommit),
    ("fenced", Freshness::Fenced),
    ("durable, a relay beside it", Freshness::Durable),
    ("transactional", Freshness::Transactional),
];

pub(crate) async fn run(rounds: usize) {
    for (writers, title) in
        [(8, "PostgreSQL, transactions of one write"), (16, "PostgreSQL, the same")]
    {
        let place = PostgresPlace::start().await;
        let url = place.server.url("postgres");
        place.run("CREATE TABLE cake (id BIGINT PRIMARY KEY, price BIGINT NOT NULL)").await;
        place.run("INSERT INTO cake SELECT n, 0 FROM generate_series(0, 999) AS n").await;
        let pool = pool(&url, writers).await;
        let relay = relay(&url).await;
        let mut contest = Contest::new(title, writers).with("no cache", Bare(pool.clone()));
        for (name, freshness) in LEVELS {
            // Connections of its own for the cache, as many for each.
            let region = region(SqlStore::open(&url).expect("a store")).freshness(freshness);
            let cached = CachedPool::new(pool.clone(), region.build().expect("a region"));
            contest = contest.with(name, Cached(cached));
        }
        contest.run(rounds).await;
        relay.stop().await;
    }
}

/// What reads the notes of durable writers, of another cache.
async fn relay(url: &str) -> Relay {
    let pool = pool(url, 1).await;
    Migrations::new().up(&pool).await.expect("the log");
    let region = region(MemoryBackend::new()).build().expect("a region");
    Relay::builder(&pool, &region).start().await.expect("a relay")
}

async fn pool(url: &str, writers: usize) -> PgPool {
    let connections = u32::try_from(writers).expect("a number");
    let pool = sqlx::pool::PoolOptions::new().max_connections(connections).connect(url);
    pool.await.expect("a pool")
}

const WRITE: &str = "UPDATE cake SET price = price + 1 WHERE id = $1";

/// A row of its own, of which the writers have many: what they share is the table.
fn row(task: usize) -> i64 {
    let own = i64::from(rand::random::<u8>() % 50);
    own * 20 + i64::try_from(task).expect("a number")
}

struct Bare(PgPool);

impl Peer for Bare {
    async fn hit(&self, task: usize) {
        let mut transaction = self.0.begin().await.expect("a transaction");
        let write = sqlx::query(WRITE).bind(row(task)).execute(&mut *transaction);
        write.await.expect("a write");
        transaction.commit().await.expect("a commit");
    }
}

struct Cached(CachedPool<Postgres>);

impl Peer for Cached {
    async fn hit(&self, task: usize) {
        let mut transaction = self.0.begin().await.expect("a transaction");
        let write = sqlx::query(WRITE).bind(row(task)).execute(&mut *transaction);
        write.await.expect("a write");
        transaction.commit().await.expect("a commit");
    }
}
