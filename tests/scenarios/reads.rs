//! Reads that are repeated: what is answered from the cache, and what never is.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Cell, Db, Row, assert_hit, assert_miss, by, rows_of};

async fn s001_same_select_twice() {
    let db = Db::new().await;
    let first = db.miss("SELECT * FROM post").await;
    assert_eq!(first.len(), 3);
    assert_eq!(db.hit("SELECT * FROM post").await, first);
}

async fn s003_empty_result() {
    let db = Db::new().await;
    assert!(db.miss("SELECT * FROM post WHERE id = -1").await.is_empty());
    assert!(db.hit("SELECT * FROM post WHERE id = -1").await.is_empty());
}

async fn s004_insert_into_a_cached_emptiness() {
    let db = Db::new().await;
    let read = "SELECT * FROM tag WHERE id = 9";
    db.invalidates("INSERT INTO tag VALUES (9, 'new')", &[read]).await;
    assert_eq!(db.hit(read).await.len(), 1);
}

async fn s005_nothing_is_something_to_remember() {
    let db = Db::new().await;
    let none = || rows_of("SELECT * FROM tag WHERE id = -1").cached().fetch_optional(&db.pool);
    assert_eq!(assert_miss!(db, none()).unwrap(), None);
    assert_eq!(assert_hit!(db, none()).unwrap(), None);

    let number = |sql| sqlx::query_scalar::<_, i64>(sql).cached().fetch_one(&db.pool);
    for sql in [
        "SELECT count(*) FROM tag WHERE id = -1",
        "SELECT count(*) FROM tag WHERE EXISTS (SELECT 1 FROM event WHERE id = -1)",
    ] {
        assert_eq!(assert_miss!(db, number(sql)).unwrap(), 0);
        assert_eq!(assert_hit!(db, number(sql)).unwrap(), 0);
    }

    let exists = "SELECT EXISTS (SELECT 1 FROM tag WHERE id = -1)";
    assert_eq!(db.miss(exists).await, db.hit(exists).await);

    let null = || {
        let query = sqlx::query_scalar::<_, Option<String>>("SELECT body FROM post WHERE id = 2");
        query.cached().fetch_one(&db.pool)
    };
    assert_eq!(assert_miss!(db, null()).unwrap(), None);
    assert_eq!(assert_hit!(db, null()).unwrap(), None);
}

/// That there is no row is an error of `fetch_one`, from the cache as from the database.
async fn s005_no_row_for_fetch_one() {
    let db = Db::new().await;
    let one = || rows_of("SELECT * FROM tag WHERE id = -1").cached().fetch_one(&db.pool);
    assert!(matches!(assert_miss!(db, one()), Err(sqlx::Error::RowNotFound)));
    assert!(matches!(assert_hit!(db, one()), Err(sqlx::Error::RowNotFound)));
}

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
async fn s026_a_repeated_error_comes_from_the_database() {
    let db = Db::new().await;
    let read = || rows_of("SELECT * FROM nowhere").cached().fetch_all(&db.pool);
    assert!(read().await.is_err());
    db.settle().await;
    db.behind_its_back("CREATE TABLE nowhere (id INTEGER PRIMARY KEY)").await;
    assert!(assert_miss!(db, read()).is_ok());
}

async fn s031_questions_about_the_database() {
    let db = Db::new().await;
    let sqlite: &[_] = &[
        "EXPLAIN QUERY PLAN SELECT * FROM post",
        "PRAGMA user_version",
        "PRAGMA table_info(post)",
    ];
    let postgres: &[_] = &["SHOW search_path", "EXPLAIN (FORMAT json) SELECT * FROM post"];
    let mariadb: &[_] = &["SHOW TABLES", "SHOW VARIABLES LIKE 'sql_mode'", "DESCRIBE post"];
    db.bypasses("EXPLAIN SELECT * FROM post", "not_a_read").await;
    for sql in by(sqlite, postgres, mariadb) {
        db.bypasses(sql, "not_a_read").await;
    }
}

/// Sent as it is, and not prepared, every database takes several statements at once.
async fn s032_a_write_behind_a_read_in_a_text() {
    let db = Db::new().await;
    let read = "SELECT count(*) FROM tag";
    db.warm(read).await;
    sqlx::raw_sql("SELECT 1; DELETE FROM tag WHERE id = 3").execute(&db.pool).await.unwrap();
    assert_eq!(db.miss(read).await, [Row(vec![Cell::Integer(2)])]);
}

scenarios! {
    s032_a_write_behind_a_read_in_a_text,
    s001_same_select_twice,
    s003_empty_result,
    s004_insert_into_a_cached_emptiness,
    s005_nothing_is_something_to_remember,
    s005_no_row_for_fetch_one,
    s026_an_error_is_not_cached,
    s026_a_repeated_error_comes_from_the_database,
    s031_questions_about_the_database,
}
