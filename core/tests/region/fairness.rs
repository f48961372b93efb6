//! A hit waits for nothing; a task that does nothing else lets others run nevertheless.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dogpile::Region;

use crate::support::{builder, made};

/// Far more hits than a runtime allows a task without a pause.
const MANY: usize = 10_000;

/// Whether another task of the only thread runs while one does nothing but `hit`.
async fn others_run(hit: impl AsyncFn(&Region)) -> bool {
    let region = builder().build().unwrap();
    region.entry("k").get_or_create(async || made(1_u64)).await.unwrap();
    let has_run = Arc::new(AtomicBool::new(false));
    let other = Arc::clone(&has_run);
    let running = tokio::spawn(async move { other.store(true, Ordering::SeqCst) });
    for _ in 0..MANY {
        hit(&region).await;
    }
    let has_run = has_run.load(Ordering::SeqCst);
    running.await.unwrap();
    has_run
}

#[tokio::test]
async fn a_task_of_hits_lets_others_run() {
    let create = async |region: &Region| {
        region.entry("k").get_or_create(async || made(2_u64)).await.unwrap();
    };
    assert!(others_run(create).await, "get_or_create");
    let get = async |region: &Region| assert!(region.entry("k").get::<u64>().await.is_some());
    assert!(others_run(get).await, "get");
    let get_many = async |region: &Region| {
        assert!(region.entries(["k"]).get_multi::<u64>().await[0].is_some());
    };
    assert!(others_run(get_many).await, "get of several");
}
