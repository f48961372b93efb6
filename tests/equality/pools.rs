//! The same database through every kind of pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{Region, RegionBuilder, TagSpace, minutes};
use dogpile_sqlx::{CacheDatabase, CachedPool};
use sqlx::pool::PoolOptions;
use sqlx::{Connection, Pool};

/// Counts how often a connection to the database was wanted.
pub(crate) type Asked = Arc<AtomicUsize>;

/// A cached pool, and how often it went to the database.
pub(crate) struct Side<DB: CacheDatabase> {
    pub(crate) db: CachedPool<DB>,
    asked: Asked,
}

impl<DB: CacheDatabase> Side<DB> {
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// One database.
pub(crate) struct Pools<DB: CacheDatabase> {
    /// Without a cache.
    pub(crate) plain: Pool<DB>,
    /// Keeps raw cells in a backend, and nothing in this process.
    pub(crate) one: Side<DB>,
    /// Another process on the same backend.
    pub(crate) other: Side<DB>,
    /// One more, which also keeps what it made of the cells.
    pub(crate) tiered: Side<DB>,
    /// Keeps the values themselves in this process.
    pub(crate) own: Side<DB>,
}

type Options<DB> = <<DB as sqlx::Database>::Connection as Connection>::Options;

impl<DB: CacheDatabase> Pools<DB> {
    pub(crate) async fn open(options: Options<DB>) -> Self {
        let backend = MemoryBackend::new();
        let plain = PoolOptions::new().max_connections(2);
        Self {
            plain: plain.connect_with(options.clone()).await.unwrap(),
            one: side(&options, |region| region.backend(backend.clone()).local(0)).await,
            other: side(&options, |region| region.backend(backend.clone()).local(0)).await,
            tiered: side(&options, |region| region.backend(backend.clone())).await,
            own: side(&options, |region| region).await,
        }
    }
}

async fn side<DB: CacheDatabase>(
    options: &Options<DB>,
    describe: impl FnOnce(RegionBuilder) -> RegionBuilder,
) -> Side<DB> {
    let region = Region::builder("equality").ttl(minutes(60)).jitter(0.0);
    let region = describe(region.tag_space(TagSpace::new(10_000))).build().unwrap();
    let asked = Asked::default();
    let (taken, opened) = (Arc::clone(&asked), Arc::clone(&asked));
    let pool = PoolOptions::new()
        .max_connections(2)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |_, _| {
            opened.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        })
        // Rows that come sooner than they could be replayed are not kept.
        .before_acquire(move |_, _| {
            taken.fetch_add(1, Ordering::SeqCst);
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(2)).await;
                Ok(true)
            })
        });
    let pool = pool.connect_with(options.clone()).await.unwrap();
    // Tables come and go here, behind its back.
    Side { db: CachedPool::new(pool, region).without_catalog(), asked }
}
