use std::sync::Arc;

use dogpile_replay::replay;
use sqlx::Row;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::support::{Server, record};

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_runtime_that_ended_takes_its_connections_with_it() {
    let set = single().block_on(async { Server::start().await.record("select 7 as n").await });
    for _ in 0..20 {
        let runtime = single();
        let rows = runtime.block_on(async { replay(&set).await.unwrap() });
        assert_eq!(rows[0].get::<i32, _>("n"), 7);
        // Answers wait while nobody drives the runtime, and are there when somebody does.
        let rows = runtime.block_on(async { replay(&set).await.unwrap() });
        drop(runtime);
        assert_eq!(rows[0].get::<i32, _>("n"), 7);
    }
}

#[test]
fn runtimes_beside_each_other_have_connections_of_their_own() {
    let set = Arc::new(single().block_on(async {
        Server::start().await.record("select g as n from generate_series(1, 100) g").await
    }));
    let threads = (0..4).map(|_| {
        let set = Arc::clone(&set);
        std::thread::spawn(move || {
            single().block_on(async {
                for _ in 0..50 {
                    let rows = replay(&set).await.unwrap();
                    assert_eq!(rows[99].get::<i32, _>("n"), 100);
                }
            });
        })
    });
    threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_each_get_their_own_rows() {
    let mut server = Server::start().await;
    server.run("create type kind as enum ('a')").await;
    let mut tasks = JoinSet::new();
    for n in 0..100_i32 {
        let kind = if n % 3 == 0 { "'a'::kind as k," } else { "" };
        let sql = format!("select {kind} {n} as n from generate_series(1, {})", n % 7 + 1);
        let live = server.rows(&sql).await;
        let set = record(&live).unwrap();
        tasks.spawn(async move {
            for _ in 0..20 {
                let rows = replay(&set).await.unwrap();
                assert_eq!(record(&rows).unwrap().bytes(), set.bytes());
                assert_eq!(rows[0].get::<i32, _>("n"), n);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}
