//! Transactions, dropped at every poll of each of their steps.

use dogpile_sqlx::{CachedTransaction, QueryCacheExt};
use sqlx::Sqlite;

use crate::support::{Cut, Fixture, READ, Result, Rows, at_every_poll_of};

/// A transaction that has written.
async fn written(fixture: &Fixture) -> Result<CachedTransaction<'static, Sqlite>> {
    let mut tx = fixture.db.begin().await?;
    update(&mut tx).await?;
    Ok(tx)
}

async fn update(tx: &mut CachedTransaction<'_, Sqlite>) -> sqlx::Result<()> {
    sqlx::query("UPDATE item SET value = value + 1").execute(&mut **tx).await?;
    Ok(())
}

async fn begin(fixture: Fixture, cut: Cut) -> Result<bool> {
    let tx = cut.run(fixture.db.begin()).await.transpose()?;
    Ok(tx.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_begin_dropped_at_every_poll() -> Result {
    at_every_poll_of(begin).await
}

async fn statement_then_commit(fixture: Fixture, cut: Cut) -> Result<bool> {
    let mut tx = fixture.db.begin().await?;
    let done = cut.run(update(&mut tx)).await.transpose()?;
    tx.commit().await?;
    Ok(done.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_statement_dropped_at_every_poll_before_a_commit() -> Result {
    at_every_poll_of(statement_then_commit).await
}

async fn statement_then_rollback(fixture: Fixture, cut: Cut) -> Result<bool> {
    let before = fixture.truth().await?;
    let mut tx = fixture.db.begin().await?;
    let done = cut.run(update(&mut tx)).await.transpose()?;
    tx.rollback().await?;
    assert_eq!(fixture.truth().await?, before);
    Ok(done.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_statement_dropped_at_every_poll_before_a_rollback() -> Result {
    at_every_poll_of(statement_then_rollback).await
}

/// A read inside: what it did not finish it does not remember.
async fn read(fixture: Fixture, cut: Cut) -> Result<bool> {
    let truth = fixture.truth().await?;
    let mut tx = fixture.db.begin().await?;
    let cached = sqlx::query_as::<_, (i64, i64)>(READ).cached();
    let done = cut.run(cached.fetch_all(&mut *tx)).await.transpose()?;
    let again: Rows = sqlx::query_as(READ).cached().fetch_all(&mut *tx).await?;
    assert_eq!(again, truth);
    tx.commit().await?;
    Ok(done.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_read_in_a_transaction_dropped_at_every_poll() -> Result {
    Box::pin(at_every_poll_of(read)).await
}

async fn commit(fixture: Fixture, cut: Cut) -> Result<bool> {
    let tx = written(&fixture).await?;
    Ok(cut.run(tx.commit()).await.transpose()?.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_commit_dropped_at_every_poll() -> Result {
    at_every_poll_of(commit).await
}

async fn rollback(fixture: Fixture, cut: Cut) -> Result<bool> {
    let before = fixture.truth().await?;
    let tx = written(&fixture).await?;
    let done = cut.run(tx.rollback()).await.transpose()?;
    assert_eq!(fixture.truth().await?, before);
    Ok(done.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_rollback_dropped_at_every_poll() -> Result {
    at_every_poll_of(rollback).await
}

/// On a connection that is used again after the drop, then given back.
async fn commit_on_a_connection(fixture: Fixture, cut: Cut) -> Result<bool> {
    let mut connection = fixture.db.acquire().await?;
    let mut tx = connection.begin().await?;
    update(&mut tx).await?;
    let done = cut.run(tx.commit()).await.transpose()?;
    let inside: Rows = sqlx::query_as(READ).fetch_all(&mut connection).await?;
    assert_eq!(inside, fixture.truth().await?, "a transaction was left open");
    Ok(done.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_commit_on_a_connection_dropped_at_every_poll() -> Result {
    at_every_poll_of(commit_on_a_connection).await
}
