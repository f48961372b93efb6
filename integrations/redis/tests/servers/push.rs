//! Hearing of what others invalidate.

use std::future::Future;
use std::sync::Arc;

use dogpile::backend::{BackendExt, Listener, Listening, Stamp, TagVersion, Writer};
use dogpile::{Backend, Coherence, Region, hours, millis, minutes, secs};
use dogpile_redis::RedisBackend;
use dogpile_tests::services::Proxy;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::support::{Cluster, Server, Watched, wait_until};

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Begins,
    Moved(String),
    Lost,
}
use Heard::{Begins, Lost};

fn moved(register: &str) -> Heard {
    Heard::Moved(register.to_owned())
}

#[derive(Debug)]
struct Passing(mpsc::UnboundedSender<Heard>);

impl Listener for Passing {
    fn begins(&self) {
        let _ = self.0.send(Begins);
    }

    fn moved(&self, register: &str) {
        let _ = self.0.send(moved(register));
    }

    fn lost(&self) {
        let _ = self.0.send(Lost);
    }
}

struct Ears {
    heard: mpsc::UnboundedReceiver<Heard>,
    _listening: Box<dyn Listening>,
}

impl Ears {
    /// Listens, and has begun.
    async fn of(backend: &RedisBackend) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let listening = backend.listen(Arc::new(Passing(sender))).unwrap();
        let mut ears = Self { heard, _listening: listening };
        assert_eq!(ears.next().await, Begins);
        ears
    }

    /// What is told next; within a time that is only too long if nothing comes.
    async fn next(&mut self) -> Heard {
        timeout(secs(30), self.heard.recv()).await.expect("nothing is heard").unwrap()
    }

    async fn lost_and_begins(&mut self) {
        assert_eq!(self.next().await, Lost);
        assert_eq!(self.next().await, Begins);
    }

    fn nothing(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

const COUNTER: &str = "dogpile:m:0";

/// Another process, as it were.
async fn other(server: &Server) -> RedisBackend {
    RedisBackend::connect(&format!("redis://localhost:{}", server.port())).await.unwrap()
}

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

async fn bump(backend: &RedisBackend, register: &str) {
    backend.bump(&[stamp(register)], hours(1)).await.unwrap();
}

/// Waits, with calls, until a bump is acknowledged.
async fn bump_in_the_end(backend: &RedisBackend, register: &str) {
    while backend.bump(&[stamp(register)], hours(1)).await.is_err() {
        tokio::time::sleep(millis(20)).await;
    }
}

async fn pair() -> (Server, RedisBackend, Ears) {
    let server = Server::start();
    let writer = other(&server).await;
    let ears = Ears::of(&RedisBackend::connect(&server.url()).await.unwrap()).await;
    (server, writer, ears)
}

#[tokio::test]
async fn bumps_and_taints_are_heard_of_and_nothing_else_is() {
    let (_server, writer, mut ears) = pair().await;
    let taints = writer.taints().unwrap();
    let by = Writer::random();
    writer.create(&[stamp("created")], hours(1)).await.unwrap();
    writer.bump(&[stamp("a"), stamp("b b"), stamp("é")], hours(1)).await.unwrap();
    for name in ["a", "b b", "é"] {
        assert_eq!(ears.next().await, moved(name));
    }
    taints.place(&[stamp("c"), stamp("d")], by, hours(1)).await.unwrap();
    taints.renew(&["c", "d"], by, hours(1)).await.unwrap();
    writer.store(&[], &["a"], hours(1)).await.unwrap();
    writer.bump(&[], hours(1)).await.unwrap();
    taints.lift(&[stamp("d"), stamp("c")], by, hours(1)).await.unwrap();
    for name in ["c", "d", "d", "c"] {
        assert_eq!(ears.next().await, moved(name));
    }
    let many: Vec<_> = (0..5_000).map(|n| format!("register {n}")).collect();
    let stamps: Vec<_> = many.iter().map(|name| stamp(name)).collect();
    writer.bump(&stamps, hours(1)).await.unwrap();
    for name in &many {
        assert_eq!(ears.next().await, moved(name));
    }
    assert!(ears.nothing());
}

/// Whoever hears of a bump reads its version, or a later one.
async fn whoever_hears_reads_it(writer: RedisBackend, reader: RedisBackend) {
    let mut ears = Ears::of(&reader).await;
    let bumping = tokio::spawn(async move {
        for n in 0..300 {
            let register = &format!("r{n}");
            writer.bump(&[Stamp { register, version: TagVersion(n) }], hours(1)).await.unwrap();
        }
    });
    for n in 0..300 {
        let register = &format!("r{n}");
        assert_eq!(ears.next().await, moved(register));
        assert_eq!(reader.version(register).await.unwrap(), Some(TagVersion(n)));
    }
    bumping.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hears_of_a_bump_reads_its_version() {
    let server = Server::start();
    let reader = RedisBackend::connect(&server.url()).await.unwrap();
    whoever_hears_reads_it(other(&server).await, reader).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_cluster_whoever_hears_of_a_bump_reads_its_version() {
    let cluster = Cluster::start();
    let backend = async || RedisBackend::connect(&cluster.url()).await.unwrap();
    whoever_hears_reads_it(backend().await, backend().await).await;
}

#[tokio::test]
async fn scripts_that_somebody_flushed_lose_no_message() {
    let (server, writer, mut ears) = pair().await;
    for n in 0..5 {
        server.cli(&["SCRIPT", "FLUSH"]);
        let register = &n.to_string();
        bump(&writer, register).await;
        // The question for the number meets the flushed scripts as well, now and then.
        let mut heard = ears.next().await;
        while heard == Lost {
            assert_eq!(ears.next().await, Begins);
            heard = ears.next().await;
        }
        assert_eq!(heard, moved(register));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_of_many_writers_at_once_have_no_gap() {
    let (server, writer, mut ears) = pair().await;
    let another = other(&server).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..400 {
        let writer = if n % 2 == 0 { writer.clone() } else { another.clone() };
        tasks.spawn(async move { bump(&writer, "r").await });
    }
    tasks.join_all().await;
    for _ in 0..400 {
        assert_eq!(ears.next().await, moved("r"));
    }
}

#[tokio::test]
async fn a_message_that_is_missing_is_a_loss() {
    let (server, writer, mut ears) = pair().await;
    bump(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
    let last: u64 = server.cli(&["GET", COUNTER]).parse().unwrap();
    server.cli(&["PUBLISH", COUNTER, &format!("{} ", last + 5)]);
    ears.lost_and_begins().await;
    bump(&writer, "b").await;
    ears.lost_and_begins().await;
    assert_eq!(ears.next().await, moved("b"));
    // The last one, which nothing comes after.
    server.cli(&["INCR", COUNTER]);
    ears.lost_and_begins().await;
    bump(&writer, "c").await;
    assert_eq!(ears.next().await, moved("c"));
}

#[tokio::test]
async fn a_counter_that_is_gone_or_garbage_is_a_loss_and_no_bump_fails() {
    let (server, writer, mut ears) = pair().await;
    for garbage in [&["DEL", COUNTER][..], &["SET", COUNTER, "x"], &["SET", COUNTER, "-7"]] {
        server.cli(garbage);
        bump(&writer, "a").await;
        ears.lost_and_begins().await;
        assert_eq!(ears.next().await, moved("a"), "{garbage:?}");
    }
    server.cli(&["FLUSHALL"]);
    server.cli(&["RPUSH", COUNTER, "x"]);
    bump(&writer, "b").await;
    ears.lost_and_begins().await;
    assert_eq!(ears.next().await, moved("b"));
    assert_ne!(server.cli(&["PTTL", COUNTER]), "-1", "it would never end");
}

#[tokio::test]
async fn messages_of_garbage_are_nothing() {
    let (server, writer, mut ears) = pair().await;
    let long = "1".repeat(100_000);
    for garbage in ["", " ", "x y", "12", &long, "\u{1} \u{2}", "-1 "] {
        server.cli(&["PUBLISH", COUNTER, garbage]);
    }
    bump(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
    let last: u64 = server.cli(&["GET", COUNTER]).parse().unwrap();
    server.cli(&["PUBLISH", COUNTER, &format!("{} torn", last + 1)]);
    ears.lost_and_begins().await;
}

#[tokio::test]
async fn a_connection_that_ends_is_a_loss_until_the_next_one() {
    let (server, writer, mut ears) = pair().await;
    for _ in 0..3 {
        assert_eq!(server.cli(&["CLIENT", "KILL", "TYPE", "pubsub"]), "1");
        ears.lost_and_begins().await;
        bump(&writer, "a").await;
        assert_eq!(ears.next().await, moved("a"));
    }
}

#[tokio::test]
async fn a_server_that_restarts_is_a_loss() {
    let (server, writer, mut ears) = pair().await;
    server.kill();
    assert_eq!(ears.next().await, Lost);
    server.run();
    assert_eq!(ears.next().await, Begins);
    bump_in_the_end(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
}

#[tokio::test]
async fn silence_is_a_loss() {
    let (server, writer, mut ears) = pair().await;
    server.pause().unwrap();
    assert_eq!(ears.next().await, Lost);
    server.resume().unwrap();
    assert_eq!(ears.next().await, Begins);
    bump_in_the_end(&writer, "a").await;
    assert_eq!(ears.next().await, moved("a"));
}

#[tokio::test]
async fn a_peer_that_vanished_without_a_word_is_a_loss() {
    let server = Server::start();
    let proxy = Proxy::start(server.address()).unwrap();
    let url = format!("redis://{}", proxy.address());
    let mut ears = Ears::of(&RedisBackend::connect(&url).await.unwrap()).await;
    proxy.strand_all().unwrap();
    ears.lost_and_begins().await;
    bump(&other(&server).await, "a").await;
    assert_eq!(ears.next().await, moved("a"));
}

#[tokio::test]
async fn a_server_that_becomes_a_replica_is_a_loss() {
    let (server, _writer, mut ears) = pair().await;
    let elsewhere = Server::start();
    server.cli(&["REPLICAOF", "127.0.0.1", &elsewhere.port().to_string()]);
    assert_eq!(ears.next().await, Lost);
    server.cli(&["REPLICAOF", "NO", "ONE"]);
    assert_eq!(ears.next().await, Begins);
}

#[tokio::test]
async fn a_failover_behind_a_sentinel_is_a_loss() {
    let watched = Watched::start();
    let backend = RedisBackend::connect(&watched.url()).await.unwrap();
    let mut ears = Ears::of(&backend).await;
    bump(&backend, "a").await;
    assert_eq!(ears.next().await, moved("a"));
    watched.fail_over();
    ears.lost_and_begins().await;
    bump_in_the_end(&backend, "b").await;
    assert_eq!(ears.next().await, moved("b"));
}

#[tokio::test]
async fn calls_that_go_to_another_server_by_now_are_a_loss() {
    let (old, new, watched) = (Server::start(), Server::start(), Watched::start());
    watched.name(&old);
    let backend = RedisBackend::connect(&watched.url()).await.unwrap();
    let mut ears = Ears::of(&backend).await;
    watched.name(&new);
    old.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    bump_in_the_end(&backend, "a").await;
    ears.lost_and_begins().await;
    bump(&backend, "b").await;
    assert_eq!(ears.next().await, moved("b"));
}

#[tokio::test]
async fn a_server_of_a_cluster_that_hands_the_counter_over_is_a_loss() {
    let cluster = Cluster::start();
    let backend = RedisBackend::connect(&cluster.url()).await.unwrap();
    let mut ears = Ears::of(&backend).await;
    let slot = cluster.primaries[0].cli(&["CLUSTER", "KEYSLOT", COUNTER]);
    let has_it = |server: &&Server| server.cli(&["EXISTS", COUNTER]) == "1";
    let from = cluster.primaries.iter().find(has_it).unwrap();
    let to = cluster.primaries.iter().find(|server| !has_it(server)).unwrap();
    from.cli(&["DEL", COUNTER]);
    let id = to.cli(&["CLUSTER", "MYID"]);
    for server in std::iter::once(to).chain(&cluster.primaries) {
        assert_eq!(server.cli(&["CLUSTER", "SETSLOT", &slot, "NODE", &id]), "OK");
    }
    let mut heard = ears.next().await;
    assert_eq!(heard, Lost);
    while to.cli(&["CLIENT", "LIST", "TYPE", "pubsub"]).is_empty() {
        heard = ears.next().await;
    }
    while heard != Begins {
        heard = ears.next().await;
    }
    bump(&backend, "a").await;
    assert_eq!(ears.next().await, moved("a"));
}

#[tokio::test]
async fn an_invalidation_that_nobody_could_be_told_of_is_an_error() {
    let server = Server::start();
    let acl = ["ACL", "SETUSER", "app", "on", "nopass", "~*", "+@all", "resetchannels"];
    server.cli(&acl);
    let url = format!("redis://app:x@127.0.0.1:{}", server.port());
    let backend = RedisBackend::connect(&url).await.unwrap();
    let taints = backend.taints().unwrap();
    let by = Writer::random();
    backend.bump(&[stamp("a")], hours(1)).await.unwrap_err();
    taints.place(&[stamp("a")], by, hours(1)).await.unwrap_err();
    taints.lift(&[stamp("a")], by, hours(1)).await.unwrap_err();
    let silent = RedisBackend::connect(&format!("{url}?pushes=false")).await.unwrap();
    bump(&silent, "a").await;
}

#[tokio::test]
async fn without_pushes_nothing_is_told_and_nobody_listens() {
    let (server, writer, mut ears) = pair().await;
    let silent = RedisBackend::connect(&format!("{}?pushes=false", server.url())).await.unwrap();
    let (sender, _heard) = mpsc::unbounded_channel();
    assert!(silent.listen(Arc::new(Passing(sender))).is_none());
    bump(&silent, "a").await;
    bump(&writer, "b").await;
    assert_eq!(ears.next().await, moved("b"));
}

#[tokio::test]
async fn databases_and_prefixes_are_told_apart() {
    let (server, writer, mut ears) = pair().await;
    for elsewhere in ["/1", "?prefix=shop"] {
        let url = format!("{}{elsewhere}", server.url());
        bump(&RedisBackend::connect(&url).await.unwrap(), "elsewhere").await;
    }
    bump(&writer, "here").await;
    assert_eq!(ears.next().await, moved("here"));
}

#[tokio::test]
async fn who_stops_listening_keeps_no_connection() {
    let (server, _writer, ears) = pair().await;
    let listening = || server.cli(&["CLIENT", "LIST", "TYPE", "pubsub"]);
    assert!(!listening().is_empty());
    drop(ears);
    // The driver needs its turn.
    tokio::task::spawn_blocking({
        let server = server.clone();
        move || {
            wait_until("the connection is closed", || {
                server.cli(&["CLIENT", "LIST", "TYPE", "pubsub"]).is_empty()
            });
        }
    })
    .await
    .unwrap();
}

#[test]
fn a_runtime_that_ends_is_a_loss() {
    let server = Server::start();
    let run = |work: &mut dyn FnMut() -> std::pin::Pin<Box<dyn Future<Output = Ears>>>| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work())
    };
    let mut ears = run(&mut || {
        let url = server.url();
        Box::pin(async move { Ears::of(&RedisBackend::connect(&url).await.unwrap()).await })
    });
    assert_eq!(ears.heard.try_recv(), Ok(Lost));
}

fn region(url: &str, coherence: Coherence) -> Region {
    let backend = RedisBackend::open(url).unwrap();
    let region = Region::builder("shop").ttl(minutes(5)).op_timeout(secs(2)).backend(backend);
    region.local(1 << 20).coherence(coherence).build().unwrap()
}

#[tokio::test]
async fn a_region_makes_no_trip_until_another_process_invalidates() {
    let server = Server::start();
    let reader = region(&server.url(), Coherence::Push);
    let writer =
        region(&format!("redis://localhost:{}", server.port()), Coherence::Bounded(secs(1)));
    let ask = async |value: u32| {
        let create = async || Ok::<_, dogpile::Error>(value);
        *reader.entry("k").tag("t").get_or_create(create).await.unwrap()
    };
    let mut trips = 1;
    while trips > 0 {
        // The first few: it listens only when it was confirmed.
        server.cli(&["CONFIG", "RESETSTAT"]);
        for _ in 0..10 {
            assert_eq!(ask(1).await, 1);
        }
        trips = server.cli(&["INFO", "commandstats"]).matches("cmdstat_mget").count();
    }
    writer.invalidate(["t"]).await.unwrap();
    let heard = async {
        while ask(2).await != 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(secs(30), heard).await.expect("it never hears of it");
}
