//! What one process creates is a hit in the others, whatever their local tiers hold.

use dogpile::backend::MemoryBackend;
use dogpile::observe::ReasonKind;
use dogpile::{Error, Invalidation, ManualClock, Reason, Region, minutes, secs};

async fn create(region: &Region, value: u64) -> u64 {
    let created = region.entry("k").tag("t").get_or_create(async || Ok::<_, Error>(value));
    *created.await.unwrap()
}

/// Two processes with local tiers, both of which hold the value 1.
async fn both_hold() -> (Region, Region, ManualClock) {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let build = || {
        let region = Region::builder("test").ttl(minutes(5)).jitter(0.0).clock(clock.clone());
        region.backend(backend.clone()).build().unwrap()
    };
    let (a, b) = (build(), build());
    assert_eq!((create(&a, 1).await, create(&b, 9).await), (1, 1));
    (a, b, clock)
}

#[tokio::test]
async fn i3_what_another_process_created_after_the_end_of_the_local_value_is_a_hit() {
    let (a, b, clock) = both_hold().await;
    clock.advance(secs(301));
    assert_eq!(create(&a, 2).await, 2);
    assert_eq!(create(&b, 3).await, 2, "the fresh value of the backend was not looked at");
}

#[tokio::test]
async fn i3_what_another_process_created_after_a_soft_invalidation_is_a_hit() {
    let (a, b, _) = both_hold().await;
    a.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
    assert_eq!(create(&a, 2).await, 2);
    assert_eq!(create(&b, 3).await, 2, "the fresh value of the backend was not looked at");
}

#[tokio::test]
async fn an_entry_with_more_tags_than_declared_is_no_garbage() {
    let region = Region::builder("test").ttl(minutes(5)).backend(MemoryBackend::new());
    let region = region.local(0).build().unwrap();
    create(&region, 1).await;
    assert!(region.entry("k").get::<u64>().await.is_none());
    let stats = region.stats();
    assert_eq!(stats.count_of(ReasonKind::Miss, Reason::OTHER_TAGS), 1, "{stats:#}");
    assert_eq!(stats.rejected, 0, "{stats:#}");
}

#[tokio::test]
async fn a_value_from_the_backend_is_stale_no_longer_than_the_call_accepts() {
    let clock = ManualClock::new();
    let backend = MemoryBackend::builder().clock(clock.clone()).build();
    let region = Region::builder("test").ttl(minutes(5)).jitter(0.0).stale_for(minutes(5));
    let region = region.clock(clock.clone()).backend(backend).local(0).build().unwrap();
    create(&region, 1).await;
    let accepts = async |time| region.entry("k").tag("t").stale_for(time).get::<u64>().await;
    clock.advance(secs(330));
    assert_eq!(accepts(secs(31)).await.as_deref(), Some(&1));
    assert!(accepts(secs(30)).await.is_none(), "served 30 s past its ttl");
    assert!(accepts(secs(10)).await.is_none(), "served 30 s past its ttl");
}
