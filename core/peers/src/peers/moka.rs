//! moka's asynchronous cache.

use moka::future::Cache;

use super::{CAPACITY, Peer, TTL};
use crate::rows::{Creation, Rows};

pub struct Moka(Cache<u64, Rows>);

impl Peer for Moka {
    const NAME: &'static str = "moka, get_with";
    const COALESCES: bool = true;

    fn new() -> Self {
        Self(Cache::builder().max_capacity(CAPACITY as u64).time_to_live(TTL).build())
    }

    async fn ask(&self, key: u64, creation: Creation) -> impl Send {
        self.0.get_with(key, creation.run()).await
    }
}
