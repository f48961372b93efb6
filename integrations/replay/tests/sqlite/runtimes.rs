//! Whose the connections are, and how many.

use std::process::Command;

use dogpile_replay::replay;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::support::{capture, live};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn a_set_is_replayed_in_any_runtime_after_another_has_ended() {
    let set = runtime().block_on(async { capture(&live("SELECT 1 AS one").await) });
    for _ in 0..3 {
        let rows = runtime().block_on(replay(&set)).unwrap();
        assert_eq!(capture(&rows).bytes(), set.bytes());
        let rows =
            Builder::new_current_thread().enable_all().build().unwrap().block_on(replay(&set));
        assert_eq!(capture(&rows.unwrap()).bytes(), set.bytes());
    }
}

#[test]
fn two_runtimes_at_the_same_time_have_each_their_own() {
    let set = runtime().block_on(async { capture(&live("SELECT 1 AS one").await) });
    let (one, two) = (runtime(), runtime());
    for each in [&one, &two, &one] {
        assert_eq!(each.block_on(replay(&set)).unwrap().len(), 1);
    }
    drop(one);
    assert_eq!(two.block_on(replay(&set)).unwrap().len(), 1);
}

/// In a process of its own: it counts threads.
#[cfg(target_os = "linux")]
#[test]
fn connections_are_few_and_end_with_their_runtime() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "runtimes::counting_threads"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "wants a process of its own, and the test before gives it one"]
fn counting_threads() {
    let set = runtime().block_on(async { capture(&live("SELECT 1 AS one").await) });
    assert_eq!(threads(), 0);
    let runtime = runtime();
    runtime.block_on(async {
        let mut all = JoinSet::new();
        for _ in 0..200 {
            let set = set.clone();
            all.spawn(async move { replay(&set).await.unwrap().len() });
        }
        while let Some(read) = all.join_next().await {
            assert_eq!(read.unwrap(), 1);
        }
    });
    assert!((1..=8).contains(&threads()), "{}", threads());
    drop(runtime);
    // A thread ends after its connection was dropped; were it kept, the test would hang.
    while threads() > 0 {
        std::thread::yield_now();
    }
}

/// Threads that belong to connections of replays.
fn threads() -> usize {
    let named = |task: std::io::Result<std::fs::DirEntry>| {
        let name = std::fs::read_to_string(task.ok()?.path().join("comm")).ok()?;
        name.starts_with("replay-").then_some(())
    };
    std::fs::read_dir("/proc/self/task").unwrap().filter_map(named).count()
}
