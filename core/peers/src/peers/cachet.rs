//! cachet, with its protection against stampedes on.

use cachet::Cache;
use tick::Clock;

use super::{Peer, TTL};
use crate::rows::{Creation, Rows};

pub struct Cachet(Cache<u64, Rows>);

impl Peer for Cachet {
    const NAME: &'static str = "cachet, stampede_protection";
    const COALESCES: bool = true;

    fn new() -> Self {
        let clock = Clock::new_tokio();
        Self(Cache::builder(clock).memory().ttl(TTL).stampede_protection().build())
    }

    async fn ask(&self, key: u64, creation: Creation) -> impl Send {
        self.0.get_or_insert(&key, || creation.run()).await.map(|entry| entry.into_value())
    }
}
