//! I12: the cache never needs a connection beside the one that the caller needs anyway.

use dogpile_sqlx::QueryCacheExt;
use futures_util::future::join_all;
use futures_util::{FutureExt, TryStreamExt};

use crate::support::{Fixture, READ, Result, within};

/// What a task does over and over again.
async fn work(fixture: Fixture, task: usize) -> Result {
    let db = &fixture.db;
    for _ in 0..20 {
        match task % 5 {
            0 => drop(fixture.cached().await?),
            1 => fixture.write().await?,
            2 => {
                let mut tx = db.begin().await?;
                sqlx::query("DELETE FROM other WHERE id > 1").execute(&mut *tx).await?;
                let rows = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch_all(&mut *tx);
                drop(rows.await?);
                tx.commit().await?;
            }
            3 => {
                let mut rows = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(db);
                while rows.try_next().await?.is_some() {
                    tokio::task::yield_now().await;
                }
            }
            _ => {
                let insert = sqlx::query("INSERT INTO other (value) VALUES (1) RETURNING id");
                drop(insert.fetch_one(db).await?);
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_everything_at_once_on_one_connection() -> Result {
    let fixture = Fixture::new(1).await?;
    let tasks = (0..10).map(|task| tokio::spawn(work(fixture.clone(), task)));
    for done in within("ten tasks on one connection", join_all(tasks)).await? {
        done??;
    }
    fixture.settle().await?;
    fixture.check("after ten tasks on one connection").await
}

/// A stream is held after its first row while others wait; they get their turn when it is dropped.
#[tokio::test(flavor = "multi_thread")]
async fn i12_a_stream_that_is_held_delays_others_and_no_more() -> Result {
    let fixture = Fixture::new(1).await?;
    let mut rows = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(&fixture.db);
    assert!(rows.try_next().await?.is_some());
    let waiting: Vec<_> = (0..10).map(|task| tokio::spawn(work(fixture.clone(), task))).collect();
    tokio::task::yield_now().await;
    drop(rows);
    for done in within("those who waited for a stream", join_all(waiting)).await? {
        done??;
    }
    fixture.settle().await
}

/// Hits, invalidations and lookups of every kind, while a transaction has the only connection.
#[tokio::test(flavor = "multi_thread")]
async fn i12_a_hit_and_an_invalidation_need_no_connection() -> Result {
    let fixture = Fixture::new(1).await?;
    let before = fixture.cached().await?;
    let mut tx = fixture.db.begin().await?;
    sqlx::query("UPDATE item SET value = 0").execute(&mut *tx).await?;
    let hit = fixture.cached().now_or_never().transpose()?;
    assert_eq!(hit.as_ref(), Some(&before), "a hit waited");
    assert!(fixture.db.invalidate_tables(["other"]).now_or_never().is_some());
    let explained = sqlx::query_as::<_, (i64, i64)>(READ).cached().explain(&fixture.db);
    assert!(explained.now_or_never().is_some_and(|explained| explained.is_cached()));
    within("the commit", tx.commit()).await??;
    fixture.check("after a commit on the only connection").await
}

/// A leader that waits for the connection, and the transaction that has it and reads the same.
#[tokio::test(flavor = "multi_thread")]
async fn i12_a_transaction_reads_what_a_waiting_leader_is_about_to_read() -> Result {
    let fixture = Fixture::new(1).await?;
    let mut tx = fixture.db.begin().await?;
    let leader = tokio::spawn({
        let fixture = fixture.clone();
        async move { fixture.cached().await }
    });
    crate::support::until("the leader", || fixture.db.region().stats().flights == 1).await?;
    let inside = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch_all(&mut *tx);
    let inside = within("the transaction", inside).await??;
    tx.commit().await?;
    assert_eq!(within("the leader", leader).await???, inside);
    Ok(())
}
