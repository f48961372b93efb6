//! quick_cache, which dogpile keeps its values in.

use std::convert::Infallible;

use quick_cache::sync::Cache;

use super::{CAPACITY, Peer};
use crate::rows::{Creation, Rows};

pub struct QuickCache(Cache<u64, Rows>);

impl Peer for QuickCache {
    const NAME: &'static str = "quick_cache, get_or_insert_async";
    const COALESCES: bool = true;

    fn new() -> Self {
        Self(Cache::new(CAPACITY))
    }

    async fn ask(&self, key: u64, creation: Creation) -> impl Send {
        self.0.get_or_insert_async(&key, async { Ok::<_, Infallible>(creation.run().await) }).await
    }
}
