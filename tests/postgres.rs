//! A smoke test on a real PostgreSQL: reads are cached, writes and transactions invalidate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use dogpile::{Region, TagSpace, minutes};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use dogpile_tests::services::Postgres;
use sqlx::{PgPool, Postgres as Pg};

async fn database(server: &Postgres) -> CachedPool<Pg> {
    let pool = PgPool::connect(&server.create_database().await.unwrap()).await.unwrap();
    let region =
        Region::builder("smoke").ttl(minutes(5)).tag_space(TagSpace::new(1_000)).build().unwrap();
    let db = CachedPool::new(pool, region);
    sqlx::raw_sql(
        "CREATE TABLE cake (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL, price NUMERIC);
         INSERT INTO cake (name, price) VALUES ('nut', 1.50), ('plum', 2.25)",
    )
    .execute(&db)
    .await
    .unwrap();
    db
}

async fn names(db: &CachedPool<Pg>) -> Vec<(i64, String)> {
    sqlx::query_as("SELECT id, name FROM cake WHERE id < $1 ORDER BY id")
        .bind(100_i64)
        .cached()
        .fetch_all(db)
        .await
        .unwrap()
}

#[tokio::test]
async fn reads_are_cached_and_writes_invalidate_them() {
    let server = Postgres::start().await.unwrap();
    let db = database(&server).await;
    assert_eq!(names(&db).await, names(&db).await);
    assert_eq!((db.region().stats().hits, db.region().stats().misses), (1, 1));

    let returned: i64 = sqlx::query_scalar("INSERT INTO cake (name) VALUES ($1) RETURNING id")
        .bind("cheese")
        .fetch_one(&db)
        .await
        .unwrap();
    assert_eq!(names(&db).await.last().unwrap(), &(returned, String::from("cheese")));
    db.close().await;
}

#[tokio::test]
async fn transactions_invalidate_when_they_commit_and_not_when_they_roll_back() {
    let server = Postgres::start().await.unwrap();
    let db = database(&server).await;
    names(&db).await;

    let mut tx = db.begin().await.unwrap();
    sqlx::query("DELETE FROM cake").execute(&mut *tx).await.unwrap();
    let inside: i64 =
        sqlx::query_scalar("SELECT count(*) FROM cake").cached().fetch_one(&mut *tx).await.unwrap();
    assert_eq!(inside, 0);
    tx.rollback().await.unwrap();
    let hits = db.region().stats().hits;
    assert_eq!(names(&db).await.len(), 2);
    assert_eq!(db.region().stats().hits, hits + 1, "nothing was invalidated");

    let mut tx = db.begin().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    sqlx::query("DELETE FROM cake WHERE name = 'nut'").execute(&mut *savepoint).await.unwrap();
    savepoint.commit().await.unwrap();
    assert_eq!(names(&db).await.len(), 2, "not before the commit");
    tx.commit().await.unwrap();
    assert_eq!(names(&db).await.len(), 1);
    db.close().await;
}

#[tokio::test]
async fn arguments_of_one_text_and_several_types_are_told_apart() {
    let server = Postgres::start().await.unwrap();
    let db = database(&server).await;
    let text: String =
        sqlx::query_scalar("SELECT $1").bind("7").cached().fetch_one(&db).await.unwrap();
    let number: i32 =
        sqlx::query_scalar("SELECT $1").bind(7).cached().fetch_one(&db).await.unwrap();
    assert_eq!((text.as_str(), number), ("7", 7));
    assert_eq!(db.region().stats().misses, 2);
    db.close().await;
}
