//! What the tests have in common.

mod backends;
mod log;
mod mariadb;
mod memcached;
mod postgres;
mod redis;
mod sentinels;
mod sqlite;
mod tables;
mod time;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) use backends::{
    Evicts, Server, Service, Storage, on_each_server, on_each_service, on_each_storage,
    on_each_that_evicts, tests_of,
};
use dogpile::observe::ReasonKind;
use dogpile::{Backend, Reason, Region, RegionBuilder, Stats, hours, secs};
pub(crate) use log::Log;
pub(crate) use mariadb::MariaDbTables;
pub(crate) use postgres::PostgresTables;
pub(crate) use sentinels::Sentinels;
pub(crate) use sqlite::SqliteTables;
pub(crate) use tables::Tables;
pub(crate) use time::Jumpy;
use tokio::time::{sleep, timeout};

/// How long anything may take here: a machine that is busy is no failure, and a hang is one.
const HANG: Duration = secs(60);

/// A region of a process, on that backend, that keeps nothing in the process: what is a hit came
/// from the server. Its patience is that of a busy machine.
pub(crate) fn region(backend: Arc<dyn Backend>) -> RegionBuilder {
    Region::builder("shop")
        .ttl(hours(1_000))
        .jitter(0.0)
        .op_timeout(secs(5))
        .local(0)
        .backend(backend)
}

/// Runs a test on a runtime of its own.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test)
}

/// The output, or a failure where it never comes.
pub(crate) async fn no_hang<T>(work: impl Future<Output = T>) -> T {
    timeout(HANG, work).await.expect("it hangs")
}

/// Tries again until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let tries = async {
        while !is_so().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(HANG, tries).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// A source of values that counts how often it is asked.
#[derive(Debug, Default)]
pub(crate) struct Source(AtomicUsize);

impl Source {
    /// How many values were created.
    pub(crate) fn creations(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// The value under `key`, with the tag of all these tests, in no more than the time of a hang.
    pub(crate) async fn ask(&self, region: &Region, key: &str) -> String {
        let create = async || {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok::<_, dogpile::Error>(value_of(key))
        };
        let asked = region.entry(key).tag(TAG).get_or_create(create);
        let value = no_hang(asked).await.expect("a read returned an error of the backend");
        assert_eq!(*value, value_of(key), "a wrong value was served");
        value.to_string()
    }

    /// Whether asking creates nothing.
    pub(crate) async fn hits(&self, region: &Region, key: &str) -> bool {
        let before = self.creations();
        self.ask(region, key).await;
        self.creations() == before
    }
}

/// The tag of what a [`Source`] creates.
pub(crate) const TAG: &str = "cakes";

fn value_of(key: &str) -> String {
    format!("the one and only value of {key}, which is long enough to be cut in pieces")
}

/// Asserts that every lookup ended in exactly one way, and returns the counts.
pub(crate) fn balanced(region: &Region) -> Stats {
    let stats = region.stats();
    let ended = stats.hits + stats.stale + stats.misses + stats.bypasses;
    assert_eq!(ended, stats.lookups, "{stats:#}");
    stats
}

/// The backend was not asked, because it has failed too often of late.
pub(crate) const BREAKER_OPEN: Reason = Reason::BACKEND_UNAVAILABLE;

/// How often lookups found nothing for that reason.
pub(crate) fn misses(region: &Region, reason: Reason) -> u64 {
    balanced(region).count_of(ReasonKind::Miss, reason)
}

/// How often the backend failed for that reason.
pub(crate) fn failures(region: &Region, reason: Reason) -> u64 {
    balanced(region).count_of(ReasonKind::BackendFailed, reason)
}
