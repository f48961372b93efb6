//! Savepoints, dropped at every poll of each of their steps. The transaction around them goes on.

use dogpile_sqlx::{CachedTransaction, QueryCacheExt};
use sqlx::Sqlite;

use crate::support::{Cut, Fixture, READ, Result, Rows, at_every_poll_of};

/// How the transaction around a savepoint ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Commit,
    Rollback,
    Drop,
}

async fn update(tx: &mut CachedTransaction<'_, Sqlite>) -> Result {
    sqlx::query("UPDATE item SET value = value + 1").execute(&mut **tx).await?;
    Ok(())
}

/// What the transaction sees, which must be what the database shows it.
async fn seen(tx: &mut CachedTransaction<'_, Sqlite>) -> Result<Rows> {
    let cached: Rows = sqlx::query_as(READ).cached().fetch_all(&mut **tx).await?;
    let direct: Rows = sqlx::query_as(READ).fetch_all(&mut **tx).await?;
    assert_eq!(cached, direct, "stale inside the transaction");
    Ok(direct)
}

/// Ends the transaction, and wants what it saw to be there, or what was there before.
async fn end(
    fixture: &Fixture,
    mut tx: CachedTransaction<'_, Sqlite>,
    end: End,
    before: Rows,
) -> Result {
    let inside = if end == End::Drop { before.clone() } else { seen(&mut tx).await? };
    match end {
        End::Commit => tx.commit().await?,
        End::Rollback => tx.rollback().await?,
        // At once: nobody has waited for what was sent before.
        End::Drop => drop(tx),
    }
    fixture.settle().await?;
    let expected = if end == End::Commit { inside } else { before };
    assert_eq!(fixture.truth().await?, expected, "the outer transaction was not kept whole");
    Ok(())
}

/// The outer transaction has written before; its write is not undone by the dropped savepoint.
async fn begin(fixture: Fixture, cut: Cut, how: End) -> Result<bool> {
    let before = fixture.truth().await?;
    let mut tx = fixture.db.begin().await?;
    update(&mut tx).await?;
    let written = seen(&mut tx).await?;
    let done = cut.run(tx.begin()).await.transpose()?.is_some();
    if how != End::Drop {
        assert_eq!(seen(&mut tx).await?, written, "dropping a savepoint undid more than itself");
        update(&mut tx).await?;
    }
    end(&fixture, tx, how, before).await?;
    Ok(done)
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_begin_dropped_at_every_poll_before_a_commit() -> Result {
    at_every_poll_of(|fixture, cut| begin(fixture, cut, End::Commit)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_begin_dropped_at_every_poll_before_a_rollback() -> Result {
    at_every_poll_of(|fixture, cut| begin(fixture, cut, End::Rollback)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_begin_dropped_at_every_poll_before_a_drop() -> Result {
    at_every_poll_of(|fixture, cut| begin(fixture, cut, End::Drop)).await
}

/// Only the savepoint writes: what it wrote must not be forgotten if it did commit.
async fn commit(fixture: Fixture, cut: Cut, how: End) -> Result<bool> {
    let before = fixture.truth().await?;
    let mut tx = fixture.db.begin().await?;
    assert_eq!(seen(&mut tx).await?, before);
    let mut savepoint = tx.begin().await?;
    update(&mut savepoint).await?;
    let done = cut.run(savepoint.commit()).await.transpose()?.is_some();
    end(&fixture, tx, how, before).await?;
    Ok(done)
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_commit_dropped_at_every_poll_before_a_commit() -> Result {
    at_every_poll_of(|fixture, cut| commit(fixture, cut, End::Commit)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_commit_dropped_at_every_poll_before_a_rollback() -> Result {
    at_every_poll_of(|fixture, cut| commit(fixture, cut, End::Rollback)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_commit_dropped_at_every_poll_before_a_drop() -> Result {
    at_every_poll_of(|fixture, cut| commit(fixture, cut, End::Drop)).await
}

async fn rollback(fixture: Fixture, cut: Cut, how: End) -> Result<bool> {
    let before = fixture.truth().await?;
    let mut tx = fixture.db.begin().await?;
    update(&mut tx).await?;
    let written = seen(&mut tx).await?;
    let mut savepoint = tx.begin().await?;
    update(&mut savepoint).await?;
    let done = cut.run(savepoint.rollback()).await.transpose()?.is_some();
    if how != End::Drop {
        assert_eq!(seen(&mut tx).await?, written, "not only the savepoint was undone");
    }
    end(&fixture, tx, how, before).await?;
    Ok(done)
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_rollback_dropped_at_every_poll_before_a_commit() -> Result {
    at_every_poll_of(|fixture, cut| rollback(fixture, cut, End::Commit)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_rollback_dropped_at_every_poll_before_a_rollback() -> Result {
    at_every_poll_of(|fixture, cut| rollback(fixture, cut, End::Rollback)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_savepoint_rollback_dropped_at_every_poll_before_a_drop() -> Result {
    at_every_poll_of(|fixture, cut| rollback(fixture, cut, End::Drop)).await
}

/// Both are dropped: the savepoint's commit after one poll, then the transaction's at every poll.
async fn commit_twice(fixture: Fixture, cut: Cut) -> Result<bool> {
    let mut tx = fixture.db.begin().await?;
    let mut savepoint = tx.begin().await?;
    update(&mut savepoint).await?;
    Cut::after(1).run(savepoint.commit()).await.transpose()?;
    Ok(cut.run(tx.commit()).await.transpose()?.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_commit_dropped_at_every_poll_after_that_of_a_savepoint() -> Result {
    at_every_poll_of(commit_twice).await
}

async fn rollback_twice(fixture: Fixture, cut: Cut) -> Result<bool> {
    let before = fixture.truth().await?;
    let mut tx = fixture.db.begin().await?;
    let mut savepoint = tx.begin().await?;
    update(&mut savepoint).await?;
    Cut::after(1).run(savepoint.commit()).await.transpose()?;
    let done = cut.run(tx.rollback()).await.transpose()?.is_some();
    fixture.settle().await?;
    assert_eq!(fixture.truth().await?, before);
    Ok(done)
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_rollback_dropped_at_every_poll_after_the_commit_of_a_savepoint() -> Result {
    at_every_poll_of(rollback_twice).await
}
