//! smoke
#![cfg(feature = "sqlite")]
use dogpile::{Region, TagSpace, minutes};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use futures_util::TryStreamExt;
use sqlx::sqlite::SqlitePoolOptions;

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
struct Cake {
    id: i64,
    name: String,
}

async fn db() -> CachedPool<sqlx::Sqlite> {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let region =
        Region::builder("t").ttl(minutes(5)).tag_space(TagSpace::new(1000)).build().unwrap();
    let db = CachedPool::new(pool, region);
    sqlx::raw_sql("CREATE TABLE cake (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO cake VALUES (1,'a'),(2,'b')").execute(&db).await.unwrap();
    db
}

#[tokio::test]
async fn all() {
    let db = db().await;
    for _ in 0..3 {
        let c: Vec<Cake> = sqlx::query_as("SELECT * FROM cake WHERE id < ?")
            .bind(5)
            .cached()
            .fetch_all(&db)
            .await
            .unwrap();
        assert_eq!(c.len(), 2);
    }
    let s = db.region().stats();
    assert_eq!((s.hits, s.misses), (2, 1), "{s:?}");
    sqlx::query("UPDATE cake SET name = 'x' WHERE id = ?").bind(1).execute(&db).await.unwrap();
    let c: Vec<Cake> = sqlx::query_as("SELECT * FROM cake WHERE id < ?")
        .bind(5)
        .cached()
        .fetch_all(&db)
        .await
        .unwrap();
    assert_eq!(c[0].name, "x");
    let name = "x";
    let db2 = db.clone();
    tokio::spawn(async move {
        let name = String::from(name);
        let one: i64 = sqlx::query_scalar("SELECT id FROM cake WHERE name = ?")
            .bind(&name)
            .cached()
            .fetch_one(&db2)
            .await
            .unwrap();
        assert_eq!(one, 1);
        let rows: Vec<Cake> = sqlx::query_as("SELECT * FROM cake WHERE name = ?")
            .bind(&name)
            .cached()
            .fetch(&db2)
            .try_collect()
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
    })
    .await
    .unwrap();
    let mut tx = db.begin().await.unwrap();
    sqlx::query("DELETE FROM cake").execute(&mut *tx).await.unwrap();
    let n: i64 =
        sqlx::query_scalar("SELECT count(*) FROM cake").cached().fetch_one(&mut *tx).await.unwrap();
    assert_eq!(n, 0);
    tx.rollback().await.unwrap();
    let before = db.region().stats().hits;
    let c: Vec<Cake> = sqlx::query_as("SELECT * FROM cake WHERE id < ?")
        .bind(5)
        .cached()
        .fetch_all(&db)
        .await
        .unwrap();
    assert_eq!(c.len(), 2);
    assert_eq!(db.region().stats().hits, before + 1);
    println!(
        "{}",
        sqlx::query_as::<_, Cake>("SELECT * FROM cake WHERE id < ?")
            .bind(5)
            .cached()
            .explain(&db)
            .await
    );
    println!(
        "{}",
        sqlx::query_as::<_, Cake>("SELECT * FROM cake WHERE id < random()")
            .bind(5)
            .cached()
            .explain(&db)
            .await
    );
    println!("{:?}", db.region().stats());
}
