//! hitbox over moka, with its concurrency manager on.

use bounded_integer::BoundedU8;
use hitbox::concurrency::BroadcastConcurrencyManager;
use hitbox::policy::PolicyConfig;
use hitbox_derive::{CacheableResponse, cached};
use hitbox_fn::Cache;
use hitbox_moka::MokaBackend;
use serde::{Deserialize, Serialize};

use super::{CAPACITY, Peer, TTL};
use crate::rows::Creation;

/// Rows that are written to bytes, and read back at every hit.
#[derive(Debug, Clone, Serialize, Deserialize, CacheableResponse)]
pub struct Stored {
    rows: Vec<(i64, String)>,
}

#[cached(prefix = "rows", skip(creation))]
pub async fn stored(key: u64, creation: Creation) -> Stored {
    let _ = key;
    Stored { rows: creation.run().await.to_vec() }
}

pub struct Hitbox(Cache<MokaBackend, BroadcastConcurrencyManager<Stored>>);

impl Peer for Hitbox {
    const NAME: &'static str = "hitbox over moka";
    const COALESCES: bool = true;

    fn new() -> Self {
        let backend = MokaBackend::builder().max_entries(CAPACITY as u64).build();
        let policy = PolicyConfig::builder().ttl(TTL).concurrency(BoundedU8::const_new::<1>());
        let cache = Cache::builder()
            .backend(backend)
            .policy(policy.build())
            .concurrency_manager(BroadcastConcurrencyManager::new())
            .build();
        Self(cache)
    }

    async fn ask(&self, key: u64, creation: Creation) -> impl Send {
        stored(key, creation).cache(&self.0).await
    }
}
