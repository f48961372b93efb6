//! How many rows, how many columns, how large.

use dogpile_replay::{Recorder, RowSet, Unfit, replay, replay_cost};
use sqlx::{AssertSqlSafe, Row, Sqlite};

use crate::support::{capture, database, live, same};

fn numbered(rows: usize) -> String {
    format!(
        "CREATE TABLE t (a INTEGER, b TEXT, c REAL);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO t SELECT i, 'row ' || i, i / 4.0 FROM n;
         SELECT * FROM t"
    )
}

#[tokio::test]
async fn no_row() {
    let set = capture(&[]);
    assert!(set.is_empty());
    let carried = RowSet::<Sqlite>::read(set.bytes().clone()).unwrap();
    assert!(replay(&carried).await.unwrap().is_empty());
}

/// Around the powers of two that statements are made for, and the most that one of them takes.
#[tokio::test]
async fn any_number_of_rows_in_their_order() {
    let most = 2048 / 3;
    for rows in [1, 2, 3, 4, 5, 7, 8, 9, 64, 65, 512, 513, most, most + 1, 2 * most + 1, 5000] {
        let replayed = same(&live(&numbered(rows)).await).await;
        let ids: Vec<i64> = replayed.iter().map(|row| row.get(0)).collect();
        assert!(ids.iter().zip(1..).all(|(id, at)| *id == at), "{rows} rows");
    }
}

#[tokio::test]
async fn as_many_columns_as_sqlite_has() {
    for columns in [1, 1000, 2000] {
        let list: Vec<_> = (0..columns).map(|at| format!("{at} AS \"column {at}\"")).collect();
        let list = list.join(", ");
        same(&live(&format!("SELECT {list}")).await).await;
    }
}

#[tokio::test]
async fn names_that_are_too_long_are_refused() {
    let mut database = database().await;
    let (most, more) = ("n".repeat(250_000), "n".repeat(250_001));
    let sql = AssertSqlSafe(format!("SELECT 1 AS \"{most}\""));
    same(&sqlx::query(sql).fetch_all(&mut database).await.unwrap()).await;
    let sql = AssertSqlSafe(format!("SELECT 1 AS \"{more}\""));
    let rows = sqlx::query(sql).fetch_all(&mut database).await.unwrap();
    assert_eq!(Recorder::<Sqlite>::new().push(&rows[0]), Err(Unfit::TooLarge));
}

#[tokio::test]
async fn cells_of_many_megabytes() {
    same(
        &live("SELECT zeroblob(5000000) AS a, printf('%.5000000c', 'x') AS b, randomblob(70000)")
            .await,
    )
    .await;
}

#[tokio::test]
async fn text_that_is_not_utf_8_among_many_rows() {
    same(
        &live(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
             SELECT i, CASE i % 3 WHEN 0 THEN CAST(x'ff61' AS TEXT) WHEN 1 THEN x'ff61' END, -i
             FROM n",
        )
        .await,
    )
    .await;
}

#[tokio::test]
async fn more_cells_cost_more() {
    let (few, many) = (capture(&live(&numbered(1)).await), capture(&live(&numbered(1000)).await));
    let nothing = replay_cost(&capture(&[]));
    assert!(nothing.is_zero());
    assert!(nothing < replay_cost(&few));
    assert!(replay_cost(&few) < replay_cost(&many));
}
