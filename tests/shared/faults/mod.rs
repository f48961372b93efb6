//! The table of faults, row by row: what a server, a network, a clock and a stranger can do, and
//! that it costs hits, is counted, and is over when it is mended.

mod clock;
mod crash;
mod eviction;
mod failover;
mod garbage;
mod network;
mod server;
mod slow;

use std::time::Duration;

use dogpile::{ManualClock, Region, secs};
use dogpile_tests::services::Proxy;

use crate::support::{self, Server, Source, no_hang, until};

/// A region whose backend is behind a proxy, with a clock that only the test moves: a breaker that
/// is open stays so until then.
struct Behind<S> {
    server: S,
    proxy: Proxy,
    region: Region,
    clock: ManualClock,
    source: Source,
}

impl<S: Server> Behind<S> {
    async fn new() -> Self {
        Self::of(secs(5)).await
    }

    /// With a region that gives a call so long.
    async fn of(op_timeout: Duration) -> Self {
        let server = S::start().await;
        let proxy = Proxy::start(server.address()).unwrap();
        let clock = ManualClock::new();
        let backend = S::open(&S::url_through(proxy.address()));
        let region =
            support::region(backend).op_timeout(op_timeout).clock(clock.clone()).build().unwrap();
        Self { server, proxy, region, clock, source: Source::default() }
    }

    /// The same, with an entry that is a hit.
    async fn warm() -> Self {
        let behind = Self::new().await;
        behind.assert_hits_come_back().await;
        behind
    }

    /// The region of another process, behind the same proxy, that soon gives up connecting.
    fn hasty_client(&self) -> Region {
        self.client(&S::hasty_url_through(self.proxy.address()))
    }

    fn client(&self, url: &str) -> Region {
        let backend = S::open(url);
        support::region(backend).clock(self.clock.clone()).build().unwrap()
    }

    async fn ask(&self) {
        self.source.ask(&self.region, KEY).await;
    }

    async fn hits(&self) -> bool {
        self.source.hits(&self.region, KEY).await
    }

    /// Lets a breaker that is open try again.
    fn let_breaker_try(&self) {
        self.clock.advance(secs(60));
    }

    /// Waits until what is asked for is a hit again.
    async fn assert_hits_come_back(&self) {
        until("hits come back", async || {
            self.let_breaker_try();
            self.hits().await
        })
        .await;
        support::balanced(&self.region);
    }

    /// That an invalidation works, through and through.
    async fn assert_invalidation_works(&self) {
        until("an invalidation is acknowledged", async || {
            self.let_breaker_try();
            no_hang(self.region.invalidate([support::TAG])).await.is_ok()
        })
        .await;
        assert!(!self.hits().await, "a value was served after its invalidation");
        self.assert_hits_come_back().await;
    }
}

const KEY: &str = "plum";
