//! Writes, dropped at every poll.

use dogpile_sqlx::QueryCacheExt;

use crate::support::{Cut, Fixture, Result, at_every_poll_of};

const UPDATE: &str = "UPDATE item SET value = value + 1";
const INSERT: &str = "INSERT INTO item (value) VALUES (7) RETURNING id";

async fn update(fixture: Fixture, cut: Cut) -> Result<bool> {
    Ok(cut.run(sqlx::query(UPDATE).execute(&fixture.db)).await.transpose()?.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_write_dropped_at_every_poll() -> Result {
    at_every_poll_of(update).await
}

async fn insert_returning(fixture: Fixture, cut: Cut) -> Result<bool> {
    let insert = sqlx::query_scalar::<_, i64>(INSERT).fetch_one(&fixture.db);
    Ok(cut.run(insert).await.transpose()?.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_an_insert_returning_dropped_at_every_poll() -> Result {
    at_every_poll_of(insert_returning).await
}

/// Marked as cached by mistake: it is a write all the same.
async fn cached_insert(fixture: Fixture, cut: Cut) -> Result<bool> {
    let insert = sqlx::query_scalar::<_, i64>(INSERT).cached().fetch_one(&fixture.db);
    Ok(cut.run(insert).await.transpose()?.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_cached_insert_dropped_at_every_poll() -> Result {
    Box::pin(at_every_poll_of(cached_insert)).await
}

/// On a connection that is used again after the drop, then given back.
async fn on_a_connection(fixture: Fixture, cut: Cut) -> Result<bool> {
    let mut connection = fixture.db.acquire().await?;
    let done = cut.run(sqlx::query(UPDATE).execute(&mut connection)).await.transpose()?;
    let sum: i64 =
        sqlx::query_scalar("SELECT sum(value) FROM item").fetch_one(&mut connection).await?;
    let seen: i64 = fixture.truth().await?.iter().map(|row| row.1).sum();
    assert_eq!(sum, seen, "the connection was used before the write was answered");
    Ok(done.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_write_on_a_connection_dropped_at_every_poll() -> Result {
    at_every_poll_of(on_a_connection).await
}
