//! What only MariaDB's catalog tells.

use crate::fixture::Db;

async fn s053_partitions() {
    let db = Db::new().await;
    db.execute(
        "CREATE TABLE log (id BIGINT, what VARCHAR(9)) PARTITION BY RANGE (id)
         (PARTITION low VALUES LESS THAN (100), PARTITION high VALUES LESS THAN (200))",
    )
    .await;
    let reads = ["SELECT * FROM log", "SELECT * FROM log PARTITION (high)"];
    db.invalidates("INSERT INTO log VALUES (160, 'a')", &reads).await;
    db.invalidates("INSERT INTO log PARTITION (high) VALUES (170, 'b')", &reads[..1]).await;
}

async fn s062_tables_that_are_not_kept() {
    let db = Db::new().await;
    db.execute("CREATE SEQUENCE numbers").await;
    db.bypasses("SELECT * FROM numbers", "sequence").await;
    db.execute("CREATE TABLE quick (id BIGINT) ENGINE = MEMORY").await;
    db.bypasses("SELECT * FROM quick", "unlogged_table").await;
}

/// What the database says of a function, where its text does not say otherwise.
async fn s067_functions_of_the_application() {
    let db = Db::new().await;
    // What a text with several statements does to its session nobody can tell.
    db.behind_its_back(
        "CREATE FUNCTION note(t VARCHAR(99)) RETURNS BIGINT MODIFIES SQL DATA
            BEGIN INSERT INTO event (kind) VALUES (t); RETURN 1; END",
    )
    .await;
    for sql in [
        "CREATE FUNCTION slug(t VARCHAR(99)) RETURNS VARCHAR(99) DETERMINISTIC RETURN lower(t)",
        "CREATE FUNCTION posts() RETURNS BIGINT DETERMINISTIC READS SQL DATA
            RETURN (SELECT count(*) FROM post)",
    ] {
        sqlx::raw_sql(sql).execute(&db.pool).await.unwrap();
    }
    let slugs = "SELECT slug(name) FROM tag";
    db.invalidates("UPDATE tag SET name = slug('PINK') WHERE id = 1", &[slugs]).await;
    db.bypasses("SELECT posts()", "unknown_function").await;
    let events = "SELECT kind FROM event";
    db.invalidates("SELECT note(name) FROM tag WHERE id = 1", &[events]).await;
}

/// A change of rights invalidates, whoever it is about.
async fn s075_a_right_that_is_taken_away() {
    let db = Db::new().await;
    let read = "SELECT name FROM tag";
    db.execute("CREATE ROLE reader").await;
    db.execute("GRANT SELECT ON tag TO reader").await;
    db.warm(read).await;
    db.execute("REVOKE SELECT ON tag FROM reader").await;
    db.miss(read).await;
    db.execute("DROP ROLE reader").await;
}

async fn s089_truncate() {
    let db = Db::new().await;
    db.invalidates("TRUNCATE event", &["SELECT id FROM event"]).await;
}

scenarios! {
    s053_partitions,
    s062_tables_that_are_not_kept,
    s067_functions_of_the_application,
    s075_a_right_that_is_taken_away,
    s089_truncate,
}
