//! Results that no one may keep: of clocks, dice, sequences and sessions.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Cell, Db, assert_hit, assert_miss, by, rows_of};

async fn s064_the_clock() {
    let db = Db::new().await;
    let everywhere = [
        "SELECT CURRENT_TIMESTAMP, id FROM post",
        "SELECT id FROM post WHERE CURRENT_TIMESTAMP IS NULL",
        "SELECT id FROM post WHERE id IN (SELECT 1 WHERE current_date IS NOT NULL)",
    ];
    let sqlite: &[&str] = &[
        "SELECT datetime('now'), id FROM post",
        "SELECT id FROM post WHERE created_at > datetime('now', '-1 day')",
        "SELECT unixepoch(), id FROM post",
        "SELECT strftime('%Y'), id FROM post",
        "SELECT id FROM post ORDER BY julianday('now') - julianday(created_at)",
        "SELECT id FROM post WHERE id IN (SELECT date() IS NOT NULL)",
    ];
    let postgres: &[&str] = &[
        "SELECT now(), id FROM post",
        "SELECT id FROM post WHERE created_at::timestamptz > now() - interval '1 day'",
        "SELECT clock_timestamp(), statement_timestamp(), localtime, id FROM post",
        "SELECT id FROM post ORDER BY age(created_at::timestamp)",
    ];
    let mariadb: &[&str] = &[
        "SELECT now(), id FROM post",
        "SELECT id FROM post WHERE created_at > now() - INTERVAL 1 DAY",
        "SELECT sysdate(), curdate(), unix_timestamp(), id FROM post",
    ];
    for sql in everywhere.iter().chain(by(sqlite, postgres, mariadb)) {
        db.bypasses(sql, "volatile").await;
    }
    // A time of day that is given is a function like any other.
    let given = by(
        [
            "SELECT datetime('2026-01-01', '+1 day'), id FROM post",
            "SELECT strftime('%Y', created_at), count(*) FROM post GROUP BY 1",
        ],
        [
            "SELECT timestamp '2026-01-01' + interval '1 day', id FROM post",
            "SELECT extract(year FROM created_at::timestamp), count(*) FROM post GROUP BY 1",
        ],
        [
            "SELECT date_add('2026-01-01', INTERVAL 1 DAY), id FROM post",
            "SELECT year(created_at), count(*) FROM post GROUP BY 1",
        ],
    );
    for sql in given {
        db.warm(sql).await;
    }
}

async fn s065_dice() {
    let db = Db::new().await;
    let sqlite: &[&str] = &[
        "SELECT random()",
        "SELECT id FROM post ORDER BY random()",
        "SELECT id FROM post WHERE id = (SELECT abs(random()) % 3 + 1)",
        "SELECT hex(randomblob(4)), id FROM post",
        "WITH dice AS (SELECT random() AS r) SELECT r FROM dice",
    ];
    let postgres: &[&str] = &[
        "SELECT random()",
        "SELECT id FROM post ORDER BY random()",
        "SELECT id FROM post WHERE id = (SELECT floor(random() * 3) + 1)",
        "SELECT gen_random_uuid(), id FROM post",
        "WITH dice AS (SELECT random() AS r) SELECT r FROM dice",
    ];
    let mariadb: &[&str] = &[
        "SELECT RAND()",
        "SELECT id FROM post ORDER BY rand()",
        "SELECT id FROM post WHERE id = (SELECT floor(rand() * 3) + 1)",
        "SELECT uuid(), id FROM post",
        "WITH dice AS (SELECT rand() AS r) SELECT r FROM dice",
    ];
    for sql in by(sqlite, postgres, mariadb) {
        db.bypasses(sql, "volatile").await;
    }
}

async fn s066_what_the_session_did_last() {
    let db = Db::new().await;
    let postgres =
        ["SELECT pg_backend_pid()", "SELECT pg_my_temp_schema()", "SELECT inet_client_port()"];
    let sqlite = ["SELECT last_insert_rowid()", "SELECT changes()", "SELECT total_changes()"];
    let mariadb = ["SELECT last_insert_id()", "SELECT row_count()", "SELECT connection_id()"];
    for sql in by(sqlite, postgres, mariadb) {
        db.bypasses(sql, "session").await;
    }
}

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

scenarios! {
    s064_the_clock,
    s065_dice,
    s066_what_the_session_did_last,
    s069_the_time_as_an_argument,
}
