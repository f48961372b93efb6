//! What a hit costs in memory: nothing.

use crate::support::{Runs, builder, made};
use dogpile::{Key, Tags};

#[tokio::test]
async fn a_shared_hit_on_a_prepared_key_does_not_allocate() {
    let region = builder().build().unwrap();
    let key = Key::from(("user", 42));
    let tags: Tags = ["users", "orgs"].into_iter().collect();
    let tags = tags.prepared();
    let runs = Runs::default();
    let hit = async || {
        let create = async || {
            runs.add();
            made(vec![1_u64; 100])
        };
        region.entry(&key).tags(&tags).get_or_create(create).await.unwrap().len()
    };
    hit().await;
    // Memory for the poll itself is not the hit's.
    let allocated = allocation_counter::measure(|| {
        let mut hit = std::pin::pin!(hit());
        let waker = std::task::Waker::noop();
        assert!(hit.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready());
    });
    assert_eq!(allocated.count_total, 0);
    assert_eq!(runs.count(), 1);
}
