//! A hit on a copy in this process of what is on Redis.
//!
//! Targets: where copies are believed (`Bounded`, `Push`) within twice the time of a memory region's
//! hit; where they are checked (`Strict`) at least 5 times the throughput of a hit that has no copy,
//! for values of 100 KB.

use dogpile::{Coherence, Region, RegionBuilder, hours, minutes};
use dogpile_redis::RedisBackend;
use dogpile_tests::services::Redis;

use crate::support::contest::Contest;
use crate::support::shop::{Articles, region};

const ROOM: u64 = 1 << 28;

pub(crate) async fn run(rounds: usize) {
    believed(rounds).await;
    checked(rounds).await;
}

async fn believed(rounds: usize) {
    let server = Redis::start().await.expect("a server");
    let memory = Region::builder("shop").ttl(hours(1_000)).jitter(0.0).local(ROOM);
    let filled = async |region: RegionBuilder| Articles::filled(region, 1, 1_000).await;
    let (bounded, push) = (Coherence::Bounded(minutes(60)), Coherence::Push);
    let (bounded, push) = (copies(&server, bounded), copies(&server, push));
    // Before it is measured each has a slice of its own, in which the listener of `Push` begins.
    let contest = Contest::new("a hit of 1 KB under four tags, in this process", 1)
        .with("a memory region", filled(memory).await)
        .with("a copy of what is on Redis, `Bounded`", filled(bounded).await)
        .with("a copy of what is on Redis, `Push`", filled(push).await);
    contest.run(rounds).await;
}

async fn checked(rounds: usize) {
    let server = Redis::start().await.expect("a server");
    let backend = RedisBackend::open(&server.url()).expect("a backend");
    let filled = async |region: RegionBuilder| Articles::filled(region, 64, 100_000).await;
    let contest = Contest::new("a hit of 100 KB under four tags on Redis", 64)
        .with("without a copy", filled(region(backend)).await)
        .with("a copy in this process, `Strict`", filled(copies(&server, Coherence::Strict)).await);
    contest.run(rounds).await;
}

/// A region that keeps copies, with connections of its own.
fn copies(server: &Redis, coherence: Coherence) -> RegionBuilder {
    let backend = RedisBackend::open(&server.url()).expect("a backend");
    region(backend).local(ROOM).coherence(coherence)
}
