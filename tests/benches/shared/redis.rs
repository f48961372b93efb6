//! A hit on Redis beside a bare `MGET` of what it reads.
//!
//! Target: at least 0.90 of its throughput.

use std::hint::black_box;

use ::redis::aio::MultiplexedConnection;
use ::redis::io::tcp::TcpSettings;
use ::redis::{AsyncConnectionConfig, Client, IntoConnectionInfo, ProtocolVersion};
use dogpile::Backend;
use dogpile_redis::RedisBackend;
use dogpile_tests::services::Redis;

use crate::support::contest::{Contest, Peer};
use crate::support::shop::{Articles, region};
use crate::support::tap::Tap;

const TASKS: usize = 64;
const BYTES: usize = 1_000;

pub(crate) async fn run(rounds: usize) {
    let server = Redis::start().await.expect("a server");
    let names = names(&server, BYTES).await;
    println!("\na hit reads {} names: {}", names[0].len(), names[0].join(" "));
    let few = names.iter().map(|names| names[..6].to_vec()).collect();
    let bare = Bare { connection: connect(&server).await, names: names.clone() };
    let fewer = Bare { connection: connect(&server).await, names: few };
    let backend = RedisBackend::open(&server.url()).expect("a backend");
    let read = Read { backend: backend.clone(), names };
    let hits = Articles::filled(region(backend), TASKS, BYTES).await;
    let contest = Contest::new("Redis, a hit of 1 KB under four tags", TASKS)
        .with("bare MGET of the names that a hit reads", bare)
        .with("a read of the backend, without a region", read)
        .with("a hit of a region", hits)
        .with("for comparison: bare MGET of six of them", fewer);
    contest.run(rounds).await;
}

/// What a hit of each task asks for, overheard; the entries are on the server then.
pub(crate) async fn names(server: &Redis, bytes: usize) -> Vec<Vec<String>> {
    let tap = Tap::before(server.address()).await;
    let url = format!("redis://{}/", tap.address());
    let backend = RedisBackend::open(&url).expect("a backend");
    let articles = Articles::filled(region(backend), TASKS, bytes).await;
    let mut names = Vec::new();
    for task in 0..TASKS {
        tap.heard();
        articles.hit(task).await;
        let heard = String::from_utf8(tap.heard()).expect("names that are text");
        // Every second line of a command is a word of it; the first one is `MGET`.
        let words: Vec<_> = heard.lines().skip(2).step_by(2).map(str::to_owned).collect();
        assert_eq!(words[0], "MGET", "a hit is one command");
        names.push(words[1..].to_vec());
    }
    names
}

/// A connection as the backend makes its own.
async fn connect(server: &Redis) -> MultiplexedConnection {
    let info = server.url().into_connection_info().expect("a URL");
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let tcp = TcpSettings::default().set_nodelay(true);
    let client = Client::open(info.set_tcp_settings(tcp).set_redis_settings(redis));
    let client = client.expect("a client");
    let config = AsyncConnectionConfig::new();
    let connection = client.get_multiplexed_async_connection_with_config(&config).await;
    connection.expect("a connection")
}

struct Bare {
    connection: MultiplexedConnection,
    names: Vec<Vec<String>>,
}

impl Peer for Bare {
    async fn hit(&self, task: usize) {
        let mut connection = self.connection.clone();
        let mut command = ::redis::cmd("MGET");
        let values = command.arg(&self.names[task]).query_async(&mut connection).await;
        let values: Vec<Option<Vec<u8>>> = values.expect("values");
        assert!(values.iter().all(Option::is_some), "a value is missing");
        black_box(values);
    }
}

struct Read {
    backend: RedisBackend,
    names: Vec<Vec<String>>,
}

impl Peer for Read {
    async fn hit(&self, task: usize) {
        // As the backend calls them: without what it puts before them.
        let names = self.names[task].iter().map(|name| &name["dogpile:r:".len()..]);
        let registers: Vec<&str> = names.skip(1).collect();
        let entry = self.names[task][0].trim_start_matches("dogpile:e:{.").trim_end_matches('}');
        let answer = self.backend.read(&[entry], &registers).await.expect("an answer");
        assert!(answer.entries[0].is_some() && answer.versions.iter().all(Option::is_some));
        black_box(answer);
    }
}
