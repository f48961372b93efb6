//! Registers on a real server: what the suite cannot see.

use dogpile::backend::{BackendExt, Stamp, TagVersion};
use dogpile::{Backend, hours, millis, secs};
use dogpile_memcached::MemcachedBackend;
use dogpile_tests::services::Memcached;
use tokio::task::JoinSet;

async fn started() -> (Memcached, MemcachedBackend) {
    let server = Memcached::start().await.unwrap();
    let backend = MemcachedBackend::builder([server.address().to_string()]).build().unwrap();
    (server, backend)
}

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

/// What the server has counted.
fn count(server: &Memcached, what: &str) -> u64 {
    server.stat(what).unwrap().parse().unwrap()
}

/// The seconds that an item lives.
fn left(server: &Memcached, key: &str) -> i64 {
    let answer = server.command(&format!("mg {key} t"), None).unwrap();
    answer.strip_prefix("HD t").unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
}

#[tokio::test]
async fn a_life_is_lengthened_and_never_shortened() {
    let (server, backend) = started().await;
    backend.bump(&[stamp("r")], hours(10)).await.unwrap();
    let long = left(&server, "dogpile:r:r");
    assert!(long >= 36_000, "{long}");
    backend.store(&[], &["r"], secs(10)).await.unwrap();
    backend.create(&[stamp("r")], secs(10)).await.unwrap();
    backend.bump(&[stamp("r")], secs(10)).await.unwrap();
    assert!(
        left(&server, "dogpile:r:r") >= 36_000,
        "somebody who needs less took what was promised"
    );
    backend.store(&[], &["r"], hours(20)).await.unwrap();
    assert!(left(&server, "dogpile:r:r") >= 72_000);
    backend.bump(&[stamp("r")], hours(24 * 365)).await.unwrap();
    assert_eq!(left(&server, "dogpile:r:r"), -1);
    backend.bump(&[stamp("r")], secs(10)).await.unwrap();
    assert_eq!(left(&server, "dogpile:r:r"), -1, "no end is longer than any");
}

#[tokio::test]
async fn a_register_that_was_extended_a_moment_ago_is_not_written_again() {
    let (server, backend) = started().await;
    backend.bump(&[stamp("r")], hours(1)).await.unwrap();
    let sets = || count(&server, "cmd_set");
    let before = sets();
    for _ in 0..10 {
        backend.store(&[], &["r"], hours(1)).await.unwrap();
        backend.create(&[stamp("r")], hours(1)).await.unwrap();
    }
    // Each creation proposes once; no other write.
    assert_eq!(sets() - before, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_bump_one_register_do_not_wait_for_each_other() {
    let (server, backend) = started().await;
    backend.bump(&[stamp("r")], hours(1)).await.unwrap();
    let before = count(&server, "cmd_set");
    let mut bumps = JoinSet::new();
    for _ in 0..200 {
        let backend = backend.clone();
        bumps.spawn(async move { backend.bump(&[stamp("r")], hours(1)).await.unwrap() });
    }
    while let Some(bump) = bumps.join_next().await {
        bump.unwrap();
    }
    // One that is tried as an addition and one that compares; a round for each who is in the way
    // would be 200 times 200.
    assert!(count(&server, "cmd_set") - before <= 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_bump_nobody_reads_what_was_there_when_it_began() {
    let (server, backend) = started().await;
    let mut bumps = JoinSet::new();
    for n in 0..32 {
        let other = MemcachedBackend::builder([server.address().to_string()]).build().unwrap();
        let backend = if n % 2 == 0 { other } else { backend.clone() };
        bumps.spawn(async move {
            for _ in 0..50 {
                let before = backend.version("r").await.unwrap();
                backend.bump(&[stamp("r")], hours(1)).await.unwrap();
                let after = backend.version("r").await.unwrap();
                assert!(after.is_some(), "a bump left no version");
                assert_ne!(before, after, "a version outlived a bump");
            }
        });
    }
    while let Some(bump) = bumps.join_next().await {
        bump.unwrap();
    }
}

#[tokio::test]
async fn a_lost_register_is_a_miss_and_comes_back_as_another() {
    let (server, backend) = started().await;
    let lost = stamp("r");
    backend.bump(&[lost], hours(1)).await.unwrap();
    server.flush_all().unwrap();
    let flushed = async {
        while backend.version("r").await.unwrap().is_some() {
            tokio::time::sleep(millis(20)).await;
        }
    };
    tokio::time::timeout(secs(10), flushed).await.expect("FLUSHALL does not flush");
    backend.store(&[], &["r"], hours(1)).await.unwrap();
    assert_eq!(backend.version("r").await.unwrap(), None);
    let created = stamp("r");
    assert_eq!(backend.create(&[created], hours(1)).await.unwrap(), [Some(created.version)]);
}

#[tokio::test]
async fn registers_that_are_evicted_are_misses() {
    let server = Memcached::start_with(&["-m", "2", "-I", "512k"]).await.unwrap();
    let backend = MemcachedBackend::builder([server.address().to_string()]).build().unwrap();
    let names: Vec<_> = (0..40_000).map(|n| format!("evicted{n}")).collect();
    let stamps: Vec<_> = names.iter().map(|name| stamp(name)).collect();
    for stamps in stamps.chunks(1_000) {
        backend.bump(stamps, hours(1)).await.unwrap();
    }
    assert!(count(&server, "evictions") > 0, "nothing was evicted");
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut lost = 0;
    for (names, stamps) in names.chunks(1_000).zip(stamps.chunks(1_000)) {
        let read = backend.read(&[], names).await.unwrap().versions;
        for (read, stamp) in read.iter().zip(stamps) {
            assert!(read.is_none_or(|read| read == stamp.version));
            lost += u32::from(read.is_none());
        }
    }
    assert!(lost > 0);
}
