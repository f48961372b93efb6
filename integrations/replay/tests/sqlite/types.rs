//! Every declared type, every storage class, and names.

use dogpile_replay::{Recorder, Unfit};
use sqlx::{Column, Connection, Row, Sqlite, SqliteConnection, Type, TypeInfo};

use crate::support::{capture, live, replayed, same};

/// What the driver knows, what it takes for one of these, and what it does not know.
const DECLARED: [&str; 31] = [
    "INTEGER",
    "INT",
    "int4",
    "INT8",
    "BIGINT",
    "TINYINT",
    "UNSIGNED BIG INT",
    "BOOLEAN",
    "bool",
    "DATE",
    "TIME",
    "DATETIME",
    "TIMESTAMP",
    "TIMESTAMPTZ",
    "TEXT",
    "VARCHAR(20)",
    "NCHAR(5)",
    "CLOB",
    "BLOB",
    "REAL",
    "DOUBLE PRECISION",
    "FLOAT",
    "NUMERIC",
    "DECIMAL(10, 2)",
    "JSON",
    "JSON_TEXT",
    "UUID",
    "VARBINARY(16)",
    "POINT",
    "",
    "MONEY",
];

const CELLS: [&str; 24] = [
    "NULL",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "0.0",
    "-0.0",
    "1.5",
    "2.0",
    "1e300",
    "4.9406564584124654e-324",
    "9e999",
    "-9e999",
    "''",
    "'notint'",
    "'12'",
    "'2024-02-29 23:59:60'",
    "'\u{1F980} ünï'",
    "x''",
    "x'00ff'",
    "CAST(x'61ff00fe' AS TEXT)",
    "CAST(x'610062' AS TEXT)",
    "CAST(x'80' AS TEXT)",
];

#[tokio::test]
async fn every_storage_class_in_a_column_of_every_declared_type() {
    let columns: Vec<_> =
        DECLARED.iter().enumerate().map(|(at, name)| format!("c{at} {name}")).collect();
    let rows: Vec<_> =
        CELLS.iter().map(|cell| format!("({})", vec![*cell; DECLARED.len()].join(", "))).collect();
    let sql = format!(
        "CREATE TABLE t ({}); INSERT INTO t VALUES {}; SELECT * FROM t",
        columns.join(", "),
        rows.join(", ")
    );
    let replayed = same(&live(&sql).await).await;
    assert_eq!(replayed.len(), CELLS.len());
    let types: Vec<_> = replayed[0].columns().iter().map(|c| c.type_info().name()).collect();
    for each in ["INTEGER", "BOOLEAN", "DATE", "TIME", "DATETIME", "TEXT", "BLOB", "REAL", "NULL"] {
        assert!(types.contains(&each), "{each}");
    }
}

#[tokio::test]
async fn expressions_keep_their_storage_class() {
    let sql = format!("SELECT {}", CELLS.join(", "));
    same(&live(&sql).await).await;
}

#[tokio::test]
async fn the_two_integers_that_go_by_one_name_stay_two() {
    let live =
        live("CREATE TABLE t (a INTEGER, b INT4); INSERT INTO t VALUES (1, 2); SELECT * FROM t")
            .await;
    let replayed = same(&live).await;
    let types: Vec<_> = replayed[0].columns().iter().map(|c| c.type_info().clone()).collect();
    assert_eq!(types, [<i64 as Type<Sqlite>>::type_info(), <i32 as Type<Sqlite>>::type_info()]);
}

#[tokio::test]
async fn columns_of_every_origin() {
    let tables = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price NUMERIC, g AS (id * 2));
        CREATE VIEW v AS SELECT id AS vid, upper(name) AS up FROM t;
        CREATE TABLE s (i INT, a ANY) STRICT;
        CREATE VIRTUAL TABLE f USING fts5(body);
        INSERT INTO t VALUES (1, 'one', 1.10), (2, 'two', 2);
        INSERT INTO s VALUES (1, 'any'), (2, x'01'), (3, NULL);
        INSERT INTO f VALUES ('some words');";
    for query in [
        "SELECT rowid, * FROM t",
        "SELECT * FROM v",
        "SELECT * FROM s",
        "SELECT * FROM f",
        "SELECT a.*, b.* FROM t a LEFT JOIN t b ON b.id = a.id + 1",
        "SELECT count(*), sum(price), avg(id), group_concat(name), total(id) FROM t",
        "WITH c(x) AS (SELECT id FROM t) SELECT x, row_number() OVER () FROM c",
        "SELECT json_object('a', id), json(name || '') FROM (SELECT id, '1' AS name FROM t)",
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM pragma_table_info('t')",
        "PRAGMA table_info(t)",
        "EXPLAIN QUERY PLAN SELECT * FROM t",
        "INSERT INTO t (name) VALUES ('three') RETURNING *",
        "VALUES (1, 'a'), (NULL, 2.0)",
    ] {
        same(&live(&format!("{tables}{query}")).await).await;
    }
}

#[tokio::test]
async fn names_are_whatever_they_were() {
    let names = [
        "",
        "a",
        "a",
        "A",
        "with \"quotes\"",
        "\"",
        "'",
        "`",
        "[x]",
        "a;b",
        "--",
        "/*",
        "?",
        "?1",
        "$x",
        "line\nbreak",
        "\u{1F980}",
        " ",
        "a.b",
        "select",
        "rowid",
        "c1",
    ];
    let list: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| format!("{at} AS \"{}\"", name.replace('"', "\"\"")))
        .collect();
    // No other statement before: `;` is in a name.
    let mut database = crate::support::database().await;
    let sql = sqlx::AssertSqlSafe(format!("SELECT {}", list.join(", ")));
    let live = sqlx::query(sql).fetch_all(&mut database).await.unwrap();
    let replayed = same(&live).await;
    let given: Vec<_> = replayed[0].columns().iter().map(Column::name).collect();
    assert_eq!(given, names);
    assert_eq!(replayed[0].get::<i64, _>("a"), live[0].get::<i64, _>("a"));
}

#[tokio::test]
async fn a_database_of_utf_16() {
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(
        "PRAGMA encoding = 'UTF-16be';
         CREATE TABLE t (a TEXT);
         INSERT INTO t VALUES ('\u{1F980}ä'), (''), (x'0001')",
    )
    .execute(&mut database)
    .await
    .unwrap();
    let live = sqlx::query("SELECT a, a || 'x', CAST(a AS BLOB) FROM t")
        .fetch_all(&mut database)
        .await
        .unwrap();
    same(&live).await;
}

/// The driver lends bytes, and then reads the cell as nothing else: whoever records must not borrow.
#[tokio::test]
async fn a_recorded_row_can_be_read_as_it_could_before() {
    let rows = live("SELECT '12' AS a, x'3132' AS b, 3 AS c").await;
    capture(&rows);
    for at in 0..3 {
        assert!(rows[0].try_get_unchecked::<i64, _>(at).is_ok());
    }
    // And nothing is moved that is already lent.
    let lent: &str = rows[0].get(0);
    capture(&rows);
    assert_eq!(lent, "12");
}

#[tokio::test]
async fn a_number_lent_as_text_is_refused() {
    let rows = live("SELECT 12 AS a").await;
    let lent: &str = rows[0].try_get_unchecked(0).unwrap();
    assert_eq!(Recorder::<Sqlite>::new().push(&rows[0]), Err(Unfit::Lent));
    assert_eq!(lent, "12");
}

#[tokio::test]
async fn rows_of_two_statements_are_refused() {
    let mut database = crate::support::database().await;
    let rows =
        sqlx::raw_sql("SELECT 1 AS a; SELECT 1 AS b").fetch_all(&mut database).await.unwrap();
    let mut recorder = Recorder::<Sqlite>::new();
    assert_eq!(recorder.push(&rows[0]), Ok(()));
    assert_eq!(recorder.push(&rows[1]), Err(Unfit::Columns));
    // Their columns may be alike.
    let rows =
        sqlx::raw_sql("SELECT 1 AS a; SELECT 2 AS a").fetch_all(&mut database).await.unwrap();
    same(&rows).await;
}

#[tokio::test]
async fn columns_are_as_they_were_declared_in_every_replay() {
    // One after the other over the same connection, and back.
    let one = capture(
        &live("CREATE TABLE t (a DATE, b INT4); INSERT INTO t VALUES (1, 2); SELECT * FROM t")
            .await,
    );
    let two = capture(
        &live("CREATE TABLE t (a BOOLEAN, b TEXT); INSERT INTO t VALUES (1, 2); SELECT * FROM t")
            .await,
    );
    for set in [&one, &two, &one, &two] {
        assert_eq!(capture(&replayed(set).await).bytes(), set.bytes());
    }
}
