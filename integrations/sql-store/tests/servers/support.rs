//! Databases with the tables of a store.

use std::path::Path;

use dogpile::secs;
use dogpile_sql_store::{SqlStore, SqlStoreBuilder};
use dogpile_tests::services::Postgres;
use sqlx::postgres::PgPool;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tempfile::TempDir;

/// The tables as the migrations make them.
pub(crate) fn tables(text: &str, quote: char, prefix: &str) -> String {
    let mut text = text.replace("{unlogged}", "unlogged ");
    for (kind, names) in [("table", &["entry", "register", "token", "lease"][..]), ("name", &["token_name"])]
    {
        for name in names {
            let quoted = format!("{quote}{prefix}{name}{quote}");
            text = text.replace(&format!("{{{kind}:{name}}}"), &quoted);
        }
    }
    assert!(!text.contains('{'), "{text}");
    text
}

/// A file of SQLite with the tables in it, in a folder that ends with its value.
pub(crate) struct File(TempDir);

impl File {
    pub(crate) async fn new() -> Self {
        let file = Self(tempfile::tempdir().unwrap());
        let options = SqliteConnectOptions::new().filename(file.path()).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let text = include_str!("../../../../migrations/sql/sqlite/0001_store.up.sql");
        sqlx::raw_sql(AssertSqlSafe(tables(text, '"', "dogpile_"))).execute(&pool).await.unwrap();
        pool.close().await;
        file
    }

    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.0.path().join("cache.db")
    }

    pub(crate) fn url(&self) -> String {
        url(&self.path())
    }

    /// For what no store does.
    pub(crate) async fn pool(&self) -> SqlitePool {
        SqlitePool::connect(&self.url()).await.unwrap()
    }
}

fn url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// A server of PostgreSQL with the tables in one of its databases.
pub(crate) struct Server {
    server: Postgres,
    url: String,
}

impl Server {
    pub(crate) async fn new() -> Self {
        let server = Postgres::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        let file = Self { server, url };
        let pool = file.pool().await;
        let text = include_str!("../../../../migrations/sql/postgres/0001_store.up.sql");
        sqlx::raw_sql(AssertSqlSafe(tables(text, '"', "dogpile_"))).execute(&pool).await.unwrap();
        pool.close().await;
        file
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    pub(crate) async fn pool(&self) -> PgPool {
        PgPool::connect(&self.url).await.unwrap()
    }
}

/// A store that waits for a busy machine, and is swept by hand.
pub(crate) fn patient(url: &str) -> SqlStoreBuilder {
    let builder = SqlStore::builder(url).unwrap();
    let builder = builder.acquire_timeout(secs(30)).connect_timeout(secs(30));
    builder.statement_timeout(secs(30)).sweep(secs(0))
}
