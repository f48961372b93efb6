//! Connections belong to the runtime that they were made in.

use dogpile_replay::{RowSet, replay};
use sqlx::MySql;
use tokio::runtime::{Builder, Runtime};

use crate::support::{Live, capture};

async fn set() -> RowSet<MySql> {
    let mut live = Live::start().await;
    capture(&live.rows("SELECT seq FROM seq_1_to_3").await).unwrap()
}

async fn count(set: &RowSet<MySql>) -> usize {
    replay(set).await.unwrap().len()
}

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn runtimes_come_and_go() {
    let set = single().block_on(set());
    let kept = single();
    for _ in 0..10 {
        let several = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        for runtime in [&kept, &several, &single(), &kept, &several] {
            assert_eq!(runtime.block_on(count(&set)), 3);
        }
    }
}

#[test]
fn runtimes_beside_each_other_replay() {
    let set = single().block_on(set());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let runtime = single();
                    for _ in 0..20 {
                        assert_eq!(runtime.block_on(count(&set)), 3);
                    }
                }
            });
        }
    });
}

#[test]
fn rows_outlive_the_runtime_that_replayed_them() {
    let set = single().block_on(set());
    let rows = single().block_on(replay(&set)).unwrap();
    assert!(capture(&rows).unwrap().bytes() == set.bytes());
}
