//! Replays that are given up, and replays beside each other.

use std::fs;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use dogpile_replay::{RowSet, replay};
use sqlx::{MySql, Row};

use crate::support::{Live, assert_same, capture};

/// Polls a future that often, and drops it. Whether it was ready before.
async fn give_up<T>(future: impl Future<Output = T>, polls: usize) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            // Woken at once if nothing else wakes it.
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn sets() -> (Live, RowSet<MySql>, RowSet<MySql>) {
    let mut live = Live::start().await;
    let large = live.rows("SELECT 1 AS large, REPEAT('x', 3000000)").await;
    let small = live.rows("SELECT 2 AS small UNION SELECT 3").await;
    let (large, small) = (capture(&large).unwrap(), capture(&small).unwrap());
    (live, large, small)
}

fn own_folders() -> usize {
    let prefix = format!("dogpile-replay-{}-", std::process::id());
    let all = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    all.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)).count()
}

#[tokio::test]
async fn a_replay_may_be_given_up_at_every_await() {
    let (mut live, large, small) = sets().await;
    let expected = live.rows("SELECT 2 AS small UNION SELECT 3").await;
    let mut polls = 0;
    // The first ones while it connects, as every drop closes the connection.
    while !give_up(replay(&large), polls).await {
        assert_same(&expected, &replay(&small).await.unwrap());
        assert_eq!(own_folders(), 0);
        polls += 1;
    }
    assert!(polls > 10, "{polls}");
    assert_same(&expected, &replay(&small).await.unwrap());
}

#[tokio::test]
async fn a_first_replay_may_be_given_up_while_it_connects() {
    let (mut live, _, small) = sets().await;
    let expected = live.rows("SELECT 2 AS small UNION SELECT 3").await;
    for polls in 0..20 {
        let small = small.clone();
        // A runtime of its own has no connection yet.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let rows = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                give_up(replay(&small), polls).await;
                assert_eq!(own_folders(), 0);
                replay(&small).await.unwrap()
            })
        });
        assert_same(&expected, &rows.await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replays_beside_each_other_do_not_mix() {
    let mut live = Live::start().await;
    let mut sets = Vec::new();
    for n in 0..30_i32 {
        let rows = live.rows(&format!("SELECT {n} AS n, REPEAT('x', {n} * 20000)")).await;
        sets.push((n, capture(&rows).unwrap()));
    }
    let tasks: Vec<_> = (0..600_usize)
        .map(|turn| {
            let (n, set) = sets[turn % sets.len()].clone();
            tokio::spawn(async move {
                if turn % 3 == 0 {
                    give_up(replay(&set), turn % 7).await;
                    return;
                }
                let rows = replay(&set).await.unwrap();
                assert_eq!(rows.len(), 1);
                assert_eq!(rows[0].get::<i32, _>("n"), n);
                assert!(rows[0].get::<&str, _>(1).len() == 20_000 * usize::try_from(n).unwrap());
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(own_folders(), 0);
}
