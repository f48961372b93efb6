use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use dogpile_replay::{RowSet, replay};
use sqlx::{Postgres, Row};
use tokio::task::yield_now;

use crate::support::Server;

/// Polls a replay so many times, with turns for the endpoint between, and drops it. Says whether it
/// was done before.
async fn dropped_after(polls: usize, set: &RowSet<Postgres>) -> bool {
    let mut replay = pin!(replay(set));
    for _ in 0..polls {
        if replay.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return true;
        }
        yield_now().await;
    }
    false
}

/// Drops replays after every number of polls, and has the next one read other rows.
async fn drop_at_every_await() {
    let mut server = Server::start().await;
    let large = "select repeat('x', 300000) as x, g from generate_series(1, 3) g";
    let sets = [
        server.record("select 'dropped' as x from generate_series(1, 100)").await,
        server.record("select 'dropped'::xml as x, array['<a/>'::xml] as a").await,
        server.record(large).await,
    ];
    let next = server.record("select 'next' as x").await;
    for set in &sets {
        let mut done = 0;
        // Every number of polls at first. A busy machine needs many until it is done.
        let some = std::iter::successors(Some(0_usize), |polls| Some(polls + 1 + polls / 30 * 4));
        for polls in some.take_while(|polls| *polls < 100_000) {
            done += usize::from(dropped_after(polls, set).await);
            // What was sent is answered before the next one comes, or when it comes.
            for _ in 0..polls % 2 * 5 {
                yield_now().await;
            }
            let rows = replay(&next).await.unwrap();
            assert_eq!((rows.len(), rows[0].get::<String, _>(0)), (1, "next".to_owned()));
            if done == 3 {
                break;
            }
        }
        assert_eq!(done, 3);
    }
    assert_eq!(folders(), Vec::<String>::new());
}

/// The folders of this process's sockets.
fn folders() -> Vec<String> {
    let ours = format!("dogpile-replay-{}-", std::process::id());
    let all = std::fs::read_dir(std::env::temp_dir()).unwrap();
    let names = all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(&ours)).collect()
}

#[tokio::test]
async fn a_dropped_replay_leaves_nothing_to_the_next_one() {
    drop_at_every_await().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_replay_leaves_nothing_to_the_next_one_on_other_threads() {
    drop_at_every_await().await;
}

#[tokio::test]
async fn no_folder_is_left_behind() {
    let mut server = Server::start().await;
    let set = server.record("select 1").await;
    replay(&set).await.unwrap();
    assert_eq!(folders(), Vec::<String>::new());
    // It is there while a connection is made, and goes with whoever gives up.
    for polls in 1..6 {
        let set = set.clone();
        let other = std::thread::spawn(move || {
            let fresh = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            fresh.block_on(dropped_after(polls, &set))
        });
        other.join().unwrap();
        assert_eq!(folders(), Vec::<String>::new());
    }
}
