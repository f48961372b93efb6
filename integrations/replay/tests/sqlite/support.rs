//! Live rows, and what is compared.

use bytes::Bytes;
use dogpile_replay::{Recorder, RowSet, replay, replay_copies};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Column, Connection, Row, Sqlite, SqliteConnection, ValueRef};

pub(crate) async fn database() -> SqliteConnection {
    SqliteConnection::connect("sqlite::memory:").await.unwrap()
}

/// The rows of the last statement of `sql`, from a database of its own.
pub(crate) async fn live(sql: &str) -> Vec<SqliteRow> {
    let mut database = database().await;
    let (before, last) = sql.rsplit_once(';').unwrap_or(("", sql));
    sqlx::raw_sql(AssertSqlSafe(before)).execute(&mut database).await.unwrap();
    sqlx::query(AssertSqlSafe(last)).fetch_all(&mut database).await.unwrap()
}

pub(crate) fn capture(rows: &[SqliteRow]) -> RowSet<Sqlite> {
    let mut recorder = Recorder::new();
    for row in rows {
        recorder.push(row).unwrap();
    }
    recorder.finish().unwrap()
}

/// What another process would replay.
pub(crate) async fn replayed(set: &RowSet<Sqlite>) -> Vec<SqliteRow> {
    let carried = Bytes::copy_from_slice(set.bytes());
    replay(&RowSet::<Sqlite>::read(carried).unwrap()).await.unwrap()
}

/// All that the driver says of a row without being asked for a type. The storage classes are among
/// it: they are the types of the values that are not NULL.
fn said(row: &SqliteRow) -> Vec<String> {
    let cell = |column: &sqlx::sqlite::SqliteColumn| {
        let value = row.try_get_raw(column.ordinal()).unwrap();
        let (null, class) = (value.is_null(), value.type_info().into_owned());
        // `Debug`, since two of the types have one name.
        let declared = column.type_info();
        let by_name = row.try_get_raw(column.name()).unwrap();
        format!(
            "{} {:?} {declared:?} {class:?} {null} {:?}",
            column.ordinal(),
            column.name(),
            by_name.type_info()
        )
    };
    row.columns().iter().map(cell).collect()
}

/// Each cell as whatever the driver makes of it.
fn read(row: &SqliteRow) -> Vec<String> {
    let cell = |at: usize| {
        let integer = row.try_get_unchecked::<Option<i64>, _>(at).unwrap();
        let real = row.try_get_unchecked::<Option<f64>, _>(at).unwrap();
        let bytes = row.try_get_unchecked::<Option<Vec<u8>>, _>(at).unwrap();
        let text = row.try_get::<Option<String>, _>(at).map_err(|error| error.to_string());
        let flag = row.try_get::<Option<bool>, _>(at).map_err(|error| error.to_string());
        format!("{integer:?} {:?} {bytes:?} {text:?} {flag:?}", real.map(f64::to_bits))
    };
    (0..row.len()).map(cell).collect()
}

/// Nobody can tell the replayed rows from the live ones.
pub(crate) async fn same(live: &[SqliteRow]) -> Vec<SqliteRow> {
    let set = capture(live);
    let replayed = replayed(&set).await;
    let copies = replay_copies(&set, 2).await.unwrap();
    assert_eq!(copies.len(), 2);
    for rows in copies.iter().chain([&replayed]) {
        assert_eq!(rows.len(), live.len());
        assert_eq!(capture(rows).bytes(), set.bytes());
        for (ours, theirs) in rows.iter().zip(live) {
            assert_eq!(said(ours), said(theirs));
            assert_eq!(read(ours), read(theirs));
        }
    }
    replayed
}
