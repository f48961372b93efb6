//! The `query!` family, cached.
//!
//! The macros check their SQL against what `.sqlx` says of it, so no database is needed to build
//! this. After a change of the SQL here, set `DATABASE_URL` to a SQLite file that has the table
//! below and `SQLX_OFFLINE_DIR` to `.sqlx`, and build the test once.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use dogpile::{Region, TagSpace, minutes};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use sqlx::Sqlite;
use sqlx::sqlite::SqlitePoolOptions;

const SCHEMA: &str = "CREATE TABLE cake (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL)";

#[derive(Debug, Clone, PartialEq)]
struct Cake {
    id: i64,
    name: String,
}

async fn database() -> CachedPool<Sqlite> {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let region =
        Region::builder("macros").ttl(minutes(5)).tag_space(TagSpace::new(100)).build().unwrap();
    let db = CachedPool::new(pool, region);
    sqlx::raw_sql(SCHEMA).execute(&db).await.unwrap();
    db
}

#[tokio::test]
async fn every_macro_is_cached_and_its_writes_invalidate() {
    let db = database().await;
    for (round, name) in ["nut", "plum"].into_iter().enumerate() {
        sqlx::query!("INSERT INTO cake (name) VALUES (?)", name).execute(&db).await.unwrap();
        for _ in 0..2 {
            let typed = sqlx::query_as!(Cake, "SELECT id, name FROM cake WHERE id < ?", 100_i64)
                .cached()
                .fetch_all(&db)
                .await
                .unwrap();
            assert_eq!(typed.last().unwrap().name, name);
            let count = sqlx::query_scalar!("SELECT count(*) FROM cake");
            assert_eq!(
                count.cached().fetch_one(&db).await.unwrap(),
                i64::try_from(round).unwrap() + 1
            );
            // The record that the macro makes cannot be cloned: it is handed out shared.
            let records = sqlx::query!("SELECT name FROM cake ORDER BY id DESC");
            let records = records.cached().fetch_all_shared(&db).await.unwrap();
            assert_eq!(records[0].name, name);
        }
    }
    let stats = db.region().stats();
    assert_eq!((stats.hits, stats.misses, stats.bypasses), (6, 6, 0));
}
