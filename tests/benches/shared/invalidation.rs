//! What an invalidation takes when one entry depends on the tag, and when a million do.
//!
//! Target: the same.

use std::sync::Arc;
use std::time::Duration;

use dogpile::{Backend, Error, Region, Tags};
use dogpile_memcached::MemcachedBackend;
use dogpile_redis::RedisBackend;
use dogpile_tests::services::{Memcached, Redis};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::shop::region;
use crate::support::stats::Spread;

const MANY: u64 = 1_000_000;
/// How many entries are created in one call, by each of a few tasks.
const BATCH: u64 = 1_000;
const TASKS: u64 = 4;
/// How many tags all of them have: each can be invalidated for the first time once.
const FIRST: usize = 9;
/// How often all tags are invalidated again.
const AGAIN: usize = 200;

pub(crate) async fn run() {
    let server = Redis::start().await.expect("a server");
    let backend = RedisBackend::open(&server.url()).expect("a backend");
    compare("Redis", backend).await;
    drop(server);
    // Room for all of them: what is evicted depends on nothing.
    let server = Memcached::start_with(&["-m", "8192"]).await.expect("a server");
    let backend = MemcachedBackend::open(&server.url()).expect("a backend");
    compare("memcached", backend).await;
}

async fn compare(server: &'static str, backend: impl Backend) {
    let region = Arc::new(region(backend).build().expect("a region"));
    create(&region, "one", 0..1).await;
    let mut filling = JoinSet::new();
    for task in 0..TASKS {
        let region = Arc::clone(&region);
        filling.spawn(async move {
            for batch in (task..MANY / BATCH).step_by(4) {
                create(&region, "many", batch * BATCH..(batch + 1) * BATCH).await;
                if batch % 100 == 0 {
                    println!("{server}: {} of {MANY} entries", batch * BATCH);
                }
            }
        });
    }
    filling.join_all().await;
    assert!(is_there(&region, "many", MANY / 2).await, "nothing depends on the tag");

    let (mut first, mut again) = ([vec![], vec![]], [vec![], vec![]]);
    for round in 0..=AGAIN {
        let times = if round == 0 { &mut first } else { &mut again };
        for tag in 0..FIRST {
            for (kind, times) in ["one", "many"].iter().zip(times.iter_mut()) {
                times.push(invalidate(&region, kind, tag).await.as_secs_f64() * 1e6);
            }
        }
    }
    assert!(!is_there(&region, "many", MANY / 2).await, "nothing was invalidated");
    println!("\n{server}, us of an invalidation     1 dependent   {MANY} dependents   ratio");
    for (name, [one, many]) in [("for the first time", first), ("again", again)] {
        let (one, many) = (Spread::of(one).median, Spread::of(many).median);
        println!("{name:<35} {one:>11.1} {many:>20.1} {:>7.2}", many / one);
    }
}

fn tags_of(kind: &str) -> Tags {
    (0..FIRST).map(|tag| format!("{kind}:{tag}")).collect::<Tags>().prepared()
}

async fn create(region: &Region, kind: &'static str, ids: std::ops::Range<u64>) {
    let tags = tags_of(kind);
    let entries = region.entries_by(ids, |id| dogpile::Key::from((kind, *id))).tags(&tags);
    let created = entries.get_or_create_multi(async |ids: Vec<u64>| Ok::<_, Error>(ids)).await;
    created.expect("entries");
}

async fn is_there(region: &Region, kind: &'static str, id: u64) -> bool {
    let tags = tags_of(kind);
    region.entry((kind, id)).tags(&tags).get::<u64>().await.is_some()
}

async fn invalidate(region: &Region, kind: &str, tag: usize) -> Duration {
    let began = Instant::now();
    region.invalidate([format!("{kind}:{tag}")]).await.expect("an acknowledgement");
    began.elapsed()
}
