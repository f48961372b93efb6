//! Databases with the tables of a store in them, and what a bare client asks of them.

use std::future::Future;
use std::time::Duration;

use dogpile_migrations::Migrations;
use dogpile_sql_store::{SqlStore, SqlStoreBuilder};
use dogpile_tests::services::{MariaDb, Postgres};
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, MySqlPool, PgPool, SqlitePool};
use tempfile::TempDir;

/// As many as a store makes for itself.
const CONNECTIONS: u32 = 8;
/// The patience of a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database, and a pool that the store and the bare client share.
pub(crate) trait Place: Sized + Send + Sync + 'static {
    const NAME: &'static str;

    /// What makes a million entries that have ended.
    const MILLION: &'static str;

    /// What makes a million tokens, a thousand under each of a thousand names: one of them is a tag that
    /// every hit has.
    const TOKENS: &'static str;

    async fn start() -> Self;

    /// A store over the pool.
    fn over(&self) -> SqlStoreBuilder;

    /// How many rows the entry and the registers are.
    fn rows(&self, names: &Names) -> impl Future<Output = usize> + Send;

    async fn run(&self, sql: &str);

    /// A store over the pool, that is swept and folded by hand.
    fn store(&self) -> SqlStore {
        let store = self.over().acquire_timeout(PATIENCE);
        let store = store.sweep(Duration::ZERO).fold(Duration::ZERO);
        store.open().expect("a store")
    }
}

/// What a hit asks for.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) entry: String,
    pub(crate) registers: Vec<String>,
}

impl Names {
    /// As the store has them in its tables.
    fn registers(&self) -> Vec<&[u8]> {
        self.registers.iter().map(String::as_bytes).collect()
    }
}

/// What comes back: a name, the bytes of an entry, the halves of a version.
type Row = (Vec<u8>, Option<Vec<u8>>, i64, i64);

/// Two tables, by their primary keys; `{}` is one register or all of them.
fn text(entry: &str, registers: &str, now: &str) -> String {
    format!(
        "SELECT name, bytes, 0 AS high, 0 AS low FROM dogpile_entry \
         WHERE name = {entry} AND ends > {now} UNION ALL \
         SELECT name, NULL, high, low FROM dogpile_register WHERE name {registers} AND ends > {now}"
    )
}

pub(crate) struct PostgresPlace {
    pub(crate) server: Postgres,
    pool: PgPool,
    text: String,
}

/// A server as an application has it, as far as its speed goes.
const POSTGRES: [&str; 5] = [
    "log_statement=none",
    "shared_buffers=256MB",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
];

impl Place for PostgresPlace {
    const NAME: &'static str = "PostgreSQL";
    const MILLION: &'static str = "INSERT INTO dogpile_entry \
        SELECT convert_to('ended:' || n, 'UTF8'), convert_to(repeat('v', 200), 'UTF8'), 1 \
        FROM generate_series(1, 1000000) AS n";
    const TOKENS: &'static str = "INSERT INTO dogpile_token \
        SELECT CASE n % 1000 WHEN 0 THEN 'tag:articles'::bytea \
        ELSE convert_to('tag:other:' || n % 1000, 'UTF8') END, n * 2654435761, n * 40503 \
        FROM generate_series(1::int8, 1000000) AS n";

    async fn start() -> Self {
        let server = Postgres::start_with(&POSTGRES).await.expect("a server");
        let url = server.url("postgres");
        let pool = PoolOptions::new().max_connections(CONNECTIONS).connect(&url);
        let pool = pool.await.expect("a pool");
        Migrations::new().up(&pool).await.expect("tables");
        let now = "(date_part('epoch', statement_timestamp()) * 1000)::int8";
        Self { server, pool, text: text("$1", "= ANY ($2)", now) }
    }

    fn over(&self) -> SqlStoreBuilder {
        SqlStore::postgres(self.pool.clone())
    }

    async fn rows(&self, names: &Names) -> usize {
        let read = sqlx::query_as(AssertSqlSafe(&*self.text)).bind(names.entry.as_bytes());
        let rows: Vec<Row> =
            read.bind(names.registers()).fetch_all(&self.pool).await.expect("rows");
        std::hint::black_box(rows).len()
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.expect("a statement");
    }
}

pub(crate) struct MariaDbPlace {
    _server: MariaDb,
    pool: MySqlPool,
}

impl Place for MariaDbPlace {
    const NAME: &'static str = "MariaDB";
    const MILLION: &'static str = "INSERT INTO dogpile_entry \
        SELECT concat('ended:', seq), repeat('v', 200), 1 FROM seq_1_to_1000000";
    const TOKENS: &'static str = "INSERT INTO dogpile_token (name, high, low) \
        SELECT IF(seq % 1000, concat('tag:other:', seq % 1000), 'tag:articles'), \
        seq * 2654435761, seq * 40503 FROM seq_1_to_1000000";

    async fn start() -> Self {
        let options = [
            "--general-log=0",
            "--innodb-buffer-pool-size=512M",
            "--innodb-log-file-size=256M",
            "--innodb-flush-log-at-trx-commit=1",
        ];
        let server = MariaDb::start_with(&options).await.expect("a server");
        let url = server.create_database().await.expect("a database");
        let pool = PoolOptions::new().max_connections(CONNECTIONS).connect(&url);
        let pool = pool.await.expect("a pool");
        Migrations::new().up(&pool).await.expect("tables");
        Self { _server: server, pool }
    }

    fn over(&self) -> SqlStoreBuilder {
        SqlStore::mysql(self.pool.clone())
    }

    async fn rows(&self, names: &Names) -> usize {
        let now = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)";
        let text = text("?", &some(names.registers.len()), now);
        let read = sqlx::query_as(AssertSqlSafe(text)).bind(names.entry.as_bytes());
        let read = names.registers().into_iter().fold(read, |read, name| read.bind(name));
        let rows: Vec<Row> = read.fetch_all(&self.pool).await.expect("rows");
        std::hint::black_box(rows).len()
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.expect("a statement");
    }
}

pub(crate) struct SqlitePlace {
    _folder: TempDir,
    pool: SqlitePool,
}

impl Place for SqlitePlace {
    const NAME: &'static str = "SQLite";
    const MILLION: &'static str = "WITH RECURSIVE ended(n) AS \
        (SELECT 1 UNION ALL SELECT n + 1 FROM ended WHERE n < 1000000) INSERT INTO dogpile_entry \
        SELECT CAST('ended:' || n AS BLOB), zeroblob(200), 1 FROM ended";
    const TOKENS: &'static str = "WITH RECURSIVE tokens(n) AS \
        (SELECT 1 UNION ALL SELECT n + 1 FROM tokens WHERE n < 1000000) \
        INSERT INTO dogpile_token (name, high, low) \
        SELECT CAST(CASE n % 1000 WHEN 0 THEN 'tag:articles' ELSE 'tag:other:' || n % 1000 END AS BLOB), \
        n * 2654435761, n * 40503 FROM tokens";

    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = SqliteConnectOptions::new().filename(folder.path().join("cache.db"));
        let file = file.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        let file = file.synchronous(SqliteSynchronous::Full).busy_timeout(PATIENCE);
        let pool = PoolOptions::new().max_connections(CONNECTIONS).connect_with(file);
        let pool = pool.await.expect("a pool");
        Migrations::new().up(&pool).await.expect("tables");
        Self { _folder: folder, pool }
    }

    fn over(&self) -> SqlStoreBuilder {
        SqlStore::sqlite(self.pool.clone())
    }

    async fn rows(&self, names: &Names) -> usize {
        let now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
        let text = text("?", &some(names.registers.len()), now);
        let read = sqlx::query_as(AssertSqlSafe(text)).bind(names.entry.as_bytes());
        let read = names.registers().into_iter().fold(read, |read, name| read.bind(name));
        let rows: Vec<Row> = read.fetch_all(&self.pool).await.expect("rows");
        std::hint::black_box(rows).len()
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.expect("a statement");
    }
}

/// One of so many parameters.
fn some(registers: usize) -> String {
    format!("IN ({})", vec!["?"; registers].join(", "))
}
