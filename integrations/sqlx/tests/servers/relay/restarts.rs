//! What was written while nobody looked.

use std::time::Duration;

use dogpile::backend::MemoryBackend;

use super::place::{Maria, Pg, Place, hits, relay, served, settled, shared, until};

super::on_each!(
    s184_what_was_committed_while_no_relay_ran_is_invalidated_by_the_next_one,
    who_was_away_for_longer_than_the_feed_is_kept_invalidates_all_tables,
    the_feed_is_swept,
);

async fn s184_what_was_committed_while_no_relay_ran_is_invalidated_by_the_next_one<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let first = relay(&db).start().await.unwrap();
    until("it works", async || first.stats().rows >= 2).await;
    first.stop().await;
    let outside = place.pool().await;
    for price in 2..7 {
        settled::<P>(&db, "cake").await;
        settled::<P>(&db, "pie").await;
        P::run(&outside, &format!("UPDATE cake SET price = {price}")).await;
        assert_eq!(P::read(&db, "cake").await, price - 1, "nobody has told");
        let next = relay(&db).start().await.unwrap();
        served::<P>(&db, "cake", price).await;
        assert!(hits::<P>(&db, "pie").await, "nobody wrote to it");
        assert_eq!(next.stats().flushes, 0);
        next.stop().await;
    }
}

async fn who_was_away_for_longer_than_the_feed_is_kept_invalidates_all_tables<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let first = relay(&db).start().await.unwrap();
    until("it works", async || first.stats().rows >= 2).await;
    first.stop().await;
    settled::<P>(&db, "cake").await;
    settled::<P>(&db, "pie").await;
    // Read by the relay of another cache, and swept. The last number is there, or it is not.
    let other = shared(&place, &MemoryBackend::default()).await;
    let reads = relay(&other).name("other").start().await.unwrap();
    let outside = place.pool().await;
    for (last, price) in
        [("WHERE seq < (SELECT max(seq) FROM (SELECT seq FROM dogpile_feed) f)", 2), ("", 3)]
    {
        let before = reads.stats().rows;
        P::run(&outside, &format!("UPDATE cake SET price = {price}")).await;
        until("it is read", async || reads.stats().rows > before).await;
        P::run(&outside, &format!("UPDATE pie SET price = {price}")).await;
        until("it is read", async || reads.stats().rows > before + 1).await;
        P::run(&outside, &format!("DELETE FROM dogpile_feed {last}")).await;
        let next = relay(&db).start().await.unwrap();
        served::<P>(&db, "cake", price).await;
        served::<P>(&db, "pie", price).await;
        assert_eq!(next.stats().flushes, 1);
        next.stop().await;
        settled::<P>(&db, "cake").await;
        settled::<P>(&db, "pie").await;
    }
}

async fn the_feed_is_swept<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let relay = relay(&db).retention(Duration::ZERO).start().await.unwrap();
    until("there was something", async || relay.stats().rows >= 2).await;
    let swept = place.pool().await;
    let rows = "SELECT count(*) FROM dogpile_feed";
    until("it is empty", async || P::count(&swept, rows).await == 0).await;
    // And the relay goes on.
    P::run(&swept, "UPDATE cake SET price = 2").await;
    served::<P>(&db, "cake", 2).await;
    assert_eq!(relay.stats().flushes, 1);
}

/// The relay has lost its connections, and finds others.
async fn s183_what_was_written_while_the_server_was_restarted<P: Place>(restart: impl Fn(&P)) {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let relay = relay(&db).start().await.unwrap();
    until("it works", async || relay.stats().rows >= 2).await;
    for price in 2..4 {
        settled::<P>(&db, "cake").await;
        let outside = place.pool().await;
        P::run(&outside, &format!("UPDATE cake SET price = {price}")).await;
        restart(&place);
        until("the new number is served", async || {
            P::try_read(&db, "cake").await.is_ok_and(|read| read == price)
        })
        .await;
    }
    assert_eq!(relay.stats().flushes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn s183_what_was_written_while_postgres_was_restarted_is_invalidated() {
    let restart = |place: &Pg| place.server.restart().unwrap();
    s183_what_was_written_while_the_server_was_restarted(restart).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s183_what_was_written_while_mariadb_was_restarted_is_invalidated() {
    let restart = |place: &Maria| place.server.restart().unwrap();
    s183_what_was_written_while_the_server_was_restarted(restart).await;
}
