//! Regions on Redis: one creator for two processes, invalidation across them, two tiers, and what
//! happens when the server is gone.
//!
//! ```text
//! cargo run --example redis_region [-- --url redis://127.0.0.1:6379]
//! ```
//!
//! Both "processes" are handles in this one. The second one's goes through a [`Wire`], which can be
//! cut: to its region the server is gone then.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clap::Parser;
use dogpile::{Coherence, Error, Region, millis, minutes, secs};
use dogpile_redis::{RedisBackend, RedisBackendBuilder};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// Regions of two processes on one Redis or Valkey: one creator, invalidation, two tiers, and a
/// server that is gone.
///
/// Needs a server, 6.2 or later. One to try it with:
///
///   redis-server --save '' --maxmemory 64mb --maxmemory-policy allkeys-lru
///
///   docker run --rm -p 6379:6379 valkey/valkey
///
/// What it leaves there ends by itself.
#[derive(Debug, Parser)]
#[command(name = "redis_region", version, verbatim_doc_comment)]
struct Args {
    /// The server: redis://user:password@host:port/database
    #[arg(long, default_value = "redis://127.0.0.1:6379", value_parser = server)]
    url: Server,
}

/// One server, which a wire can lead to.
#[derive(Debug, Clone)]
struct Server {
    url: String,
    /// Its host and port.
    address: String,
    /// What stands in the URL before the host, and what after the port.
    around: [String; 2],
}

fn server(url: &str) -> Result<Server> {
    RedisBackend::open(url)?;
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    if !matches!(scheme, "redis" | "valkey") {
        return Err("this example is for one server, not encrypted: redis://host:6379".into());
    }
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (login, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { host.to_owned() } else { format!("{host}:6379") };
    let around = [format!("{scheme}://{login}"), after.to_owned()];
    Ok(Server { url: url.to_owned(), address, around })
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(said) if said.use_stderr() => {
            let said = said.to_string();
            return leave(2, said.lines().next().unwrap_or_default());
        }
        Err(help) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    match run(&args.url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => leave(1, format_args!("{error} (--help tells how to start a server)")),
    }
}

fn leave(code: u8, said: impl Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "{said}");
    ExitCode::from(code)
}

async fn run(server: &Server) -> Result<()> {
    // Names of its own: two runs at once do not meet.
    let prefix = format!("redis_region:{}", std::process::id());
    let backend = |url: &str| -> Result<RedisBackendBuilder> {
        Ok(RedisBackend::builder(url)?.prefix(&prefix))
    };
    let here = backend(&server.url)?.connect().await?;
    let mut wire = Wire::to(&server.address).await?;
    let there = backend(&wire.url(server))?.connect().await?;

    // No local tier yet: everything is on the server. It answers a crowd of 500 in good time even
    // where this is a debug build and the machine busy.
    let region = || Region::builder("one").ttl(minutes(1)).op_timeout(secs(5)).local(0);
    let one = region().backend(here.clone()).build()?;
    let two = region().backend(there).build()?;
    say("", "creations")?;
    one_creator(&one, &two).await?;
    across(&one, &two).await?;
    two_tiers(&here, &two).await?;
    gone(&mut wire, &one, &two).await?;
    writeln!(io::stdout(), "\nthe region whose server was gone\n{:#}", two.stats())?;
    Ok(())
}

/// How often the slow part ran: what a cache is there to keep low.
static CREATIONS: AtomicU32 = AtomicU32::new(0);

/// How long that takes.
const SLOW: Duration = millis(50);

/// A report that takes its time; says which one it is.
async fn report(region: &Region) -> Result<u32, Error> {
    let create = async || {
        tokio::time::sleep(SLOW).await;
        Ok::<_, Error>(CREATIONS.fetch_add(1, Ordering::SeqCst) + 1)
    };
    let number = region.entry("report").tag("sales").get_or_create(create).await?;
    Ok(*number)
}

/// A crowd in two processes, and one lease between them.
async fn one_creator(one: &Region, two: &Region) -> Result<()> {
    let mut crowd = JoinSet::new();
    for n in 0..500 {
        let region = if n % 2 == 0 { one.clone() } else { two.clone() };
        crowd.spawn(async move { report(&region).await });
    }
    while let Some(told) = crowd.join_next().await {
        assert_eq!(told??, 1);
    }
    step("500 tasks in two processes, at once", 1)
}

/// What one process invalidates, no other serves again.
async fn across(one: &Region, two: &Region) -> Result<()> {
    two.invalidate(["sales"]).await?;
    assert_eq!(report(one).await?, 2);
    step("one process invalidates, the other reads", 2)?;
    assert_eq!(report(two).await?, 2);
    step("and the first one reads as well", 2)
}

/// Copies in the process: believed for a while, or until the server tells otherwise.
async fn two_tiers(here: &RedisBackend, two: &Region) -> Result<()> {
    let tiers = |coherence| {
        let region = Region::builder("one").ttl(minutes(1)).op_timeout(secs(5));
        let region = region.backend(here.clone());
        region.local(1 << 20).coherence(coherence).build()
    };
    let bounded = tiers(Coherence::Bounded(secs(2)))?;
    for _ in 0..1_000 {
        assert_eq!(report(&bounded).await?, 2);
    }
    step(&format!("1000 reads, bounded: {} without a trip", bounded.stats().local_hits), 2)?;

    let pushed = tiers(Coherence::Push)?;
    // It listens as soon as the server has confirmed it; until then it asks at every read.
    soon(async || Ok(report(&pushed).await? == 2 && pushed.stats().local_hits > 0)).await?;
    two.invalidate(["sales"]).await?;
    let began = Instant::now();
    soon(async || Ok(report(&pushed).await? == 3)).await?;
    let heard = humane(began.elapsed().saturating_sub(SLOW));
    step(&format!("pushed: an invalidation is heard of within {heard}"), 3)
}

/// Without its server a region goes on from its creator, and comes back by itself.
async fn gone(wire: &mut Wire, one: &Region, two: &Region) -> Result<()> {
    assert_eq!(report(two).await?, 3);
    wire.cut().await;
    for _ in 0..5 {
        report(two).await?;
    }
    step("the server is gone: 5 reads go on", 8)?;
    assert_eq!(report(one).await?, 3);
    step("who still has it is served", 8)?;

    wire.mend().await?;
    soon(async || Ok(report(two).await? == report(one).await?)).await?;
    writeln!(io::stdout(), "it is there again, and both read the same")?;
    Ok(())
}

/// Does it again until it is so.
async fn soon(mut is_so: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    for _ in 0..1_000 {
        if is_so().await? {
            return Ok(());
        }
        tokio::time::sleep(millis(10)).await;
    }
    Err("in vain for ten seconds".into())
}

/// One line of the table; the figure is checked, too.
fn step(what: &str, expected: u32) -> Result<()> {
    let creations = CREATIONS.load(Ordering::SeqCst);
    assert_eq!(creations, expected, "{what}");
    say(what, &creations.to_string())
}

fn say(what: &str, creations: &str) -> Result<()> {
    Ok(writeln!(io::stdout(), "{what:<52}{creations:>9}")?)
}

fn humane(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A way to the server that can be cut.
struct Wire {
    server: Arc<str>,
    port: u16,
    passing: JoinHandle<()>,
}

impl Wire {
    async fn to(server: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let server: Arc<str> = server.into();
        Ok(Self { passing: tokio::spawn(pass(listener, Arc::clone(&server))), server, port })
    }

    /// The server's URL, by this way.
    fn url(&self, server: &Server) -> String {
        let [before, after] = &server.around;
        format!("{before}127.0.0.1:{}{after}", self.port)
    }

    async fn cut(&mut self) {
        self.passing.abort();
        // Until the port is free again.
        let _ = (&mut self.passing).await;
    }

    async fn mend(&mut self) -> Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        self.passing = tokio::spawn(pass(listener, Arc::clone(&self.server)));
        Ok(())
    }
}

/// Passes on what comes, until it is dropped.
async fn pass(listener: TcpListener, server: Arc<str>) {
    let mut open = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        let server = Arc::clone(&server);
        open.spawn(async move {
            if let Ok(mut far) = TcpStream::connect(&*server).await {
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
