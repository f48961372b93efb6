//! foyer in memory.

use std::convert::Infallible;

use foyer::{Cache, CacheBuilder};

use super::{CAPACITY, Peer};
use crate::rows::{Creation, Rows};

pub struct Foyer(Cache<u64, Rows>);

impl Peer for Foyer {
    const NAME: &'static str = "foyer, get_or_fetch";
    const COALESCES: bool = true;

    fn new() -> Self {
        Self(CacheBuilder::new(CAPACITY).build())
    }

    async fn ask(&self, key: u64, creation: Creation) -> impl Send {
        let fetch = || async move { Ok::<_, Infallible>(creation.run().await) };
        self.0.get_or_fetch(&key, fetch).await
    }
}
