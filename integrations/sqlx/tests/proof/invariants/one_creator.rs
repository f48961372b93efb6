//! I3: one creator.

use futures_util::future::{join_all, poll_immediate};
use tokio::task::unconstrained;

use crate::support::{Fixture, Result};

const TASKS: u64 = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn i3_a_thousand_tasks_send_one_statement_and_take_one_lease() -> Result {
    let fixture = Fixture::new(4).await?;
    let truth = fixture.truth().await?;
    let read = |_| {
        let fixture = fixture.clone();
        tokio::spawn(async move { fixture.cached().await })
    };
    for rows in join_all((0..TASKS).map(read)).await {
        assert_eq!(rows??, truth);
    }
    assert_eq!(fixture.reads_sent().await?, 1);
    assert_eq!(fixture.locks.taken(), 1);
    let stats = fixture.db.region().stats();
    assert_eq!((stats.lookups, stats.stored), (TASKS, 1));
    fixture.settle().await
}

/// All of them miss before any of them is served.
#[tokio::test(flavor = "multi_thread")]
async fn i3_a_thousand_misses_are_one_flight() -> Result {
    let fixture = Fixture::new(4).await?;
    let truth = fixture.truth().await?;
    let occupied = fixture.occupy().await?;
    let mut reads: Vec<_> = (0..TASKS).map(|_| Box::pin(fixture.cached())).collect();
    // One task is all thousand of them: none is to wait for its next turn.
    unconstrained(async {
        for read in &mut reads {
            assert!(poll_immediate(read).await.is_none());
        }
    })
    .await;
    assert_eq!(fixture.db.region().stats().flights, 1);
    assert_eq!(fixture.db.region().stats().misses, TASKS);
    drop(occupied);
    for rows in join_all(reads).await {
        assert_eq!(rows?, truth);
    }
    assert_eq!(fixture.reads_sent().await?, 1);
    assert_eq!(fixture.locks.taken(), 1);
    fixture.settle().await
}
