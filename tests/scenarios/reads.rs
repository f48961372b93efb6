//! Reads that are repeated: what is answered from the cache, and what never is.

use dogpile_query::{Analyzer, Dialect, Kind};
use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Cell, Db, Row, assert_hit, assert_miss, rows_of};

#[tokio::test]
async fn s001_same_select_twice() {
    let db = Db::new().await;
    let first = db.miss("SELECT * FROM post").await;
    assert_eq!(first.len(), 3);
    assert_eq!(db.hit("SELECT * FROM post").await, first);
}

#[tokio::test]
async fn s003_empty_result() {
    let db = Db::new().await;
    assert!(db.miss("SELECT * FROM post WHERE id = -1").await.is_empty());
    assert!(db.hit("SELECT * FROM post WHERE id = -1").await.is_empty());
}

#[tokio::test]
async fn s004_insert_into_a_cached_emptiness() {
    let db = Db::new().await;
    let read = "SELECT * FROM tag WHERE id = 9";
    db.invalidates("INSERT INTO tag VALUES (9, 'new')", &[read]).await;
    assert_eq!(db.hit(read).await.len(), 1);
}

#[tokio::test]
async fn s005_nothing_is_something_to_remember() {
    let db = Db::new().await;
    let none = || rows_of("SELECT * FROM tag WHERE id = -1").cached().fetch_optional(&db.pool);
    assert_eq!(assert_miss!(db, none()).unwrap(), None);
    assert_eq!(assert_hit!(db, none()).unwrap(), None);

    let number = |sql| sqlx::query_scalar::<_, i64>(sql).cached().fetch_one(&db.pool);
    for sql in [
        "SELECT count(*) FROM tag WHERE id = -1",
        "SELECT EXISTS (SELECT 1 FROM tag WHERE id = -1)",
    ] {
        assert_eq!(assert_miss!(db, number(sql)).unwrap(), 0);
        assert_eq!(assert_hit!(db, number(sql)).unwrap(), 0);
    }

    let null = || {
        let query = sqlx::query_scalar::<_, Option<String>>("SELECT body FROM post WHERE id = 2");
        query.cached().fetch_one(&db.pool)
    };
    assert_eq!(assert_miss!(db, null()).unwrap(), None);
    assert_eq!(assert_hit!(db, null()).unwrap(), None);
}

/// That there is no row is an error of `fetch_one`, from the cache as from the database.
#[tokio::test]
async fn s005_no_row_for_fetch_one() {
    let db = Db::new().await;
    let one = || rows_of("SELECT * FROM tag WHERE id = -1").cached().fetch_one(&db.pool);
    assert!(matches!(assert_miss!(db, one()), Err(sqlx::Error::RowNotFound)));
    assert!(matches!(assert_hit!(db, one()), Err(sqlx::Error::RowNotFound)));
}

#[tokio::test]
async fn s026_an_error_is_not_cached() {
    let db = Db::new().await;
    for sql in ["SELECT * FROM nowhere", "SELECT nothing FROM post", "SELEC * FROM post"] {
        let before = db.pool.region().stats();
        for _ in 0..2 {
            assert!(rows_of(sql).cached().fetch_all(&db.pool).await.is_err(), "{sql}");
        }
        let after = db.pool.region().stats();
        assert_eq!((after.hits, after.stored), (before.hits, before.stored), "{sql}");
    }
    db.settle().await;
    // What failed works as soon as it can: the error came from the database, each time.
    db.execute("CREATE TABLE nowhere (id INTEGER PRIMARY KEY)").await;
    db.miss("SELECT * FROM nowhere").await;
    db.hit("SELECT * FROM nowhere").await;
}

/// The table comes into being past the cache, so only the database can know of it.
#[tokio::test]
async fn s026_a_repeated_error_comes_from_the_database() {
    let db = Db::new().await;
    let read = || rows_of("SELECT * FROM nowhere").cached().fetch_all(&db.pool);
    assert!(read().await.is_err());
    db.settle().await;
    db.behind_its_back("CREATE TABLE nowhere (id INTEGER PRIMARY KEY)").await;
    assert!(assert_miss!(db, read()).is_ok());
}

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
async fn s031_questions_about_the_database() {
    let db = Db::new().await;
    for sql in [
        "EXPLAIN SELECT * FROM post",
        "EXPLAIN QUERY PLAN SELECT * FROM post",
        "PRAGMA user_version",
        "PRAGMA table_info(post)",
    ] {
        db.bypasses(sql, "not_a_read").await;
    }
}

#[test]
fn s031_show_in_other_dialects() {
    for (dialect, sql) in [
        (Dialect::Postgres, "SHOW search_path"),
        (Dialect::MySql, "SHOW TABLES"),
        (Dialect::MySql, "SHOW VARIABLES LIKE 'sql_mode'"),
    ] {
        let analysis = Analyzer::new(dialect).analyze(sql);
        assert_eq!(analysis.kind(), Kind::Control, "{sql}");
        assert_eq!(analysis.bypass().unwrap().reason().code(), "not_a_read", "{sql}");
        assert!(analysis.write_tags().is_empty(), "{sql}");
    }
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
