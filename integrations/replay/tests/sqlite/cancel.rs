//! Replays that are dropped half-way.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use dogpile_replay::replay;
use tokio::task::JoinSet;

use crate::support::{capture, live};

/// Polls a future so often, and drops it if that was not enough.
async fn cut<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn rows(count: usize, text: &str) -> dogpile_replay::RowSet<sqlx::Sqlite> {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         SELECT i, '{text}' || i AS text FROM n"
    );
    capture(&live(&sql).await)
}

#[tokio::test]
async fn a_replay_dropped_at_any_poll_leaves_nothing_to_the_next() {
    let (dropped, next) = (rows(3000, "dropped").await, rows(5, "next").await);
    let (mut polls, mut finished) = (0, false);
    while !finished {
        finished = cut(polls, replay(&dropped)).await.is_some();
        let read = replay(&next).await.unwrap();
        assert_eq!(capture(&read).bytes(), next.bytes());
        polls += 1;
    }
    assert!(polls > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_get_each_their_own() {
    let mut all = JoinSet::new();
    for at in 0..64 {
        all.spawn(async move {
            let set = rows(1 + at * 7, &format!("{at}: ")).await;
            // Half of them are in the way of the others.
            if at % 2 == 0 {
                cut(at % 5, replay(&set)).await;
            }
            let read = replay(&set).await.unwrap();
            assert_eq!(capture(&read).bytes(), set.bytes());
        });
    }
    while let Some(joined) = all.join_next().await {
        joined.unwrap();
    }
}
