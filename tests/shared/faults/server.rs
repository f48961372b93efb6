//! A server that is down, or dies.

use dogpile::observe::ReasonKind;
use dogpile::{Reason, Region, secs};
use dogpile_tests::services::Faults;

use super::Behind;
use crate::support::{
    BREAKER_OPEN, Server, balanced, failures, misses, no_hang, on_each_server, run, until,
};

on_each_server! {
    s175_s189_backend_down_at_start_costs_nothing_but_hits
    dies_mid_operation_at_every_byte_of_a_reply
    dies_and_comes_back_empty
    flushed_in_the_middle_is_cold_and_not_wrong
    connections_that_died_cost_one_call_and_not_one_each
}

fn s175_s189_backend_down_at_start_costs_nothing_but_hits<S: Server>(_: &str) {
    run(async {
        let behind = Behind::<S>::new().await;
        behind.server.kill();
        for expected in 1..=20 {
            behind.ask().await;
            assert_eq!(behind.source.creations(), expected);
        }
        let stats = balanced(&behind.region);
        assert_eq!((stats.lookups, stats.misses, stats.stored), (20, 20, 0), "{stats:#}");
        assert!(misses(&behind.region, Reason::BACKEND_ERROR) >= 1, "{stats:#}");
        assert!(misses(&behind.region, BREAKER_OPEN) >= 1, "{stats:#}");
        behind.server.restart();
        behind.assert_hits_come_back().await;
        behind.assert_invalidation_works().await;
    });
}

const SLACK: u64 = 64;

/// Every connection ends after so many bytes, whatever the server was about to say with the next:
/// in the middle of the greeting, of a length, of a version, of an entry. Each time it is another
/// client that asks: one that could not connect a moment ago does not even try.
fn dies_mid_operation_at_every_byte_of_a_reply<S: Server>(_: &str) {
    run(async {
        let behind = Behind::<S>::warm().await;
        let bytes = bytes_of_a_hit(&behind).await;
        let (mut hits, mut misses) = (0, 0);
        // What a server tells of itself is not always equally long.
        for offset in 0..bytes + SLACK {
            let cut = Faults { cut_after: Some(offset), ..Faults::default() };
            behind.proxy.set(cut).unwrap();
            // All clients of a process that have one server have one breaker.
            behind.let_breaker_try();
            let (client, before) = (behind.hasty_client(), behind.proxy.traffic().connections);
            if is_there(&client).await {
                // That it is the right one, and what creating does on such a connection.
                behind.source.ask(&client, super::KEY).await;
                hits += 1;
            } else {
                assert!(failures(&client, Reason::BACKEND_ERROR) >= 1, "{:#}", client.stats());
                misses += 1;
            }
            assert!(behind.proxy.traffic().connections > before, "nobody was asked");
        }
        assert!(hits >= 1, "the whole of the reply is one: {misses} misses");
        assert!(misses >= bytes - SLACK, "a part of a reply was taken for the whole {hits} times");
        behind.proxy.cut_all().unwrap();
        behind.proxy.clear().unwrap();
        behind.assert_hits_come_back().await;
        behind.assert_invalidation_works().await;
    });
}

/// How many bytes a new connection brings until a hit is complete.
async fn bytes_of_a_hit<S: Server>(behind: &Behind<S>) -> u64 {
    let before = behind.proxy.traffic().to_client;
    assert!(is_there(&behind.hasty_client()).await);
    behind.proxy.traffic().to_client - before
}

async fn is_there(region: &Region) -> bool {
    let value = region.entry(super::KEY).tag(crate::support::TAG).get::<String>();
    no_hang(value).await.is_some()
}

fn dies_and_comes_back_empty<S: Server>(_: &str) {
    run(async {
        let behind = Behind::<S>::warm().await;
        for _ in 0..5 {
            behind.server.kill();
            behind.ask().await;
            assert!(no_hang(behind.region.invalidate(["other"])).await.is_err());
            behind.server.restart();
            behind.assert_hits_come_back().await;
        }
        assert!(balanced(&behind.region).backend_failed >= 5);
        behind.assert_invalidation_works().await;
    });
}

/// Where all reads go past what is owed, nobody but the delivery finds out that a connection is dead.
fn connections_that_died_cost_one_call_and_not_one_each<S: Server>(_: &str) {
    run(async {
        let behind = Behind::<S>::warm().await;
        // As many connections as there may be.
        let readers = (0..64).map(|reader| {
            let region = behind.region.clone();
            tokio::spawn(async move { region.entry(("reader", reader)).get::<String>().await })
        });
        for reader in readers.collect::<Vec<_>>() {
            assert!(no_hang(reader).await.unwrap().is_none());
        }
        behind.proxy.set(Faults { refuse: true, ..Faults::default() }).unwrap();
        assert!(no_hang(behind.region.invalidate([crate::support::TAG])).await.is_err());
        behind.proxy.clear().unwrap();
        let before = balanced(&behind.region).backend_failed;
        until("what is owed is delivered", async || {
            let before = balanced(&behind.region).bypasses;
            behind.let_breaker_try();
            behind.ask().await;
            balanced(&behind.region).bypasses == before
        })
        .await;
        let failed = balanced(&behind.region).backend_failed - before;
        assert!(failed <= 2, "{failed} calls found a dead connection");
        behind.assert_invalidation_works().await;
    });
}

fn flushed_in_the_middle_is_cold_and_not_wrong<S: Server>(_: &str) {
    run(async {
        let behind = Behind::<S>::warm().await;
        behind.server.flush();
        assert!(!behind.hits().await, "there was nothing to hit");
        assert!(misses(&behind.region, Reason::ABSENT) >= 2);
        assert!(behind.hits().await);
        // In the middle of a creation: what was observed before is gone, so it is not kept.
        let create = async || {
            behind.server.flush();
            Ok::<_, dogpile::Error>(String::from("made"))
        };
        let entry = behind.region.entry("flushed").tag(crate::support::TAG);
        assert_eq!(*entry.get_or_create(create).await.unwrap(), "made");
        let stats = balanced(&behind.region);
        assert_eq!(stats.count_of(ReasonKind::Refused, Reason::MOVED), 1, "{stats:#}");
        assert!(!behind.hits().await);
        behind.clock.advance(secs(1));
        behind.assert_invalidation_works().await;
    });
}
