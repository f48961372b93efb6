//! What only PostgreSQL's catalog tells.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Db, assert_hit, assert_miss, query, rows_of};

async fn s046_a_materialized_view() {
    let db = Db::new().await;
    db.execute("CREATE MATERIALIZED VIEW titles AS SELECT id, title FROM post").await;
    let read = "SELECT id, title FROM titles";
    db.keeps("UPDATE post SET title = 'newer' WHERE id = 1", &[read]).await;
    db.invalidates("REFRESH MATERIALIZED VIEW titles", &[read]).await;
}

async fn s053_partitions() {
    let db = Db::new().await;
    for sql in [
        "CREATE TABLE log (id BIGINT, what TEXT) PARTITION BY RANGE (id)",
        "CREATE TABLE log_low PARTITION OF log FOR VALUES FROM (0) TO (100)",
        "CREATE TABLE log_high PARTITION OF log FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id)",
        "CREATE TABLE log_top PARTITION OF log_high FOR VALUES FROM (150) TO (200)",
        "INSERT INTO log VALUES (1, 'a'), (160, 'b')",
    ] {
        db.execute(sql).await;
    }
    let reads = ["SELECT * FROM log", "SELECT * FROM log_high", "SELECT * FROM log_top"];
    db.invalidates("INSERT INTO log_top VALUES (170, 'c')", &reads).await;
    db.invalidates("INSERT INTO log VALUES (180, 'd')", &reads).await;
    db.invalidates("UPDATE log_low SET what = 'e'", &reads[..1]).await;
    db.invalidates("DELETE FROM log WHERE id = 1", &["SELECT * FROM log_low", reads[0]]).await;
    db.execute("CREATE TABLE log_mid PARTITION OF log_high FOR VALUES FROM (100) TO (150)").await;
    db.invalidates("INSERT INTO log_mid VALUES (120, 'f')", &reads[..2]).await;
    db.invalidates("DROP TABLE log_mid", &reads[..2]).await;
}

async fn s054_tables_that_inherit() {
    let db = Db::new().await;
    for sql in [
        "CREATE TABLE place (id BIGINT, name TEXT)",
        "CREATE TABLE city (mayor TEXT) INHERITS (place)",
        "CREATE TABLE capital (country TEXT) INHERITS (city)",
        "INSERT INTO capital VALUES (1, 'Rome', 'R', 'Italy')",
        "INSERT INTO place VALUES (2, 'Alps')",
    ] {
        db.execute(sql).await;
    }
    let reads = ["SELECT * FROM place", "SELECT name FROM city", "SELECT * FROM capital"];
    db.invalidates("UPDATE capital SET name = 'Roma'", &reads).await;
    db.invalidates("UPDATE place SET name = 'Roma!' WHERE id = 1", &reads).await;
    let only = "SELECT * FROM ONLY place";
    db.invalidates("UPDATE ONLY place SET name = 'The Alps'", &[only, reads[0]]).await;
    db.invalidates("DROP TABLE capital", &reads[..2]).await;
}

/// Referred to through the partitioned table, and deleted in a partition.
async fn s055_a_partition_that_is_referred_to() {
    let db = Db::new().await;
    for sql in [
        "CREATE TABLE room (id BIGINT PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE room_low PARTITION OF room FOR VALUES FROM (0) TO (100)",
        "CREATE TABLE guest (id BIGINT, room_id BIGINT REFERENCES room (id) ON DELETE CASCADE)",
        "INSERT INTO room VALUES (1), (2), (3)",
        "INSERT INTO guest VALUES (1, 1), (2, 2)",
    ] {
        db.execute(sql).await;
    }
    let read = "SELECT * FROM guest";
    db.invalidates("DELETE FROM room_low WHERE id = 1", &[read]).await;
    db.invalidates("DELETE FROM room WHERE id = 2", &[read]).await;
}

/// A statement that makes a table of the rows that it deletes.
async fn s055_rows_that_become_a_table() {
    let db = Db::new().await;
    let write = "WITH gone AS (DELETE FROM author WHERE id = 1 RETURNING id)
        SELECT id INTO gone_author FROM gone";
    db.invalidates(write, &["SELECT title FROM post", "SELECT post_id FROM post_tag"]).await;
}

/// A rule is a trigger by another name.
async fn s056_a_rule() {
    let db = Db::new().await;
    let rule = "CREATE RULE noted AS ON UPDATE TO event DO ALSO
        INSERT INTO audit (post_id, what) VALUES (new.id, 'event')";
    db.execute(rule).await;
    db.invalidates("UPDATE event SET kind = 'stop'", &["SELECT * FROM audit"]).await;
}

/// Which statements it puts together nobody can tell.
async fn s056_a_trigger_that_puts_statements_together() {
    let db = Db::new().await;
    for sql in [
        "CREATE FUNCTION any_table() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            EXECUTE 'UPDATE ' || 't' || 'ag SET name = name || ''!'''; RETURN NULL; END $$",
        "CREATE TRIGGER event_au AFTER UPDATE ON event EXECUTE FUNCTION any_table()",
    ] {
        sqlx::raw_sql(sql).execute(&db.pool).await.unwrap();
    }
    db.invalidates("UPDATE event SET kind = 'stop'", &["SELECT name FROM tag"]).await;
}

async fn s062_tables_that_are_not_kept() {
    let db = Db::new().await;
    db.execute("CREATE UNLOGGED TABLE quick (id BIGINT)").await;
    db.bypasses("SELECT * FROM quick", "unlogged_table").await;
    db.execute("CREATE SEQUENCE numbers").await;
    db.bypasses("SELECT last_value FROM numbers", "sequence").await;
    db.execute("CREATE VIEW over_quick AS SELECT q.id FROM quick q").await;
    db.bypasses("SELECT id FROM over_quick", "unlogged_table").await;
}

/// They are read through what they are a part of, too.
async fn s062_parts_that_are_not_kept() {
    let db = Db::new().await;
    for sql in [
        "CREATE TABLE log (id BIGINT, what TEXT) PARTITION BY RANGE (id)",
        "CREATE TABLE log_low PARTITION OF log FOR VALUES FROM (0) TO (100)",
        "CREATE TABLE log_high PARTITION OF log FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id)",
        "CREATE VIEW logged AS SELECT id FROM log",
        "CREATE TABLE place (id BIGINT)",
        "INSERT INTO log VALUES (1, 'a')",
    ] {
        db.execute(sql).await;
    }
    let reads = ["SELECT id FROM log", "SELECT id FROM logged", "SELECT id FROM place"];
    for read in reads {
        db.warm(read).await;
    }
    for sql in [
        "CREATE UNLOGGED TABLE log_top PARTITION OF log_high FOR VALUES FROM (150) TO (200)",
        "CREATE UNLOGGED TABLE city (mayor TEXT) INHERITS (place)",
    ] {
        db.execute(sql).await;
    }
    for read in reads {
        db.bypasses(read, "unlogged_table").await;
    }
    db.bypasses("SELECT id FROM log_high", "unlogged_table").await;
    db.warm("SELECT id FROM log_low").await;
}

/// A partition whose rows are what a program says.
async fn s062_parts_that_are_elsewhere() {
    let db = Db::new().await;
    db.execute("CREATE TABLE log (id BIGINT) PARTITION BY RANGE (id)").await;
    db.execute("CREATE VIEW logged AS SELECT id FROM log").await;
    db.warm("SELECT id FROM logged").await;
    for sql in [
        "CREATE EXTENSION file_fdw",
        "CREATE SERVER elsewhere FOREIGN DATA WRAPPER file_fdw",
        "CREATE FOREIGN TABLE log_old PARTITION OF log FOR VALUES FROM (0) TO (100)
            SERVER elsewhere OPTIONS (program 'echo 1')",
    ] {
        db.execute(sql).await;
    }
    for read in ["SELECT id FROM log_old", "SELECT id FROM log", "SELECT id FROM logged"] {
        db.bypasses(read, "foreign_table").await;
    }
}

/// What the database says of a function.
async fn s067_functions_of_the_application() {
    let db = Db::new().await;
    for sql in [
        "CREATE FUNCTION slug(t TEXT) RETURNS TEXT IMMUTABLE LANGUAGE sql AS $$ SELECT lower(t) $$",
        "CREATE FUNCTION posts() RETURNS BIGINT STABLE LANGUAGE sql AS $$ SELECT count(*) FROM post $$",
        "CREATE FUNCTION note(t TEXT) RETURNS BIGINT VOLATILE LANGUAGE sql
            AS $$ INSERT INTO event (kind) VALUES (t) RETURNING id $$",
    ] {
        sqlx::raw_sql(sql).execute(&db.pool).await.unwrap();
    }
    let slugs = "SELECT slug(name) FROM tag";
    db.invalidates("UPDATE tag SET name = slug('PINK') WHERE id = 1", &[slugs]).await;
    db.bypasses("SELECT posts()", "unknown_function").await;
    // A function that may not write invalidates nothing, and one that writes what it names.
    db.keeps("SELECT posts()", &[slugs]).await;
    db.keeps("UPDATE event SET kind = slug('A')", &[slugs]).await;
    let events = "SELECT kind FROM event";
    db.invalidates("SELECT note(name) FROM tag WHERE id = 1", &[events]).await;
    db.keeps("SELECT note('again')", &[slugs]).await;
    db.bypasses("SELECT note('twice')", "unknown_function").await;
}

/// A function that changes its mind.
async fn s067_a_function_that_is_made_anew() {
    let db = Db::new().await;
    let made = |volatility: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION slug(t TEXT) RETURNS TEXT {volatility} LANGUAGE sql AS $$ SELECT t $$"
        )
    };
    let read = "SELECT slug(name) FROM tag";
    let create = |sql: String| sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&db.pool);
    create(made("IMMUTABLE")).await.unwrap();
    db.warm(read).await;
    create(made("VOLATILE")).await.unwrap();
    db.bypasses(read, "unknown_function").await;
}

/// Whoever lost the right to read it is not served what was stored before.
async fn s075_a_right_that_is_taken_away() {
    let db = Db::new().await;
    let role = format!("reader_{}", std::process::id());
    let read = "SELECT name FROM tag";
    let run = |sql: String| sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(db.pool.inner());
    run(format!("CREATE ROLE {role}; GRANT SELECT ON tag TO {role}")).await.unwrap();
    let mut connection = db.pool.acquire().await.unwrap();
    let set = sqlx::AssertSqlSafe(format!("SET ROLE {role}"));
    sqlx::query(set).execute(&mut connection).await.unwrap();
    assert_miss!(db, rows_of(read).cached().fetch_all(&mut connection)).unwrap();
    assert_hit!(db, rows_of(read).cached().fetch_all(&mut connection)).unwrap();

    let revoke = format!("REVOKE SELECT ON tag FROM {role}");
    let mut tx = db.pool.begin().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(revoke.clone())).execute(&mut *tx).await.unwrap();
    tx.rollback().await.unwrap();
    rows_of(read).cached().fetch_all(&mut connection).await.unwrap();

    sqlx::query(sqlx::AssertSqlSafe(revoke)).execute(&db.pool).await.unwrap();
    let refused = rows_of(read).cached().fetch_all(&mut connection).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
    query("RESET ROLE").execute(&mut connection).await.unwrap();
    drop(connection);
    run(format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}

async fn s089_truncate_with_what_refers_to_it() {
    let db = Db::new().await;
    let reads = ["SELECT id FROM author", "SELECT id FROM post", "SELECT post_id FROM post_tag"];
    db.invalidates("TRUNCATE author CASCADE", &reads).await;
}

scenarios! {
    s046_a_materialized_view,
    s053_partitions,
    s054_tables_that_inherit,
    s055_a_partition_that_is_referred_to,
    s055_rows_that_become_a_table,
    s056_a_rule,
    s056_a_trigger_that_puts_statements_together,
    s062_tables_that_are_not_kept,
    s062_parts_that_are_not_kept,
    s062_parts_that_are_elsewhere,
    s067_functions_of_the_application,
    s067_a_function_that_is_made_anew,
    s075_a_right_that_is_taken_away,
    s089_truncate_with_what_refers_to_it,
}
