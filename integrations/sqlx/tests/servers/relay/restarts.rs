//! What was written while nobody looked.

use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile_migrations::Migrations;
use dogpile_sqlx::{CachedPool, RelayDatabase};

use super::place::{Maria, Pg, Place, hits, region, relay, served, settled, shared, until};

super::on_each!(
    s184_what_was_committed_while_no_relay_ran_is_invalidated_by_the_next_one,
    what_another_relay_has_fed_meanwhile_is_invalidated_too,
    who_was_away_for_longer_than_the_feed_is_kept_invalidates_all_tables,
    the_feed_is_swept,
    tables_that_are_made_anew_are_read_again,
    numbers_of_other_tables_are_not_taken_for_those_that_were_read,
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

/// It is in the feed, and in the log no more.
async fn what_another_relay_has_fed_meanwhile_is_invalidated_too<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let first = relay(&db).start().await.unwrap();
    until("it works", async || first.stats().rows >= 2).await;
    first.stop().await;
    settled::<P>(&db, "cake").await;
    settled::<P>(&db, "pie").await;
    let other = shared(&place, &MemoryBackend::default()).await;
    let feeds = relay(&other).name("other").start().await.unwrap();
    until("it works", async || feeds.stats().flushes == 1).await;
    let outside = place.pool().await;
    P::run(&outside, "UPDATE cake SET price = 2").await;
    let waiting = "SELECT count(*) FROM dogpile_log";
    until("it is fed", async || P::count(&outside, waiting).await == 0).await;
    let next = relay(&db).start().await.unwrap();
    served::<P>(&db, "cake", 2).await;
    assert!(hits::<P>(&db, "pie").await, "nobody wrote to it");
    assert_eq!(next.stats().flushes, 0);
}

async fn who_was_away_for_longer_than_the_feed_is_kept_invalidates_all_tables<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let first = relay(&db).start().await.unwrap();
    until("it works", async || first.stats().rows >= 2).await;
    first.stop().await;
    settled::<P>(&db, "cake").await;
    settled::<P>(&db, "pie").await;
    menu(&db).await;
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
        assert!(!menu(&db).await, "a note of it may be lost");
        settled::<P>(&db, "cake").await;
        settled::<P>(&db, "pie").await;
    }
}

/// Whether what depends on a tag alone is a hit.
async fn menu<DB: RelayDatabase>(db: &CachedPool<DB>) -> bool {
    let before = db.region().stats().hits;
    let entry = db.region().entry("menu").tag("menu");
    entry.get_or_create(async || Ok::<_, dogpile::Error>(1)).await.unwrap();
    db.region().stats().hits > before
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

/// The mark is gone with the tables. One that works notices, and so does one that waits.
async fn tables_that_are_made_anew_are_read_again<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let (works, waits) = (relay(&db).start().await.unwrap(), relay(&db).start().await.unwrap());
    let outside = place.pool().await;
    let leads = || works.stats().leads || waits.stats().leads;
    for price in 2..4 {
        until("one works", async || leads()).await;
        settled::<P>(&db, "cake").await;
        Migrations::new().down(&outside).await.unwrap();
        Migrations::new().up(&outside).await.unwrap();
        Migrations::new().watch(&outside, "cake").await.unwrap();
        P::run(&outside, &format!("UPDATE cake SET price = {price}")).await;
        served::<P>(&db, "cake", price).await;
    }
}

/// A relay that reads for itself looks away while the tables are made anew, and as many are noted.
async fn numbers_of_other_tables_are_not_taken_for_those_that_were_read<P: Place>() {
    let place = P::start().await;
    let own = CachedPool::new(place.pool().await, region().build().unwrap());
    let looks_away = relay(&own).interval(Duration::from_secs(2)).start().await.unwrap();
    until("it works", async || looks_away.stats().rows >= 2).await;
    settled::<P>(&own, "cake").await;
    let outside = place.pool().await;
    Migrations::new().down(&outside).await.unwrap();
    Migrations::new().up(&outside).await.unwrap();
    let feeds = shared(&place, &MemoryBackend::default()).await;
    let _feeds = relay(&feeds).start().await.unwrap();
    Migrations::new().watch(&outside, "cake").await.unwrap();
    P::run(&outside, "UPDATE cake SET price = 2").await;
    for _ in 0..2 {
        let waiting = "SELECT count(*) FROM dogpile_log";
        until("it is fed", async || P::count(&outside, waiting).await == 0).await;
        Migrations::new().watch(&outside, "pie").await.unwrap();
    }
    served::<P>(&own, "cake", 2).await;
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
