//! I13: a caller cannot tell a hit from the database.

use std::fmt::Debug;

use dogpile_sqlx::QueryCacheExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};

use crate::support::{Fixture, Outcome, Result, same_three_times};

#[derive(Debug, Clone, FromRow)]
struct Named {
    id: i64,
    value: Option<i64>,
}

#[derive(Debug, Clone, FromRow)]
struct Renamed {
    #[sqlx(rename = "value")]
    amount: i64,
    #[sqlx(default)]
    note: Option<String>,
    #[sqlx(skip)]
    checked: bool,
}

/// A type that rows become, and that can be compared by what it prints.
pub(super) trait Answer:
    for<'r> FromRow<'r, SqliteRow> + Clone + Debug + Send + Sync + Unpin + 'static
{
}

impl<T> Answer for T where
    T: for<'r> FromRow<'r, SqliteRow> + Clone + Debug + Send + Sync + Unpin + 'static
{
}

/// Every way to fetch: directly, then cached as a miss and as a hit.
pub(super) async fn same<T: Answer>(fixture: &Fixture, sql: &str) -> Outcome<Vec<T>> {
    let query = || sqlx::query_as::<_, T>(AssertSqlSafe(sql));
    let (raw, db) = (&fixture.raw, &fixture.db);
    let rows = same_three_times(query().fetch_all(raw), || query().cached().fetch_all(db)).await;
    let first = same_three_times(query().fetch_one(raw), || query().cached().fetch_one(db)).await;
    let maybe =
        same_three_times(query().fetch_optional(raw), || query().cached().fetch_optional(db)).await;
    assert_eq!(first.is_ok(), maybe.is_ok_and(|row| row.is_some()));
    rows
}

fn error<T>(outcome: Outcome<T>) -> String {
    outcome.err().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_columns_of_one_name_and_columns_by_index() -> Result {
    let fixture = Fixture::new(2).await?;
    let join = "SELECT a.id, b.id, b.value, a.value FROM item a JOIN item b ON b.id = a.id + 1";
    let rows = same::<(i64, i64, i64, i64)>(&fixture, join).await?;
    assert_eq!(rows, [(1, 2, 20, 10), (2, 3, 30, 20)]);
    same::<Named>(&fixture, "SELECT 1 AS id, 2 AS id, 3 AS value FROM item").await?;
    let rows = same::<Named>(&fixture, "SELECT value, id FROM item ORDER BY id DESC").await?;
    assert_eq!((rows[0].id, rows[0].value), (3, Some(30)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_null_and_options() -> Result {
    let fixture = Fixture::new(2).await?;
    let null = "SELECT NULL AS value, id FROM item";
    assert_eq!(same::<(Option<i64>, i64)>(&fixture, null).await?[0], (None, 1));
    assert!(same::<Named>(&fixture, null).await?.iter().all(|row| row.value.is_none()));
    // The driver reads it as zero; so does a hit.
    assert_eq!(same::<(i64, i64)>(&fixture, null).await?[0], (0, 1));
    assert_eq!(same::<(Option<String>,)>(&fixture, "SELECT '' FROM other").await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_fields_that_are_renamed_defaulted_or_skipped() -> Result {
    let fixture = Fixture::new(2).await?;
    let rows = same::<Renamed>(&fixture, "SELECT value, 'x' AS note FROM item").await?;
    assert!(rows[0].amount == 10 && rows[0].note.is_some() && !rows[0].checked);
    let rows = same::<Renamed>(&fixture, "SELECT value FROM item").await?;
    assert!(rows[0].note.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_errors_are_the_same_and_are_not_kept() -> Result {
    let fixture = Fixture::new(2).await?;
    let missing = error(same::<Named>(&fixture, "SELECT id FROM item").await);
    assert!(missing.contains("value"), "{missing}");
    let index = error(same::<(i64, i64)>(&fixture, "SELECT id FROM item").await);
    assert!(index.contains("out of bounds"), "{index}");
    let kind = error(same::<(String,)>(&fixture, "SELECT value FROM item").await);
    assert!(kind.contains("mismatched types"), "{kind}");
    let narrow = error(same::<(i8,)>(&fixture, "SELECT value * 1000 FROM item").await);
    assert!(narrow.contains("out of range"), "{narrow}");
    let syntax = error(same::<(i64,)>(&fixture, "SELECT id FROM item WHERE").await);
    assert!(syntax.contains("incomplete input"), "{syntax}");
    assert_eq!(fixture.db.region().stats().entries, 0, "an error was kept");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_nothing_found() -> Result {
    let fixture = Fixture::new(2).await?;
    let nothing = "SELECT id, value FROM item WHERE id < 0";
    assert_eq!(same::<(i64, i64)>(&fixture, nothing).await?, []);
    let one = sqlx::query_as::<_, (i64, i64)>(nothing).cached().fetch_one(&fixture.db).await;
    assert!(matches!(one, Err(sqlx::Error::RowNotFound)));
    let sent = fixture.reads_sent().await?;
    same::<(i64, i64)>(&fixture, nothing).await?;
    assert_eq!(fixture.reads_sent().await?, sent, "that nothing was found is kept too");
    Ok(())
}
