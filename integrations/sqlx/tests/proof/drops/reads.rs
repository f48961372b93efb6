//! Cached reads, dropped at every poll.

use std::future::Future;
use std::pin::Pin;

use dogpile_sqlx::QueryCacheExt;
use futures_util::future::{join, join_all, maybe_done, poll_immediate};
use futures_util::{StreamExt, TryStreamExt};

use crate::support::{Cut, Fixture, READ, Result, Rows, at_every_poll_of, within};

type Read<'f> = Pin<Box<dyn Future<Output = Result<Rows>> + Send + 'f>>;

/// A miss that nobody else waits for.
async fn alone(fixture: Fixture, cut: Cut) -> Result<bool> {
    fixture.write().await?;
    let truth = fixture.truth().await?;
    let read = cut.run(fixture.cached()).await.transpose()?;
    assert!(read.as_ref().is_none_or(|rows| *rows == truth));
    Ok(read.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_read_dropped_at_every_poll() -> Result {
    Box::pin(at_every_poll_of(alone)).await
}

/// A miss whose leader is dropped while others wait for it: they are served all the same.
async fn waited_for(fixture: Fixture, cut: Cut) -> Result<bool> {
    fixture.write().await?;
    let truth = fixture.truth().await?;
    let mut waiters: Vec<_> =
        (0..3).map(|_| maybe_done(Box::pin(fixture.cached()) as Read<'_>)).collect();
    let board = async {
        for waiter in &mut waiters {
            poll_immediate(waiter).await;
        }
    };
    let led = cut.run_joined(fixture.cached(), board).await.transpose()?;
    within("the waiters", join_all(waiters.iter_mut())).await?;
    for waiter in &mut waiters {
        assert_eq!(Pin::new(waiter).take_output().transpose()?.as_ref(), Some(&truth));
    }
    Ok(led.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_leader_dropped_at_every_poll() -> Result {
    at_every_poll_of(waited_for).await
}

/// A waiter that is dropped itself, while its leader goes on.
async fn waiting(fixture: Fixture, cut: Cut) -> Result<bool> {
    fixture.write().await?;
    let truth = fixture.truth().await?;
    let mut leader = Box::pin(fixture.cached());
    let led = poll_immediate(&mut leader).await;
    let (waited, led) = match led {
        Some(rows) => (cut.run(fixture.cached()).await, rows),
        None => join(cut.run(fixture.cached()), leader).await,
    };
    assert_eq!(led?, truth);
    let waited = waited.transpose()?;
    assert!(waited.as_ref().is_none_or(|rows| *rows == truth));
    Ok(waited.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_waiter_dropped_at_every_poll() -> Result {
    Box::pin(at_every_poll_of(waiting)).await
}

/// The first row only.
async fn first_row(fixture: Fixture, cut: Cut) -> Result<bool> {
    fixture.write().await?;
    let truth = fixture.truth().await?;
    let read = sqlx::query_as(READ).cached().fetch_one(&fixture.db);
    let row: Option<(i64, i64)> = cut.run(read).await.transpose()?;
    assert!(row.is_none_or(|row| row == truth[0]));
    Ok(row.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_read_of_one_row_dropped_at_every_poll() -> Result {
    Box::pin(at_every_poll_of(first_row)).await
}

/// A stream that is read to its end.
async fn stream(fixture: Fixture, cut: Cut) -> Result<bool> {
    fixture.write().await?;
    let truth = fixture.truth().await?;
    let rows = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(&fixture.db);
    let read: Option<Rows> = cut.run(rows.try_collect()).await.transpose()?;
    assert!(read.as_ref().is_none_or(|rows| *rows == truth));
    Ok(read.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_stream_dropped_at_every_poll() -> Result {
    at_every_poll_of(stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_stream_dropped_after_each_row() -> Result {
    for connections in [1, 4] {
        let fixture = Fixture::new(connections).await?;
        let rows = fixture.truth().await?.len();
        for taken in 0..=rows {
            fixture.write().await?;
            let stream = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(&fixture.db);
            let read: Rows = stream.take(taken).try_collect().await?;
            assert_eq!(read, fixture.truth().await?[..taken]);
            fixture.settle().await?;
            assert_eq!(fixture.db.region().stats().stored, 0, "stored after {taken} rows");
        }
        fixture.check("after every row").await?;
    }
    Ok(())
}
