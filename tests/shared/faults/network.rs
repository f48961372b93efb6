//! A network that breaks.

use dogpile::millis;
use dogpile_tests::services::Faults;

use super::Behind;
use crate::support::{Server, balanced, on_each_server, run};

on_each_server! {
    s190_network_partition_refused
    s190_network_partition_black_hole
    s190_network_partition_half_closed
    network_that_cuts_all_connections
    network_with_a_delay
}

async fn breaks<S: Server>(faults: Faults) {
    // Where nothing answers, every call waits that long.
    let behind = Behind::<S>::of(millis(500)).await;
    behind.assert_hits_come_back().await;
    behind.proxy.set(faults).unwrap();
    for _ in 0..10 {
        behind.ask().await;
    }
    let stats = balanced(&behind.region);
    assert!(stats.backend_failed >= 1, "{stats:#}");
    // What is written meanwhile is owed, and gone past here until it is delivered.
    let owed = behind.region.invalidate([crate::support::TAG]).await;
    assert_eq!(owed.unwrap_err().kind(), dogpile::ErrorKind::Unavailable);
    let stored = balanced(&behind.region).stored;
    behind.proxy.clear().unwrap();
    // The server still has the old entry, under the old version.
    behind.assert_hits_come_back().await;
    assert!(balanced(&behind.region).stored > stored, "a hit on what was invalidated");
    behind.assert_invalidation_works().await;
}

fn s190_network_partition_refused<S: Server>(_: &str) {
    run(breaks::<S>(Faults { refuse: true, ..Faults::default() }));
}

fn s190_network_partition_black_hole<S: Server>(_: &str) {
    run(breaks::<S>(Faults { black_hole: true, ..Faults::default() }));
}

fn s190_network_partition_half_closed<S: Server>(_: &str) {
    run(breaks::<S>(Faults { half_close: true, ..Faults::default() }));
}

fn network_that_cuts_all_connections<S: Server>(_: &str) {
    run(async {
        let behind = Behind::<S>::warm().await;
        for _ in 0..20 {
            behind.proxy.cut_all().unwrap();
            behind.ask().await;
            behind.assert_hits_come_back().await;
        }
        behind.assert_invalidation_works().await;
    });
}

fn network_with_a_delay<S: Server>(_: &str) {
    run(async {
        let behind = Behind::<S>::warm().await;
        let slow = millis(20);
        let faults = Faults { request_delay: slow, reply_delay: slow, ..Faults::default() };
        behind.proxy.set(faults).unwrap();
        for _ in 0..5 {
            assert!(behind.hits().await, "a delay within op_timeout costs no hit");
        }
        behind.assert_invalidation_works().await;
    });
}
