//! The three databases, as the tests of the relay need them.

use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{Region, RegionBuilder, TagSpace, hours, secs};
use dogpile_migrations::Migrations;
use dogpile_sqlx::{
    CachedPool, CachedTransaction, QueryCacheExt, Relay, RelayBuilder, RelayDatabase,
};
use dogpile_tests::services;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, MySql, MySqlPool, PgPool, Pool, Postgres, Sqlite, SqlitePool};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// A database with two watched tables of one row, `cake` and `pie`.
pub(crate) trait Place: Sized {
    type Db: RelayDatabase;

    async fn open() -> Self;

    /// A pool of connections that no wrapper knows of.
    async fn pool(&self) -> Pool<Self::Db>;

    /// Runs a text on a pool that no wrapper knows of.
    async fn run(pool: &Pool<Self::Db>, sql: &str);

    /// The number that a statement counts.
    async fn count(pool: &Pool<Self::Db>, sql: &str) -> i64;

    /// The number in a table, cached.
    async fn try_read(db: &CachedPool<Self::Db>, table: &str) -> sqlx::Result<i64>;

    /// Begins a transaction that has written the number `price` to a table.
    async fn hold(
        pool: &Pool<Self::Db>,
        table: &str,
        price: i64,
    ) -> sqlx::Transaction<'static, Self::Db>;

    /// Runs a text on a cached pool.
    async fn write(db: &CachedPool<Self::Db>, sql: &str) -> sqlx::Result<()>;

    /// Runs a text in a transaction.
    async fn write_in(
        transaction: &mut CachedTransaction<'_, Self::Db>,
        sql: &str,
    ) -> sqlx::Result<()>;

    /// The number in a row, cached.
    async fn read_row(db: &CachedPool<Self::Db>, table: &str, id: i64) -> i64;

    /// The number in a table, cached.
    async fn read(db: &CachedPool<Self::Db>, table: &str) -> i64 {
        Self::try_read(db, table).await.unwrap()
    }

    async fn start() -> Self {
        let place = Self::open().await;
        let pool = place.pool().await;
        for table in ["cake", "pie"] {
            let table = format!(
                "CREATE TABLE {table} (id BIGINT PRIMARY KEY, price BIGINT NOT NULL); INSERT INTO {table} VALUES (1, 1)"
            );
            Self::run(&pool, &table).await;
        }
        Migrations::new().up(&pool).await.unwrap();
        for table in ["cake", "pie"] {
            Migrations::new().watch(&pool, table).await.unwrap();
        }
        place
    }
}

macro_rules! statements {
    () => {
        async fn run(pool: &Pool<Self::Db>, sql: &str) {
            let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await;
            done.unwrap_or_else(|error| panic!("{error}: {sql}"));
        }

        async fn count(pool: &Pool<Self::Db>, sql: &str) -> i64 {
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
        }

        async fn try_read(db: &CachedPool<Self::Db>, table: &str) -> sqlx::Result<i64> {
            let sql = format!("SELECT price FROM {table} WHERE id < 2");
            sqlx::query_scalar(AssertSqlSafe(sql)).cached().fetch_one(db).await
        }

        async fn write(db: &CachedPool<Self::Db>, sql: &str) -> sqlx::Result<()> {
            sqlx::query(AssertSqlSafe(sql)).execute(db).await.map(drop)
        }

        async fn write_in(
            transaction: &mut CachedTransaction<'_, Self::Db>,
            sql: &str,
        ) -> sqlx::Result<()> {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut **transaction).await.map(drop)
        }

        async fn read_row(db: &CachedPool<Self::Db>, table: &str, id: i64) -> i64 {
            let sql = format!("SELECT price FROM {table} WHERE id = {id}");
            sqlx::query_scalar(AssertSqlSafe(sql)).cached().fetch_one(db).await.unwrap()
        }

        async fn hold(
            pool: &Pool<Self::Db>,
            table: &str,
            price: i64,
        ) -> sqlx::Transaction<'static, Self::Db> {
            let mut transaction = pool.begin().await.unwrap();
            let sql = format!("UPDATE {table} SET price = {price}");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await.unwrap();
            transaction
        }
    };
}

pub(crate) struct Pg {
    pub(crate) server: services::Postgres,
    pub(crate) url: String,
}

impl Pg {
    /// A pool of connections to the database at `url`.
    pub(crate) async fn connect(url: &str) -> PgPool {
        PoolOptions::new().max_connections(4).connect(url).await.unwrap()
    }
}

impl Place for Pg {
    type Db = Postgres;

    async fn open() -> Self {
        // What is committed is still there when the server was killed.
        let settings = ["log_statement=none", "synchronous_commit=on", "full_page_writes=on"];
        let server = services::Postgres::start_with(&settings).await.unwrap();
        let url = server.create_database().await.unwrap();
        Self { server, url }
    }

    async fn pool(&self) -> PgPool {
        Self::connect(&self.url).await
    }

    statements!();
}

pub(crate) struct Maria {
    pub(crate) server: services::MariaDb,
    url: String,
}

impl Place for Maria {
    type Db = MySql;

    async fn open() -> Self {
        let server = services::MariaDb::start_durable().await.unwrap();
        let url = server.create_database().await.unwrap();
        Self { server, url }
    }

    async fn pool(&self) -> MySqlPool {
        PoolOptions::new().max_connections(4).connect(&self.url).await.unwrap()
    }

    statements!();
}

pub(crate) struct Lite {
    folder: TempDir,
}

impl Place for Lite {
    type Db = Sqlite;

    async fn open() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    async fn pool(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new()
            .filename(self.folder.path().join("shop.db"))
            .create_if_missing(true)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);
        SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap()
    }

    statements!();
}

/// What all regions on one backend have in common.
pub(crate) fn region() -> RegionBuilder {
    named("shop")
}

/// The same under another name.
pub(crate) fn named(name: &str) -> RegionBuilder {
    Region::builder(name).ttl(hours(1_000)).op_timeout(secs(20)).tag_space(TagSpace::new(1_000))
}

/// A cached pool on a backend that others may share.
pub(crate) async fn shared<P: Place>(place: &P, backend: &MemoryBackend) -> CachedPool<P::Db> {
    let region = region().local(0).backend(backend.clone()).build().unwrap();
    CachedPool::new(place.pool().await, region)
}

/// A relay of a cached pool that lets nobody wait.
pub(crate) fn relay<DB: RelayDatabase>(db: &CachedPool<DB>) -> RelayBuilder<DB> {
    Relay::of(db).interval(Duration::from_millis(5)).lease(Duration::from_millis(500))
}

/// Tries again until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let tries = async {
        while !is_so().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(secs(60), tries).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// Reads until the number is served.
pub(crate) async fn served<P: Place>(db: &CachedPool<P::Db>, table: &str, price: i64) {
    until("the new number is served", async || P::read(db, table).await == price).await;
}

/// Reads until it is a hit, which shows that no invalidation is on its way.
pub(crate) async fn settled<P: Place>(db: &CachedPool<P::Db>, table: &str) {
    until("it is a hit", async || hits::<P>(db, table).await).await;
}

/// Whether a read is a hit.
pub(crate) async fn hits<P: Place>(db: &CachedPool<P::Db>, table: &str) -> bool {
    let before = db.region().stats().hits;
    P::read(db, table).await;
    db.region().stats().hits > before
}
