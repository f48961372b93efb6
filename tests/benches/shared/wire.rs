//! The bytes that a hit puts on the wire, in both directions, beside what it cannot do without.
//!
//! Target: within 15 % of payload and tags. The payload is the value as the codec writes it. The tags
//! are the registers that a hit asks for: of each its name on the server, and sixteen bytes of
//! version. What is beside them is the envelope (which says the tags and versions once more), the
//! name of the entry, and the protocol.

use dogpile::Backend;
use dogpile_memcached::MemcachedBackend;
use dogpile_redis::RedisBackend;
use dogpile_tests::services::{Memcached, Proxy, Redis};

use crate::support::contest::Peer;
use crate::support::shop::{Article, Articles, region};
use crate::{memcached, redis};

/// How many hits are counted together.
const HITS: u64 = 100;
/// The bytes of a version.
const VERSION: usize = 16;

pub(crate) async fn run() {
    println!("\nthe bytes of a hit under four tags");
    println!(
        "{:<10} {:>8} {:>8} {:>8} {:>8} {:>8}   of payload + tags",
        "", "payload", "tags", "request", "reply", "beside"
    );
    for bytes in [1_000, 10_000, 100_000] {
        on_redis(bytes).await;
        on_memcached(bytes).await;
    }
}

async fn on_redis(bytes: usize) {
    let server = Redis::start().await.expect("a server");
    let names = redis::names(&server, bytes).await;
    let proxy = Proxy::start(server.address()).expect("a proxy");
    let backend = RedisBackend::open(&format!("redis://{}/", proxy.address()));
    count("Redis", backend.expect("a backend"), &proxy, &names[0], bytes).await;
}

async fn on_memcached(bytes: usize) {
    let server = Memcached::start().await.expect("a server");
    let names = memcached::names(&server, bytes).await;
    let proxy = Proxy::start(server.address()).expect("a proxy");
    let backend = MemcachedBackend::open(&format!("memcached://{}", proxy.address()));
    count("memcached", backend.expect("a backend"), &proxy, &names[0], bytes).await;
}

/// Counts hits through a proxy on an entry that is on the server, under these names.
async fn count(server: &str, backend: impl Backend, proxy: &Proxy, names: &[String], bytes: usize) {
    let articles = Articles::filled(region(backend), 1, bytes).await;
    let before = proxy.traffic();
    for _ in 0..HITS {
        articles.hit(0).await;
    }
    let after = proxy.traffic();
    let request = (after.to_server - before.to_server) / HITS;
    let reply = (after.to_client - before.to_client) / HITS;
    let article = rmp_serde::to_vec_named(&Article::of(0, bytes)).expect("an article");
    let tags: usize = names[1..].iter().map(|name| name.len() + VERSION).sum();
    let needed = u64::try_from(article.len() + tags).expect("a length");
    let beside = request + reply - needed;
    println!(
        "{server:<10} {:>8} {tags:>8} {request:>8} {reply:>8} {beside:>8}   {}.{:02}",
        article.len(),
        (request + reply) / needed,
        (request + reply) * 100 / needed % 100,
    );
}
