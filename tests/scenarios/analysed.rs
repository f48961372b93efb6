//! Statements of databases that are not here, or of every database, by the analyser alone: what it
//! takes them for, what they write, and why they are not cached.

use dogpile::{Region, TagSpace, minutes};
use dogpile_query::{Analyzer, Dialect, Kind, TableName};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use sqlx::PgPool;

/// The names of tables.
fn tables(tables: &[TableName]) -> Vec<String> {
    tables.iter().map(ToString::to_string).collect()
}

/// Why a statement of another database is not cached.
fn reason(dialect: Dialect, sql: &str) -> Option<&'static str> {
    Analyzer::new(dialect).analyze(sql).bypass().map(|bypass| bypass.reason().code())
}

/// The tables that a statement of another database writes; it must not flush.
fn writes(dialect: Dialect, sql: &str) -> Vec<String> {
    let analysis = Analyzer::new(dialect).analyze(sql);
    assert_eq!(analysis.kind(), Kind::Write, "{sql}");
    assert!(!analysis.flushes(), "{sql}");
    assert_eq!(analysis.bypass().map(|why| why.reason().code()), Some("not_a_read"), "{sql}");
    tables(analysis.writes())
}

/// SQLite refuses it, PostgreSQL and MySQL read the table: there the name is not yet taken.
#[test]
fn s041_cte_that_reads_the_table_of_its_name() {
    let sql = "WITH post AS (SELECT * FROM post WHERE visible) SELECT * FROM post";
    for dialect in [Dialect::Postgres, Dialect::MySql] {
        let analysis = Analyzer::new(dialect).analyze(sql);
        assert!(analysis.bypass().is_none(), "{dialect:?}");
        assert_eq!(tables(analysis.reads()), ["post"], "{dialect:?}");
    }
}

/// SQLite has no LATERAL.
#[test]
fn s044_lateral() {
    let sql = "SELECT a.name, p.title FROM author a, LATERAL
                   (SELECT title FROM post WHERE author_id = a.id LIMIT 1) p";
    for dialect in [Dialect::Postgres, Dialect::MySql] {
        let analysis = Analyzer::new(dialect).analyze(sql);
        assert!(analysis.bypass().is_none(), "{dialect:?}");
        assert_eq!(tables(analysis.reads()), ["author", "post"], "{dialect:?}");
    }
}

#[test]
fn s064_the_clock_in_other_dialects() {
    for sql in ["SELECT now()", "SELECT id FROM post WHERE created_at < CURRENT_TIMESTAMP"] {
        assert_eq!(reason(Dialect::Postgres, sql), Some("volatile"), "{sql}");
        assert_eq!(reason(Dialect::MySql, sql), Some("volatile"), "{sql}");
    }
    assert_eq!(reason(Dialect::Postgres, "SELECT clock_timestamp()"), Some("volatile"));
    assert_eq!(reason(Dialect::MySql, "SELECT sysdate(), curdate()"), Some("volatile"));
    // Of no database here, so nothing is known of it.
    for dialect in [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite] {
        assert_eq!(reason(dialect, "SELECT GETDATE()"), Some("unknown_function"));
    }
}

#[test]
fn s066_sequences_and_locks_in_other_dialects() {
    for sql in [
        "SELECT nextval('post_id_seq')",
        "SELECT uuid_generate_v4()",
        "SELECT gen_random_uuid()",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
        "SELECT pg_sleep(1)",
        "SELECT id FROM post WHERE id = (SELECT currval('post_id_seq'))",
    ] {
        assert!(reason(Dialect::Postgres, sql).is_some(), "{sql}");
    }
    for sql in
        ["SELECT last_insert_id()", "SELECT uuid()", "SELECT get_lock('a', 1)", "SELECT sleep(1)"]
    {
        assert!(reason(Dialect::MySql, sql).is_some(), "{sql}");
    }
}

#[test]
fn s156_locking_reads() {
    let postgres = [
        "SELECT * FROM post FOR UPDATE",
        "SELECT * FROM post FOR SHARE",
        "SELECT * FROM post FOR UPDATE NOWAIT",
        "SELECT * FROM post FOR UPDATE SKIP LOCKED",
        "SELECT * FROM post FOR NO KEY UPDATE",
        "SELECT * FROM post FOR KEY SHARE",
        "SELECT * FROM post p JOIN author a ON a.id = p.author_id FOR UPDATE OF p",
        "SELECT * FROM (SELECT * FROM post FOR UPDATE) AS locked",
        "WITH locked AS (SELECT * FROM post FOR UPDATE) SELECT * FROM locked",
    ];
    let mysql = [
        "SELECT * FROM post FOR UPDATE",
        "SELECT * FROM post FOR SHARE SKIP LOCKED",
        "SELECT * FROM post LOCK IN SHARE MODE",
    ];
    let postgres = postgres.into_iter().map(|sql| (Dialect::Postgres, sql));
    for (dialect, sql) in postgres.chain(mysql.into_iter().map(|sql| (Dialect::MySql, sql))) {
        let analysis = Analyzer::new(dialect).analyze(sql);
        let reason = analysis.bypass().map(|bypass| bypass.reason().code());
        assert_eq!(reason, Some("locking"), "{dialect:?}: {sql}");
        assert!(analysis.write_tags().is_empty(), "{dialect:?}: {sql}");
    }
}

#[test]
fn s156_locked_tables() {
    for (dialect, sql) in [
        (Dialect::Postgres, "LOCK TABLE post IN EXCLUSIVE MODE"),
        (Dialect::MySql, "LOCK TABLES post WRITE"),
    ] {
        let analysis = Analyzer::new(dialect).analyze(sql);
        assert!(analysis.bypass().is_some(), "{dialect:?}: {sql}");
    }
}

/// The pool is never connected: whether a query is cached, and under which key, is known before.
#[tokio::test]
async fn s157_the_plain_read_has_its_own_key() {
    let region = Region::builder("scenario").ttl(minutes(5)).tag_space(TagSpace::new(1_000));
    let pool = PgPool::connect_lazy("postgres://nobody@localhost/nothing").unwrap();
    let db = CachedPool::new(pool, region.build().unwrap());
    let query = |sql| sqlx::query_as::<_, (i64, String)>(sql).cached().explain(&db);

    let locking = query("SELECT id, title FROM post WHERE id = 1 FOR UPDATE").await;
    assert_eq!(locking.reason(), Some("locking"));
    assert!(locking.entry().is_none());
    let plain = query("SELECT id, title FROM post WHERE id = 1").await;
    assert!(plain.is_cached(), "{plain}");
    assert!(plain.entry().is_some());
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

#[test]
fn s090_select_into() {
    let analysis = Analyzer::new(Dialect::Postgres).analyze("SELECT * INTO copy FROM post");
    assert_eq!(analysis.kind(), Kind::Write);
    assert_eq!(tables(analysis.writes()), ["copy"]);
    assert!(analysis.changes_schema());
}

#[test]
fn s081_copy() {
    let postgres = Dialect::Postgres;
    assert_eq!(writes(postgres, "COPY post (id, title) FROM STDIN"), ["post"]);
    let load = "LOAD DATA INFILE 'posts.csv' INTO TABLE post";
    assert_eq!(writes(Dialect::MySql, load), ["post"]);
    let out = Analyzer::new(postgres).analyze("COPY post TO STDOUT");
    assert!(out.write_tags().is_empty());
    assert!(out.bypass().is_some());
}

#[test]
fn s083_upserts_in_other_dialects() {
    let duplicate = "INSERT INTO tag VALUES (1, 'a') ON DUPLICATE KEY UPDATE name = VALUES(name)";
    assert_eq!(writes(Dialect::MySql, duplicate), ["tag"]);
    assert_eq!(writes(Dialect::MySql, "REPLACE INTO tag VALUES (1, 'a')"), ["tag"]);
    let merge = "MERGE INTO tag t USING event e ON t.id = e.id
                 WHEN MATCHED THEN UPDATE SET name = e.kind
                 WHEN NOT MATCHED THEN INSERT (id, name) VALUES (e.id, e.kind)";
    assert_eq!(writes(Dialect::Postgres, merge), ["tag"]);
}

#[test]
fn s085_cte_that_writes() {
    let delete = "WITH d AS (DELETE FROM post RETURNING *) SELECT * FROM d";
    assert_eq!(writes(Dialect::Postgres, delete), ["post"]);
    let moved = "WITH d AS (DELETE FROM post RETURNING *), i AS (INSERT INTO tag SELECT id, title
                 FROM d RETURNING id) SELECT e.kind FROM event e JOIN i ON i.id = e.id";
    assert_eq!(writes(Dialect::Postgres, moved), ["post", "tag"]);
}

#[test]
fn s086_several_tables_in_other_dialects() {
    let using = "DELETE FROM post USING author WHERE author.id = post.author_id";
    assert_eq!(writes(Dialect::Postgres, using), ["post"]);
    let from = "UPDATE post SET title = a.name FROM author a WHERE a.id = post.author_id";
    assert_eq!(writes(Dialect::Postgres, from), ["post"]);
    for (sql, tables) in [
        ("UPDATE post p JOIN author a ON a.id = p.author_id SET p.title = a.name", &["post"][..]),
        ("UPDATE post p, author a SET p.title = 'x', a.name = 'y'", &["author", "post"]),
        ("DELETE p FROM post p JOIN author a ON a.id = p.author_id", &["post"]),
        ("DELETE FROM p USING post p JOIN author a ON a.id = p.author_id", &["post"]),
        ("DELETE p, a FROM post p JOIN author a ON a.id = p.author_id", &["author", "post"]),
    ] {
        assert_eq!(writes(Dialect::MySql, sql), tables, "{sql}");
    }
}

#[test]
fn s065_dice_in_other_dialects() {
    for (dialect, sql) in [
        (Dialect::MySql, "SELECT RAND()"),
        (Dialect::MySql, "SELECT id FROM post ORDER BY rand()"),
        (Dialect::Postgres, "SELECT id FROM post ORDER BY random()"),
    ] {
        assert_eq!(reason(dialect, sql), Some("volatile"), "{sql}");
    }
}

#[test]
fn s087_explained_writes_of_postgres() {
    let analyse = "EXPLAIN ANALYZE INSERT INTO tag VALUES (9, 'new')";
    assert_eq!(writes(Dialect::Postgres, analyse), ["tag"]);
    let options = "EXPLAIN (ANALYZE, BUFFERS) DELETE FROM tag";
    assert_eq!(writes(Dialect::Postgres, options), ["tag"]);
    let plain = Analyzer::new(Dialect::Postgres).analyze("EXPLAIN DELETE FROM tag");
    assert!(plain.write_tags().is_empty());
}
