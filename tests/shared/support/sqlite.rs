//! Tables in a file of SQLite, which several processes have open.

use std::thread::sleep;
use std::time::Duration;

use dogpile::{millis, secs};
use dogpile_migrations::Migrations;
use sqlx::SqlitePool;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tempfile::TempDir;

use super::tables::{Tables, statements, to_hex, wait};

pub(crate) struct SqliteTables {
    folder: TempDir,
    pool: SqlitePool,
}

impl SqliteTables {
    /// A pool of the application's in the same file, which waits for no other writer.
    pub(crate) async fn application(&self) -> SqlitePool {
        let file = SqliteConnectOptions::new().filename(self.folder.path().join("cache.db"));
        let file = file.journal_mode(SqliteJournalMode::Wal).busy_timeout(millis(20));
        PoolOptions::new().max_connections(4).connect_with(file).await.unwrap()
    }
}

impl Tables for SqliteTables {
    const FLUSH: &'static [&'static str] = &["BEGIN IMMEDIATE; DELETE FROM dogpile_register; \
        DELETE FROM dogpile_token; DELETE FROM dogpile_lease; DELETE FROM dogpile_entry; COMMIT"];

    async fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = SqliteConnectOptions::new().filename(folder.path().join("cache.db"));
        let file = file.create_if_missing(true).busy_timeout(secs(20));
        let file = file.journal_mode(SqliteJournalMode::Wal);
        let pool = PoolOptions::new().max_connections(1).connect_lazy_with(file);
        Migrations::new().up(&pool).await.unwrap();
        Self { folder, pool }
    }

    fn place(&self) -> String {
        format!("sqlite://{}/cache.db", self.folder.path().display())
    }

    statements!();

    fn literal(bytes: &[u8]) -> String {
        format!("x'{}'", to_hex(bytes))
    }

    fn hex(column: &str) -> String {
        format!("hex({column})")
    }

    fn put(name: &str, bytes: &str, ends: i64) -> String {
        format!("REPLACE INTO dogpile_entry (name, bytes, ends) VALUES ({name}, {bytes}, {ends})")
    }

    fn hold_up(&self, time: Duration) {
        wait(async {
            let mut writer = self.pool.acquire().await.unwrap();
            sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *writer).await.unwrap();
            sleep(time);
            sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.unwrap();
        });
    }
}
