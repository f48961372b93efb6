//! Regions on memcached: one creator for two processes, invalidation across them, copies that are
//! believed for a while, and servers that forget everything.
//!
//! ```text
//! cargo run --example memcached_region [-- --url memcached://127.0.0.1:11211]
//! ```
//!
//! Both "processes" are handles in this one.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};

use clap::Parser;
use dogpile::{Coherence, Error, Region, millis, minutes, secs};
use dogpile_memcached::MemcachedBackend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// Regions of two processes on memcached: one creator, invalidation, copies that are believed for a
/// while, and servers that forget everything.
///
/// Needs one server or several, 1.6.18 or later, which this program empties in the end. One to try
/// it with:
///
///   memcached -l 127.0.0.1 -p 11211 -m 64
///
///   docker run --rm -p 11211:11211 memcached:1.6
#[derive(Debug, Parser)]
#[command(name = "memcached_region", version, verbatim_doc_comment)]
struct Args {
    /// The servers: memcached://host:port,host:port
    #[arg(long, default_value = "memcached://127.0.0.1:11211", value_parser = servers)]
    url: String,
}

fn servers(url: &str) -> Result<String, Error> {
    MemcachedBackend::open(url).map(|_| url.to_owned())
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

async fn run(url: &str) -> Result<()> {
    // Before anything else: what another run has left is not to be found.
    forget(url).await?;
    let region = |local, coherence| {
        // In good time for a crowd of 500 even where this is a debug build and the machine busy.
        let region = Region::builder("one").ttl(minutes(1)).op_timeout(secs(5));
        let region = region.backend(MemcachedBackend::open(url)?);
        region.local(local).coherence(coherence).build()
    };
    let (one, two) = (region(0, Coherence::Strict)?, region(0, Coherence::Strict)?);
    let near = region(1 << 20, Coherence::Bounded(secs(2)))?;

    say("", "creations")?;
    one_creator(&one, &two).await?;
    two.invalidate(["sales"]).await?;
    assert_eq!(report(&one).await?, 2);
    step("one process invalidates, the other reads", 2)?;
    for _ in 0..1_000 {
        assert_eq!(report(&near).await?, 2);
    }
    step(&format!("1000 reads, bounded: {} without a trip", near.stats().local_hits), 2)?;
    forget(url).await?;
    assert_eq!(report(&one).await?, 3);
    assert_eq!(report(&two).await?, 3);
    step("the servers forget everything: cold, not wrong", 3)?;
    writeln!(io::stdout(), "\nthe region of the first process\n{:#}", one.stats())?;
    Ok(())
}

/// How often the slow part ran: what a cache is there to keep low.
static CREATIONS: AtomicU32 = AtomicU32::new(0);

/// A report that takes its time; says which one it is.
async fn report(region: &Region) -> Result<u32, Error> {
    let create = async || {
        tokio::time::sleep(millis(50)).await;
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

/// Empties every server, as an operator may at any time.
async fn forget(url: &str) -> Result<()> {
    let servers = url.split_once("://").map_or(url, |(_, servers)| servers);
    let servers = servers.split(['/', '?']).next().unwrap_or_default();
    for server in servers.split(',') {
        let address =
            if server.contains(':') { server.to_owned() } else { format!("{server}:11211") };
        let mut stream = TcpStream::connect(&address).await?;
        stream.write_all(b"flush_all\r\n").await?;
        stream.read_exact(&mut [0; 4]).await?;
    }
    Ok(())
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
