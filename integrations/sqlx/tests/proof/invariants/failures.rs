//! I7: what fails, fails its own caller.

use std::pin::Pin;

use dogpile_sqlx::QueryCacheExt;
use futures_util::future::{join, join_all, maybe_done, poll_immediate};
use sqlx::Error;

use crate::support::{Fixture, Result, at_first_row, cached_with_hooks, truth_with_hooks, within};

/// How a creator fails.
#[derive(Debug, Clone, Copy)]
enum Failure {
    Panic,
    Error,
}

impl Failure {
    fn happen(self) -> sqlx::Result<()> {
        match self {
            Self::Panic => panic!("the row mapper"),
            Self::Error => Err(Error::Protocol("the row mapper".into())),
        }
    }
}

/// Up to `leaders` fail one after the other; then it is the turn of three whose creators are sound.
async fn fails_its_own_caller(failure: Failure, leaders: usize) -> Result {
    let fixture = Fixture::new(4).await?;
    let read = || cached_with_hooks(fixture.clone());
    let failing = |_| Box::pin(at_first_row(move || failure.happen(), read()));
    let occupied = fixture.occupy().await?;
    let mut led: Vec<_> = (0..leaders).map(failing).collect();
    let mut waiters: Vec<_> = (0..3).map(|_| maybe_done(Box::pin(read()))).collect();
    for leader in &mut led {
        assert!(poll_immediate(leader).await.is_none());
    }
    for waiter in &mut waiters {
        assert!(poll_immediate(waiter).await.is_none());
    }
    drop(occupied);
    let led = join_all(led.into_iter().map(tokio::spawn));
    let everybody = join(led, join_all(waiters.iter_mut()));
    let (led, _) = within("everybody", everybody).await?;
    let truth = truth_with_hooks(&fixture).await?;
    let mut failed = 0;
    for ended in led {
        failed += 1;
        match (failure, ended) {
            (Failure::Panic, Err(ended)) => assert!(ended.is_panic()),
            (Failure::Error, Ok(Err(Error::Protocol(words)))) => {
                assert_eq!(words, "the row mapper");
            }
            // One whose creator is sound was polled first when the lead was free.
            (_, Ok(Ok(rows))) if failed > 1 => {
                assert_eq!(rows, truth);
                failed -= 1;
            }
            (_, ended) => panic!("a failing creator ended with {ended:?}"),
        }
    }
    for waiter in &mut waiters {
        let rows = Pin::new(waiter).take_output().transpose()?;
        assert_eq!(rows.as_ref(), Some(&truth));
    }
    fixture.settle().await?;
    assert_eq!(fixture.db.region().stats().failed, failed);
    fixture.check("after a creator failed").await
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_a_panic_reaches_its_own_caller_and_no_waiter() -> Result {
    fails_its_own_caller(Failure::Panic, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_an_error_reaches_its_own_caller_and_no_waiter() -> Result {
    fails_its_own_caller(Failure::Error, 1).await
}

/// More in a row than a flight allows: its waiters ask the database themselves.
#[tokio::test(flavor = "multi_thread")]
async fn i7_panics_in_a_row_reach_their_own_callers_and_no_waiter() -> Result {
    fails_its_own_caller(Failure::Panic, 3).await
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_errors_in_a_row_reach_their_own_callers_and_no_waiter() -> Result {
    fails_its_own_caller(Failure::Error, 3).await
}

/// Everybody gets the database's error, nobody one of the cache, and it is not remembered.
#[tokio::test(flavor = "multi_thread")]
async fn i7_an_error_of_the_database_reaches_everybody_and_is_not_kept() -> Result {
    let fixture = Fixture::new(4).await?;
    let read =
        || sqlx::query_scalar::<_, i64>("SELECT id FROM missing").cached().fetch_all(&fixture.db);
    for rows in within("everybody", join_all((0..10).map(|_| read()))).await? {
        let error = rows.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("no such table"), "{error}");
    }
    sqlx::raw_sql("CREATE TABLE missing (id INTEGER PRIMARY KEY); INSERT INTO missing VALUES (7)")
        .execute(&fixture.raw)
        .await?;
    assert_eq!(read().await?, [7]);
    Ok(())
}
