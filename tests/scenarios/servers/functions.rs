//! Functions and procedures of the application's own.

use dogpile_sqlx::{Analyzer, CacheDatabase, CachedPool, QueryCacheExt};

use crate::driver::Driver;
use crate::fixture::{Client, Db, assert_hit, assert_miss, rows_of};
use crate::run::either;

/// `titles` reads `post`; `paint` and `repaint` write `tag`, each in its way.
async fn create(db: &Db) {
    let functions = either(
        [
            "CREATE FUNCTION titles(of BIGINT) RETURNS TABLE (title TEXT) LANGUAGE sql
                 AS $$ SELECT title FROM post WHERE author_id = of ORDER BY id $$",
            "CREATE FUNCTION paint(colour TEXT) RETURNS BIGINT LANGUAGE sql
                 AS $$ UPDATE tag SET name = colour WHERE id = 1 RETURNING id $$",
            "CREATE PROCEDURE repaint() LANGUAGE sql
                 AS $$ UPDATE tag SET name = name || '!' WHERE id = 1 $$",
        ],
        [
            "CREATE FUNCTION titles(author BIGINT) RETURNS VARCHAR(200) READS SQL DATA
                 RETURN (SELECT max(title) FROM post WHERE author_id = author)",
            "CREATE FUNCTION paint(colour VARCHAR(200)) RETURNS BIGINT MODIFIES SQL DATA
                 BEGIN UPDATE tag SET name = colour WHERE id = 1; RETURN 1; END",
            "CREATE PROCEDURE repaint() UPDATE tag SET name = concat(name, '!') WHERE id = 1",
        ],
    );
    for function in functions {
        db.behind_its_back(function).await;
    }
}

const CALL: &str = either("SELECT * FROM titles(1)", "SELECT titles(1)");

/// What it reads is not known, so its result is not kept.
async fn s047_a_function_that_nobody_has_declared() {
    let db = Db::new().await;
    create(&db).await;
    db.bypasses(CALL, either("table_function", "unknown_function")).await;
}

/// Of one that is said to read only, and what: the result is kept until that is written.
async fn s048_a_function_with_declared_tables() {
    let db = Db::new().await;
    create(&db).await;
    let analyzer = Analyzer::builder(<Driver as CacheDatabase>::DIALECT);
    let analyzer = analyzer.deterministic_function("titles").build();
    let pool = db.pool.inner().clone();
    let pool = CachedPool::with_analyzer(pool, db.pool.region().clone(), analyzer);
    let read = || rows_of(CALL).cached().table("post").fetch_all(&pool);
    let before = assert_miss!(db, read()).unwrap();
    assert_eq!(assert_hit!(db, read()).unwrap(), before);
    db.execute("UPDATE tag SET name = 'new' WHERE id = 1").await;
    assert_eq!(assert_hit!(db, read()).unwrap(), before);
    db.execute("UPDATE post SET title = 'zzz' WHERE author_id = 1").await;
    assert_ne!(assert_miss!(db, read()).unwrap(), before);
    assert_hit!(db, read()).unwrap();
}

/// After `write`, which may have written anything, the read of what it wrote misses.
async fn reaches(db: &Client, write: &'static str) {
    let read = "SELECT * FROM tag";
    let before = db.warm(read).await;
    sqlx::raw_sql(write).execute(&db.pool).await.unwrap();
    assert_ne!(db.miss(read).await, before, "{write}");
    db.hit(read).await;
}

async fn s088_functions_and_procedures_that_write() {
    let db = Db::new().await;
    create(&db).await;
    let read = "SELECT * FROM tag";
    for write in [
        "SELECT paint('violet')",
        "SELECT id FROM post WHERE paint('indigo') = 1",
        "CALL repaint()",
    ] {
        db.invalidates(write, &[read]).await;
    }
    let before = db.warm(read).await;
    rows_of("SELECT paint('orange')").cached().fetch_all(&db.pool).await.unwrap();
    assert_ne!(db.miss(read).await, before);
    reaches(&db, "CALL repaint()").await;
    reaches(
        &db,
        either(
            "DO $$ BEGIN UPDATE tag SET name = 'block' WHERE id = 1; END $$",
            "BEGIN NOT ATOMIC UPDATE tag SET name = 'block' WHERE id = 1; END",
        ),
    )
    .await;
}

scenarios! {
    s047_a_function_that_nobody_has_declared,
    s048_a_function_with_declared_tables,
    s088_functions_and_procedures_that_write,
}
