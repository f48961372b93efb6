//! SQLite.

use std::sync::Mutex;

use dogpile_sqlx::QueryCacheExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::types::chrono::{DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqlx::types::time::{Date, OffsetDateTime, PrimitiveDateTime, Time};
use sqlx::types::uuid::fmt::{Hyphenated, Simple};
use sqlx::types::{Json, JsonValue, Text, Uuid};
use sqlx::{AssertSqlSafe, Row, Sqlite};
use tempfile::TempDir;

use crate::case::Tally;
use crate::generator::Dialect;
use crate::pools::Pools;
use crate::probes::probes;
use crate::read::{Reader, readers};
use crate::run::{Subject, run};

/// What may be in a column of any type.
const ANY: &[&str] = &[
    "0",
    "1",
    "#i32",
    "#i64",
    "9223372036854775807",
    "-9223372036854775808",
    "0.0",
    "-0.0",
    "#real",
    "2.0",
    "1e300",
    "4.9406564584124654e-324",
    "9e999",
    "-9e999",
    "''",
    "#text",
    "#digits",
    "#bytes",
    "x''",
    "#moment",
    "#uuid",
    "'2024-02-29 23:59:60'",
    "'2024-02-29T12:00:00.123456+02:00'",
    "'2024-02-29'",
    "'12:34:56.789'",
    "'{\"a\": [1, null]}'",
    "x'00ff'",
    "CAST(x'61ff00fe' AS TEXT)",
    "CAST(x'610062' AS TEXT)",
    "CAST(x'80' AS TEXT)",
];

static DIALECT: Dialect = Dialect {
    types: &[
        ("INTEGER", ANY),
        ("INT", ANY),
        ("int4", ANY),
        ("INT8", ANY),
        ("BIGINT", ANY),
        ("TINYINT", ANY),
        ("UNSIGNED BIG INT", ANY),
        ("BOOLEAN", ANY),
        ("bool", ANY),
        ("DATE", ANY),
        ("TIME", ANY),
        ("DATETIME", ANY),
        ("TIMESTAMP", ANY),
        ("TIMESTAMPTZ", ANY),
        ("TEXT", ANY),
        ("VARCHAR(20)", ANY),
        ("NCHAR(5)", ANY),
        ("CLOB", ANY),
        ("BLOB", ANY),
        ("REAL", ANY),
        ("DOUBLE PRECISION", ANY),
        ("FLOAT", ANY),
        ("NUMERIC", ANY),
        ("DECIMAL(10, 2)", ANY),
        ("JSON", ANY),
        ("UUID", ANY),
        ("VARBINARY(16)", ANY),
        ("POINT", ANY),
        ("", ANY),
        ("MONEY", ANY),
    ],
    expressions: &[
        "CAST({} AS TEXT)",
        "CAST({} AS INTEGER)",
        "CAST({} AS REAL)",
        "CAST({} AS BLOB)",
        "typeof({})",
        "{} IS NULL",
        "coalesce({}, 'none')",
        "{} || '!'",
        "+{}",
        "CASE WHEN x.id > 1 THEN {} END",
        "quote({})",
        "length({})",
        "NULLIF(x.id, 1)",
        "x.id * 1.5",
        "x.rowid",
        "count({}) OVER ()",
        "hex({})",
    ],
    aggregates: &[
        "count(*)",
        "count({})",
        "max({})",
        "min({})",
        "group_concat({})",
        "total({})",
        "sum(x.id)",
        "sum({})",
        "avg(x.id)",
    ],
    constants: &[
        "NULL",
        "1",
        "1.5",
        "'text'",
        "x'00ff'",
        "TRUE",
        "9223372036854775807 + x.id",
        "''",
    ],
    quote: '"',
    bytes: |hex| format!("x'{hex}'"),
};

#[derive(Debug, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
enum Letter {
    A,
    Integer,
    Text,
}

/// What one column is read as.
type Scalar = Letter;

const READERS: &[Reader<SqliteRow>] = readers![
    SqliteRow;
    any: [
        bool, i8, i16, i32, i64, u8, u16, u32, f32, f64, Vec<u8>, String, JsonValue, Uuid, NaiveDate,
        NaiveTime, NaiveDateTime, DateTime<Utc>, Date, Time, PrimitiveDateTime, OffsetDateTime,
        Letter,
    ];
    own: [
        Json<Vec<i32>>, DateTime<FixedOffset>, DateTime<Local>, Hyphenated, Simple, Text<i32>,
        // The last, as nobody else may read what one of them has borrowed.
        &str, &[u8],
    ];
];

probes!(Sqlite, SqliteRow);

struct File {
    pools: Pools<Sqlite>,
    _folder: TempDir,
}

impl Subject for File {
    type Database = Sqlite;

    const DIALECT: &'static Dialect = &DIALECT;

    async fn run(&self, sql: String) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&self.pools.plain).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn probe(&self, sql: String, tally: &Mutex<Tally>) {
        probe(&self.pools, sql, tally).await;
    }
}

#[tokio::test]
async fn i13_random_queries_of_every_type_are_the_same_from_a_hit_on_sqlite() {
    let folder = TempDir::new().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("equality.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off);
    run(File { pools: Pools::open(options).await, _folder: folder }).await;
}

#[tokio::test]
async fn i13_a_miss_lends_no_cell() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("lent.db");
    let pools =
        Pools::<Sqlite>::open(SqliteConnectOptions::new().filename(file).create_if_missing(true))
            .await;
    sqlx::raw_sql("CREATE TABLE t (n INTEGER)").execute(&pools.plain).await.unwrap();
    sqlx::raw_sql("INSERT INTO t VALUES ('12 apples'), (x'3334')")
        .execute(&pools.plain)
        .await
        .unwrap();
    // As the macros of sqlx read a column of INTEGER, which may have text in it.
    let query = || {
        let number = |row: SqliteRow| row.try_get_unchecked::<i64, _>(0);
        sqlx::query("SELECT n FROM t").try_map(number)
    };
    assert_eq!(query().fetch_all(&pools.plain).await.unwrap(), [12, 34]);
    for side in [&pools.one, &pools.own] {
        for _ in ["a miss", "a hit"] {
            assert_eq!(query().cached().fetch_all(&side.db).await.unwrap(), [12, 34]);
        }
    }
}
