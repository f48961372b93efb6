//! Reads that are repeated: what is answered from the cache, and what never is.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Cell, Db, Row, rows_of};

#[tokio::test]
async fn s030_empty_lists() {
    let db = Db::new().await;
    let reads = [
        "SELECT * FROM post WHERE id IN ()",
        "SELECT * FROM post WHERE id NOT IN ()",
        "SELECT * FROM post WHERE 1 = 0",
    ];
    for read in reads {
        db.miss(read).await;
        db.hit(read).await;
    }
    db.invalidates("UPDATE post SET title = 'other' WHERE id = 1", &reads[1..2]).await;
}

#[tokio::test]
async fn s032_several_statements_in_one_string() {
    let db = Db::new().await;
    let sql = "SELECT 1; SELECT 2";
    assert_eq!(rows_of(sql).cached().explain(&db.pool).await.reason(), Some("multiple_statements"));
    let uncached = rows_of(sql).fetch_all(db.pool.inner()).await.unwrap();
    for _ in 0..2 {
        let (rows, sent) = db.sent(rows_of(sql).cached().fetch_all(&db.pool)).await;
        assert_eq!(rows.unwrap(), uncached);
        assert!(sent > 0);
    }
    assert_eq!(db.pool.region().stats().bypasses, 2);
    assert_eq!(db.pool.region().stats().stored, 0);
}

#[tokio::test]
async fn s032_a_write_behind_a_read() {
    let db = Db::new().await;
    let read = "SELECT count(*) FROM tag";
    db.warm(read).await;
    let sql = "SELECT 1; INSERT INTO tag (name) VALUES ('smuggled in')";
    rows_of(sql).cached().fetch_all(&db.pool).await.unwrap();
    assert_eq!(db.miss(read).await, [Row(vec![Cell::Integer(4)])]);
    sqlx::raw_sql("SELECT 1; DELETE FROM tag WHERE id = 4").execute(&db.pool).await.unwrap();
    assert_eq!(db.miss(read).await, [Row(vec![Cell::Integer(3)])]);
}
