//! The database, and the ways to it.

use std::str::FromStr;
use std::time::Duration;

use dogpile::{Backend, Coherence, Region, RegionBuilder, hours};
use dogpile_sqlx::CachedPool;
use dogpile_tests::services::Postgres;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// As many connections as a service with two cores would have.
const CONNECTIONS: u32 = 8;

/// Four tables of so many rows each.
pub(crate) const TABLES: usize = 4;
pub(crate) const ROWS: i64 = 10_000;

pub(crate) struct Server {
    postgres: Postgres,
    database: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let postgres = Postgres::start().await.expect("a server");
        let database = postgres.create_database().await.expect("a database");
        let server = Self { postgres, database };
        let pool = server.pool().await;
        for table in 0..TABLES {
            let sql = format!(
                "CREATE TABLE article{table} (id BIGINT PRIMARY KEY, author BIGINT NOT NULL, \
                 title TEXT NOT NULL, price NUMERIC(10, 2) NOT NULL, \
                 written TIMESTAMPTZ NOT NULL DEFAULT now()); \
                 INSERT INTO article{table} SELECT n, n % 100, 'article ' || n, n * 1.25 \
                 FROM generate_series(1, {ROWS}) n; ANALYZE article{table}"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("a table");
        }
        server
    }

    /// A pool on the server's local socket.
    pub(crate) async fn pool(&self) -> PgPool {
        let options = PgConnectOptions::from_str(&self.database).expect("a URL");
        let options = options.socket(self.postgres.folder());
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        pool.connect_with(options).await.expect("a connection")
    }

    /// The pool, with a region in this process.
    pub(crate) async fn here(&self) -> CachedPool<sqlx::Postgres> {
        CachedPool::new(self.pool().await, patient().build().expect("a region"))
    }

    /// The pool, with a region on `backend` that keeps nothing in this process.
    pub(crate) async fn afar(&self, backend: impl Backend) -> CachedPool<sqlx::Postgres> {
        let region = patient().local(0).backend(backend).build().expect("a region");
        CachedPool::new(self.pool().await, region)
    }

    /// The pool, with a region on `backend` that keeps copies in this process, which is told what
    /// others write.
    pub(crate) async fn both(&self, backend: impl Backend) -> CachedPool<sqlx::Postgres> {
        let region = patient().coherence(Coherence::Push).backend(backend);
        CachedPool::new(self.pool().await, region.build().expect("a region"))
    }
}

/// Its patience is that of a busy machine: what is measured are hits.
pub(crate) fn patient() -> RegionBuilder {
    let region = Region::builder("bench").ttl(hours(1_000)).jitter(0.0);
    region.op_timeout(Duration::from_secs(10))
}
