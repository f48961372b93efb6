//! What only MariaDB has.

use dogpile_sqlx::QueryCacheExt;
use sqlx::types::chrono::{NaiveDate, NaiveTime};
use sqlx::types::{Decimal, Json, Uuid};

use crate::fixture::{Db, assert_distinct, inside, name, rows_of, write};

const READ: &str = "SELECT name FROM tag WHERE id = 1";

async fn s009_typed_numbers() {
    let db = Db::new().await;
    let sql = "SELECT ?, count(*) FROM post";
    assert_distinct!(db, sql, [Decimal::new(10, 1), Decimal::new(100, 2), Decimal::new(-10, 1)]);
    assert_distinct!(db, sql, [1_u64, u64::MAX >> 1]);
}

async fn s010_arguments_of_every_kind() {
    let db = Db::new().await;
    let sql = "SELECT ?, count(*) FROM post";
    assert_distinct!(db, sql, [b"a".as_slice(), b"".as_slice(), b"\0".as_slice()]);
    assert_distinct!(db, sql, [Uuid::nil(), Uuid::max()]);
    let json = |text| Json(serde_json::from_str::<serde_json::Value>(text).unwrap());
    assert_distinct!(db, sql, [json("null"), json("{\"a\": 1}"), json("{\"a\": [1]}")]);
    let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    assert_distinct!(db, sql, [day(1), day(2)]);
    let time = |second| NaiveTime::from_hms_micro_opt(1, 2, second, second).unwrap();
    assert_distinct!(db, sql, [time(0), time(1)]);
}

/// Every cell as the bytes that were sent; what a type of Rust makes of them is in `equality`.
async fn s021_every_type() {
    let db = Db::new().await;
    db.execute(
        "CREATE TABLE kinds (
            a TINYINT UNSIGNED, b SMALLINT, c MEDIUMINT, d INT UNSIGNED, e BIGINT, f DECIMAL(9, 3),
            g FLOAT, h DOUBLE, i BIT(9), j DATE, k DATETIME(6), l TIMESTAMP(6) NULL, m TIME(6),
            n YEAR, o CHAR(3), p VARBINARY(9), q BLOB, r TEXT CHARACTER SET utf8mb4, s ENUM('sad', 'fine'),
            t SET('x', 'y'), u JSON, v BOOLEAN)",
    )
    .await;
    db.execute(
        "INSERT INTO kinds VALUES
            (255, -32768, 8388607, 4294967295, -9223372036854775808, 1.500, 0.1, -0.0, b'101',
             '2026-01-01', '2026-01-01 12:00:00.000001', '2026-01-01 12:00:00.5', '-838:59:58.999999',
             2026, 'x', x'00ff', x'', 'día \u{1F370}', 'sad', 'x,y', '[1.50, null]', TRUE)",
    )
    .await;
    db.execute("INSERT INTO kinds (a) VALUES (NULL)").await;
    // What is refused elsewhere becomes a day that is none.
    db.execute("INSERT IGNORE INTO kinds (j, k) VALUES ('0000-00-00', '2026-02-31')").await;
    assert_eq!(db.warm("SELECT * FROM kinds").await.len(), 3);
}

/// What others have not committed is seen there, and is kept for nobody.
async fn s153_read_uncommitted() {
    let db = Db::new().await;
    let mut reader = db.pool.acquire().await.unwrap();
    let level = "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED";
    sqlx::query(level).execute(&mut reader).await.unwrap();
    let writer = db.client().await;
    let mut dirty = writer.pool.begin().await.unwrap();
    write(&mut dirty, "UPDATE tag SET name = 'dirty' WHERE id = 1").await;

    let mut tx = reader.begin().await.unwrap();
    assert_eq!(inside(&mut tx, READ).await, name("dirty"));
    tx.commit().await.unwrap();
    assert_eq!(db.read(READ).await.0, name("red"));
    let alone = rows_of(READ).cached().fetch_all(&mut reader).await.unwrap();
    assert_eq!(alone, name("dirty"));
    assert_eq!(db.read(READ).await.0, name("red"));

    dirty.rollback().await.unwrap();
    assert_eq!(db.read(READ).await.0, name("red"));
    let alone = rows_of(READ).cached().fetch_all(&mut reader).await.unwrap();
    assert_eq!(alone, name("red"));
}

/// The transaction is written when somebody commits it, on whatever connection.
async fn s162_a_transaction_in_two_phases() {
    let db = Db::new().await;
    let mut connection = db.pool.acquire().await.unwrap();
    for (end, colour) in [("XA COMMIT 'two'", "pink"), ("XA ROLLBACK 'two'", "never")] {
        db.warm(READ).await;
        let update = format!("UPDATE tag SET name = '{colour}' WHERE id = 1");
        for sql in ["XA START 'two'", update.leak(), "XA END 'two'", "XA PREPARE 'two'"] {
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
        db.read(READ).await;
        sqlx::raw_sql(end).execute(&mut connection).await.unwrap();
        db.read(READ).await;
        db.hit(READ).await;
    }
}

scenarios! {
    s009_typed_numbers,
    s010_arguments_of_every_kind,
    s021_every_type,
    s153_read_uncommitted,
    s162_a_transaction_in_two_phases,
}
