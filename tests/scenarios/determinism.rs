//! Results that no one may keep: of clocks, dice, sequences and sessions.

use dogpile_query::{Analyzer, Dialect};
use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Cell, Db, assert_hit, assert_miss, rows_of};

/// Why a statement of another database is not cached.
fn reason(dialect: Dialect, sql: &str) -> Option<&'static str> {
    Analyzer::new(dialect).analyze(sql).bypass().map(|bypass| bypass.reason().code())
}

#[tokio::test]
async fn s064_the_clock() {
    let db = Db::new().await;
    for sql in [
        "SELECT CURRENT_TIMESTAMP, id FROM post",
        "SELECT id FROM post WHERE created_at < current_date",
        "SELECT datetime('now'), id FROM post",
        "SELECT id FROM post WHERE created_at > datetime('now', '-1 day')",
        "SELECT unixepoch(), id FROM post",
        "SELECT strftime('%Y'), id FROM post",
        "SELECT id FROM post ORDER BY julianday('now') - julianday(created_at)",
        "SELECT id FROM post WHERE id IN (SELECT date() IS NOT NULL)",
    ] {
        db.bypasses(sql, "volatile").await;
    }
    // A time of day that is given is a function like any other.
    db.warm("SELECT datetime('2026-01-01', '+1 day'), id FROM post").await;
    db.warm("SELECT strftime('%Y', created_at), count(*) FROM post GROUP BY 1").await;
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

#[tokio::test]
async fn s065_dice() {
    let db = Db::new().await;
    for sql in [
        "SELECT random()",
        "SELECT id FROM post ORDER BY random()",
        "SELECT id FROM post WHERE id = (SELECT abs(random()) % 3 + 1)",
        "SELECT hex(randomblob(4)), id FROM post",
        "WITH dice AS (SELECT random() AS r) SELECT r FROM dice",
    ] {
        db.bypasses(sql, "volatile").await;
    }
    assert_eq!(reason(Dialect::MySql, "SELECT RAND()"), Some("volatile"));
    assert_eq!(reason(Dialect::MySql, "SELECT id FROM post ORDER BY rand()"), Some("volatile"));
    assert_eq!(
        reason(Dialect::Postgres, "SELECT id FROM post ORDER BY random()"),
        Some("volatile")
    );
}

#[tokio::test]
async fn s066_what_the_session_did_last() {
    let db = Db::new().await;
    for sql in ["SELECT last_insert_rowid()", "SELECT changes()", "SELECT total_changes()"] {
        db.bypasses(sql, "session").await;
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

#[tokio::test]
async fn s069_the_time_as_an_argument() {
    let db = Db::new().await;
    let before = |time: &'static str| {
        let query = rows_of("SELECT id FROM post WHERE created_at < ? ORDER BY id").bind(time);
        query.cached().fetch_all(&db.pool)
    };
    assert_eq!(assert_miss!(db, before("2026-06-01 00:00:00")).unwrap().len(), 3);
    assert_eq!(assert_miss!(db, before("2025-06-01 00:00:00")).unwrap().len(), 0);
    let rows = assert_hit!(db, before("2026-06-01 00:00:00")).unwrap();
    assert_eq!(rows[0].0, [Cell::Integer(1)]);
}
