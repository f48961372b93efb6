//! A server that answers too late.

use dogpile::{Reason, millis, secs};
use dogpile_tests::services::{Faults, Proxy};

use crate::support::{
    self, BREAKER_OPEN, Server, Source, balanced, failures, on_each_server, run, until,
};

on_each_server! {
    s192_slow_backend_costs_one_op_timeout_each_until_the_breaker_opens
}

fn s192_slow_backend_costs_one_op_timeout_each_until_the_breaker_opens<S: Server>(_: &str) {
    run(async {
        let server = S::start().await;
        let proxy = Proxy::start(server.address()).unwrap();
        let clock = dogpile::ManualClock::new();
        let backend = S::open(&S::url_through(proxy.address()));
        let region = support::region(backend).clock(clock.clone()).op_timeout(millis(300));
        let (region, source) = (region.build().unwrap(), Source::default());
        let hits = async || {
            clock.advance(secs(60));
            source.hits(&region, "plum").await
        };
        until("there is something to hit", hits).await;
        proxy.set(Faults { reply_delay: secs(30), ..Faults::default() }).unwrap();
        let before = failures(&region, Reason::BACKEND_TIMEOUT);
        let waited = || failures(&region, Reason::BACKEND_TIMEOUT) - before;
        for calls in 1..=5 {
            source.ask(&region, "plum").await;
            assert_eq!(waited(), calls, "calls that cost an op_timeout");
        }
        // The breaker is open: nothing is sent any more, and nobody waits.
        let sent = proxy.traffic().to_server;
        for _ in 0..200 {
            source.ask(&region, "plum").await;
        }
        assert_eq!((waited(), proxy.traffic().to_server), (5, sent));
        assert!(failures(&region, BREAKER_OPEN) >= 200);
        // Half open, one call is let through, and it alone waits.
        clock.advance(secs(60));
        for _ in 0..50 {
            source.ask(&region, "plum").await;
        }
        assert_eq!(waited(), 6, "calls that cost an op_timeout");
        proxy.clear().unwrap();
        proxy.cut_all().unwrap();
        until("hits come back", hits).await;
        balanced(&region);
    });
}
