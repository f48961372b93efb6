//! A hit on memcached beside the fastest bare client, asking for what the hit reads.
//!
//! Target: at least 0.90 of its throughput.

use std::hint::black_box;

use dogpile::Backend;
use dogpile_memcached::MemcachedBackend;
use dogpile_tests::services::Memcached;

use crate::support::contest::{Contest, Peer};
use crate::support::meta::Meta;
use crate::support::shop::{Articles, region};
use crate::support::tap::Tap;

const TASKS: usize = 64;
const BYTES: usize = 1_000;

pub(crate) async fn run(rounds: usize) {
    let server = Memcached::start().await.expect("a server");
    let names = names(&server, BYTES).await;
    println!("\na hit reads {} names: {}", names[0].len(), names[0].join(" "));
    let few = names.iter().map(|names| names[..6].to_vec()).collect();
    let bare = Bare { client: Meta::connect(server.address()).await, names: names.clone() };
    let fewer = Bare { client: Meta::connect(server.address()).await, names: few };
    let backend = MemcachedBackend::open(&server.url()).expect("a backend");
    let read = Read { backend: backend.clone(), names };
    let hits = Articles::filled(region(backend), TASKS, BYTES).await;
    let contest = Contest::new("memcached, a hit of 1 KB under four tags", TASKS)
        .with("bare client, the names that a hit reads", bare)
        .with("a read of the backend, without a region", read)
        .with("a hit of a region", hits)
        .with("for comparison: bare client, six of them", fewer);
    contest.run(rounds).await;
}

/// What a hit of each task asks for, overheard; the entries are on the server then.
pub(crate) async fn names(server: &Memcached, bytes: usize) -> Vec<Vec<String>> {
    let tap = Tap::before(server.address()).await;
    let backend = MemcachedBackend::open(&format!("memcached://{}", tap.address()));
    let backend = backend.expect("a backend");
    let articles = Articles::filled(region(backend), TASKS, bytes).await;
    let mut names = Vec::new();
    for task in 0..TASKS {
        tap.heard();
        articles.hit(task).await;
        let heard = String::from_utf8(tap.heard()).expect("names that are text");
        let name = |line: &str| line.split(' ').nth(1).expect("a name").to_owned();
        assert!(heard.lines().all(|line| line.starts_with("mg ")), "a hit only reads");
        names.push(heard.lines().map(name).collect::<Vec<_>>());
    }
    names
}

struct Bare {
    client: Meta,
    names: Vec<Vec<String>>,
}

impl Peer for Bare {
    async fn hit(&self, task: usize) {
        let values = self.client.get(&self.names[task]).await;
        assert!(values.iter().all(Option::is_some), "a value is missing");
        black_box(values);
    }
}

struct Read {
    backend: MemcachedBackend,
    names: Vec<Vec<String>>,
}

impl Peer for Read {
    async fn hit(&self, task: usize) {
        // As the backend calls them: without what it puts before them.
        let mut names = self.names[task].iter().map(|name| &name["dogpile:r:".len()..]);
        let entry = names.next().expect("an entry");
        let registers: Vec<&str> = names.collect();
        let answer = self.backend.read(&[entry], &registers).await.expect("an answer");
        assert!(answer.entries[0].is_some() && answer.versions.iter().all(Option::is_some));
        black_box(answer);
    }
}
