//! Databases with the tables of a store.

use std::fmt::Write as _;

use dogpile::secs;
use dogpile_migrations::Migrations;
use dogpile_sql_store::{SqlStore, SqlStoreBuilder};
use dogpile_tests::services::{MariaDb, Postgres};
use sqlx::pool::PoolOptions;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{AssertSqlSafe, MySql, MySqlPool, PgPool, Sqlite, SqlitePool};
use tempfile::TempDir;

/// A database of a test's own, with the tables in it.
pub(crate) trait Database: Sized + Send + Sync + 'static {
    type Driver: sqlx::Database;

    async fn start() -> Self;

    fn url(&self) -> String;

    /// A pool of the application's.
    async fn pool(&self, connections: u32) -> sqlx::Pool<Self::Driver>;

    /// A store over such a pool.
    fn over(pool: sqlx::Pool<Self::Driver>) -> SqlStoreBuilder;

    /// Does what no store does.
    fn run(&self, sql: &str) -> impl Future<Output = ()> + Send;

    async fn number(&self, sql: &str) -> i64;

    /// These bytes in a statement.
    fn bytes(bytes: &[u8]) -> String;

    /// Another process, as it were.
    async fn store(&self) -> SqlStore {
        patient(&self.url()).connect().await.unwrap()
    }
}

/// A store that waits for a busy machine, and is swept and folded by hand.
pub(crate) fn patient(url: &str) -> SqlStoreBuilder {
    let builder = SqlStore::builder(url).unwrap();
    let builder = builder.acquire_timeout(secs(30)).connect_timeout(secs(30));
    builder.statement_timeout(secs(30)).sweep(secs(0)).fold(secs(0))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// A file of SQLite in a folder of its own.
pub(crate) struct File(TempDir);

impl Database for File {
    type Driver = Sqlite;

    async fn start() -> Self {
        let file = Self(tempfile::tempdir().unwrap());
        let url = format!("{}?mode=rwc", file.url());
        let pool = SqlitePoolOptions::new().connect(&url).await.unwrap();
        Migrations::new().up(&pool).await.unwrap();
        pool.close().await;
        file
    }

    fn url(&self) -> String {
        format!("sqlite://{}/cache.db", self.0.path().display())
    }

    async fn pool(&self, connections: u32) -> SqlitePool {
        PoolOptions::new().max_connections(connections).connect(&self.url()).await.unwrap()
    }

    fn over(pool: SqlitePool) -> SqlStoreBuilder {
        SqlStore::sqlite(pool)
    }

    async fn run(&self, sql: &str) {
        let pool = self.pool(1).await;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        pool.close().await;
    }

    async fn number(&self, sql: &str) -> i64 {
        let pool = self.pool(1).await;
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap()
    }

    fn bytes(bytes: &[u8]) -> String {
        format!("x'{}'", hex(bytes))
    }
}

/// A database of a PostgreSQL server.
pub(crate) struct PostgresDatabase {
    pub(crate) server: Postgres,
    url: String,
}

impl PostgresDatabase {
    pub(crate) const fn server(&self) -> &Postgres {
        &self.server
    }

    /// Another database of the same server, with the same tables.
    pub(crate) async fn sibling(&self) -> String {
        let url = self.server.create_database().await.unwrap();
        let pool: PgPool = PoolOptions::new().max_connections(1).connect(&url).await.unwrap();
        Migrations::new().up(&pool).await.unwrap();
        pool.close().await;
        url
    }
}

impl Database for PostgresDatabase {
    type Driver = sqlx::Postgres;

    async fn start() -> Self {
        let server = Postgres::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        let database = Self { server, url };
        let pool = database.pool(1).await;
        Migrations::new().up(&pool).await.unwrap();
        pool.close().await;
        database
    }

    fn url(&self) -> String {
        self.url.clone()
    }

    async fn pool(&self, connections: u32) -> PgPool {
        PoolOptions::new().max_connections(connections).connect(&self.url).await.unwrap()
    }

    fn over(pool: PgPool) -> SqlStoreBuilder {
        SqlStore::postgres(pool)
    }

    async fn run(&self, sql: &str) {
        let pool = self.pool(1).await;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        pool.close().await;
    }

    async fn number(&self, sql: &str) -> i64 {
        let pool = self.pool(1).await;
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap()
    }

    fn bytes(bytes: &[u8]) -> String {
        format!("'\\x{}'::bytea", hex(bytes))
    }
}

/// A database of a MariaDB server.
pub(crate) struct MariaDbDatabase {
    pub(crate) server: MariaDb,
    url: String,
}

impl MariaDbDatabase {
    /// Another database of the same server, with the same tables.
    pub(crate) async fn sibling(&self) -> String {
        let url = self.server.create_database().await.unwrap();
        let pool: MySqlPool = PoolOptions::new().max_connections(1).connect(&url).await.unwrap();
        Migrations::new().up(&pool).await.unwrap();
        pool.close().await;
        url
    }
}

impl Database for MariaDbDatabase {
    type Driver = MySql;

    async fn start() -> Self {
        let server = MariaDb::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        let database = Self { server, url };
        let pool = database.pool(1).await;
        Migrations::new().up(&pool).await.unwrap();
        pool.close().await;
        database
    }

    fn url(&self) -> String {
        self.url.clone()
    }

    async fn pool(&self, connections: u32) -> MySqlPool {
        PoolOptions::new().max_connections(connections).connect(&self.url).await.unwrap()
    }

    fn over(pool: MySqlPool) -> SqlStoreBuilder {
        SqlStore::mysql(pool)
    }

    async fn run(&self, sql: &str) {
        let pool = self.pool(1).await;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        pool.close().await;
    }

    async fn number(&self, sql: &str) -> i64 {
        let pool = self.pool(1).await;
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap()
    }

    fn bytes(bytes: &[u8]) -> String {
        format!("x'{}'", hex(bytes))
    }
}

/// The tests named, once for each database. A new one is one line.
macro_rules! on_each_database {
    ($($test:ident)*) => {
        $crate::support::tests_of!(sqlite, $crate::support::File, $($test)*);
        $crate::support::tests_of!(postgres, $crate::support::PostgresDatabase, $($test)*);
        $crate::support::tests_of!(mariadb, $crate::support::MariaDbDatabase, $($test)*);
    };
}

macro_rules! tests_of {
    ($module:ident, $database:ty, $($test:ident)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test::<$database>().await;
                }
            )*
        }
    };
}

pub(crate) use {on_each_database, tests_of};
