//! The three databases, as the promises need them.

use std::time::Duration;

use dogpile_migrations::Database;
use dogpile_tests::services;
use sqlx::mysql::{MySql, MySqlPoolOptions};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgPoolOptions, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Pool, raw_sql};
use tempfile::TempDir;

/// A server with one empty database.
pub(crate) trait Server: Sized {
    type Db: Database;

    /// What takes the lock of migrations in a session, and what gives it back.
    const LOCK: [&str; 2];

    async fn start() -> Self;

    /// A new pool of at most one connection.
    async fn pool(&self) -> Pool<Self::Db>;

    /// Runs statements.
    async fn run(pool: &Pool<Self::Db>, sql: &str);

    /// The number that a statement counts.
    async fn count(pool: &Pool<Self::Db>, sql: &str) -> i64;

    /// How many tables there are whose names begin with `p_`, in any schema.
    async fn tables(pool: &Pool<Self::Db>) -> i64;
}

macro_rules! statements {
    () => {
        async fn run(pool: &Pool<Self::Db>, sql: &str) {
            let done = raw_sql(AssertSqlSafe(sql)).execute(pool).await;
            done.unwrap_or_else(|error| panic!("{error}: {sql}"));
        }

        async fn count(pool: &Pool<Self::Db>, sql: &str) -> i64 {
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
        }
    };
}

pub(crate) struct Pg {
    _server: services::Postgres,
    url: String,
}

impl Server for Pg {
    type Db = Postgres;

    const LOCK: [&str; 2] =
        ["begin; select pg_advisory_xact_lock(x'00646f6770696c65'::int8)", "rollback"];

    async fn start() -> Self {
        let server = services::Postgres::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        Self { _server: server, url }
    }

    async fn pool(&self) -> Pool<Postgres> {
        // What was committed during the wait for the lock must be seen whatever the default is.
        let options = PgPoolOptions::new().max_connections(1).after_connect(|connection, _| {
            Box::pin(async move {
                let strict = "set default_transaction_isolation = 'serializable'";
                raw_sql(strict).execute(connection).await.map(drop)
            })
        });
        options.connect(&self.url).await.unwrap()
    }

    statements!();

    async fn tables(pool: &Pool<Postgres>) -> i64 {
        let sql = r"select count(*) from pg_class where relname like 'p\_%' and relkind = 'r'";
        Self::count(pool, sql).await
    }
}

pub(crate) struct Maria {
    _server: services::MariaDb,
    url: String,
}

impl Server for Maria {
    type Db = MySql;

    const LOCK: [&str; 2] =
        ["do get_lock('dogpile_migrations', 10)", "do release_lock('dogpile_migrations')"];

    async fn start() -> Self {
        let server = services::MariaDb::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        Self { _server: server, url }
    }

    async fn pool(&self) -> Pool<MySql> {
        MySqlPoolOptions::new().max_connections(1).connect(&self.url).await.unwrap()
    }

    statements!();

    async fn tables(pool: &Pool<MySql>) -> i64 {
        let sql = r"select count(*) from information_schema.tables where table_name like 'p\_%'";
        Self::count(pool, sql).await
    }
}

pub(crate) struct Lite {
    folder: TempDir,
}

impl Server for Lite {
    type Db = Sqlite;

    const LOCK: [&str; 2] = ["begin immediate", "rollback"];

    async fn start() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    async fn pool(&self) -> Pool<Sqlite> {
        let file = self.folder.path().join("main.db");
        let cache = self.folder.path().join("cache.db").display().to_string();
        // No patience at all: the wait must not be the driver's.
        let connection = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let connection = connection.busy_timeout(Duration::ZERO);
        let options: SqlitePoolOptions = PoolOptions::new().max_connections(1);
        let options = options.after_connect(move |connection, _| {
            let attach = format!("attach '{cache}' as cache");
            Box::pin(
                async move { raw_sql(AssertSqlSafe(attach)).execute(connection).await.map(drop) },
            )
        });
        options.connect_with(connection).await.unwrap()
    }

    statements!();

    async fn tables(pool: &Pool<Sqlite>) -> i64 {
        let all = "(select * from main.sqlite_master union all select * from cache.sqlite_master)";
        let of_ours = r"type = 'table' and name like 'p\_%' escape '\'";
        Self::count(pool, &format!("select count(*) from {all} where {of_ours}")).await
    }
}
