//! Transactions that commit in another order than they wrote.

use dogpile::backend::MemoryBackend;

use super::place::{Maria, Pg, Place, hits, relay, served, settled, shared, until};

/// The first one to write is the last one to commit. A relay that remembers the greatest id has gone
/// past it by then.
async fn what_was_written_first_and_committed_last_is_not_passed_over<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let relay = relay(&db).start().await.unwrap();
    let outside = place.pool().await;
    until("the tables were noted when they were watched", async || relay.stats().rows >= 2).await;
    for price in 2..7 {
        settled::<P>(&db, "cake").await;
        settled::<P>(&db, "pie").await;
        let first = P::hold(&outside, "cake", price).await;
        let second = P::hold(&outside, "pie", price).await;
        second.commit().await.unwrap();
        served::<P>(&db, "pie", price).await;
        assert!(hits::<P>(&db, "cake").await, "it is not committed");
        first.commit().await.unwrap();
        served::<P>(&db, "cake", price).await;
    }
    assert_eq!(relay.stats().flushes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_first_and_committed_last_is_not_passed_over_on_postgres() {
    what_was_written_first_and_committed_last_is_not_passed_over::<Pg>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_first_and_committed_last_is_not_passed_over_on_mariadb() {
    what_was_written_first_and_committed_last_is_not_passed_over::<Maria>().await;
}
