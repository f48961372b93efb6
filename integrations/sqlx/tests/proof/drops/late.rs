//! Writes that happen after their future was dropped (I16).
//!
//! The writer's lock of the database is held by somebody else, so that what was sent happens only
//! when the test lets it. Meanwhile a read stores the old value, which is true at that time.

use dogpile_sqlx::CachedTransaction;
use sqlx::Sqlite;

use crate::support::{Cut, Fixture, Hold, Result, Rows, until};

const UPDATE: &str = "UPDATE item SET value = value + 1";

/// Reads as many values as there were misses: tells whether the last read was one.
async fn read(fixture: &Fixture, expected: &Rows, misses: u64) -> Result {
    let before = fixture.db.region().stats().misses;
    assert_eq!(fixture.cached().await?, *expected);
    assert_eq!(fixture.db.region().stats().misses - before, misses);
    Ok(())
}

/// What every late write must go through, from the moment its future was dropped.
async fn stays_true(fixture: &Fixture, before: Rows, hold: Hold) -> Result {
    // Invalidated at once: the write may have happened.
    read(fixture, &before, 1).await?;
    // It has not, so the old value is stored, and true.
    read(fixture, &before, 0).await?;
    hold.release().await?;
    fixture.settle().await?;
    assert_ne!(fixture.truth().await?, before, "the write was never sent");
    // Invalidated again: it has happened now.
    fixture.check("after a late write").await
}

async fn begun(fixture: &Fixture) -> Result<(Rows, Hold)> {
    let before = fixture.truth().await?;
    read(fixture, &before, 1).await?;
    read(fixture, &before, 0).await?;
    Ok((before, Hold::writers(&fixture.raw).await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn i16_a_dropped_write_invalidates_at_once_and_again_when_it_has_happened() -> Result {
    let fixture = Fixture::new(2).await?;
    let (before, hold) = begun(&fixture).await?;
    let mut connection = fixture.db.acquire().await?;
    let write = sqlx::query(UPDATE).execute(&mut connection);
    assert!(Cut::after(1).run(write).await.is_none());
    drop(connection);
    stays_true(&fixture, before, hold).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i16_a_dropped_insert_returning_invalidates_again_when_it_has_happened() -> Result {
    let fixture = Fixture::new(2).await?;
    let (before, hold) = begun(&fixture).await?;
    let mut connection = fixture.db.acquire().await?;
    let insert = sqlx::query_scalar::<_, i64>("INSERT INTO item (value) VALUES (1) RETURNING id")
        .fetch_one(&mut connection);
    assert!(Cut::after(1).run(insert).await.is_none());
    drop(connection);
    stays_true(&fixture, before, hold).await
}

/// A transaction whose statement was sent and waits for the lock, and whose caller went on.
async fn waiting(fixture: &Fixture) -> Result<CachedTransaction<'static, Sqlite>> {
    let mut tx = fixture.db.begin().await?;
    assert!(Cut::after(1).run(sqlx::query(UPDATE).execute(&mut *tx)).await.is_none());
    Ok(tx)
}

#[tokio::test(flavor = "multi_thread")]
async fn i16_a_dropped_commit_invalidates_at_once_and_again_when_it_has_happened() -> Result {
    let fixture = Fixture::new(2).await?;
    let (before, hold) = begun(&fixture).await?;
    let tx = waiting(&fixture).await?;
    read(&fixture, &before, 0).await?;
    assert!(Cut::after(1).run(tx.commit()).await.is_none());
    stays_true(&fixture, before, hold).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i16_a_dropped_rollback_invalidates_nothing() -> Result {
    let fixture = Fixture::new(2).await?;
    let (before, hold) = begun(&fixture).await?;
    let tx = waiting(&fixture).await?;
    assert!(Cut::after(1).run(tx.rollback()).await.is_none());
    hold.release().await?;
    fixture.settle().await?;
    assert_eq!(fixture.truth().await?, before);
    read(&fixture, &before, 0).await
}

/// The connection is kept by its owner, who does nothing with it.
#[tokio::test(flavor = "multi_thread")]
async fn i16_a_late_write_invalidates_although_its_connection_is_kept() -> Result {
    let fixture = Fixture::new(2).await?;
    let (before, hold) = begun(&fixture).await?;
    let mut connection = fixture.db.acquire().await?;
    let write = sqlx::query(UPDATE).execute(&mut connection);
    assert!(Cut::after(1).run(write).await.is_none());
    read(&fixture, &before, 1).await?;
    let invalidated = || fixture.db.region().stats().invalidated_tags;
    let at_once = invalidated();
    hold.release().await?;
    until("the second invalidation", || invalidated() > at_once).await?;
    assert_ne!(fixture.truth().await?, before, "invalidated before it had happened");
    assert_eq!(fixture.cached().await?, fixture.truth().await?, "stale while it is kept");
    drop(connection);
    fixture.settle().await?;
    fixture.check("after a late write on a connection that was kept").await
}

/// `close` waits until late writes have invalidated.
#[tokio::test(flavor = "multi_thread")]
async fn i16_closing_the_region_waits_for_late_writes() -> Result {
    let fixture = Fixture::new(2).await?;
    let (before, hold) = begun(&fixture).await?;
    let tx = waiting(&fixture).await?;
    assert!(Cut::after(1).run(tx.commit()).await.is_none());
    let invalidated = fixture.db.region().stats().invalidated_tags;
    let region = fixture.db.region().clone();
    let closing = tokio::spawn(async move { region.close().await });
    hold.release().await?;
    closing.await?;
    assert_ne!(fixture.truth().await?, before);
    let now = fixture.db.region().stats().invalidated_tags;
    assert!(now > invalidated, "the region closed before the write had invalidated");
    until("the connection", || fixture.db.inner().num_idle() > 0).await
}
