//! The servers of the common harness, as handles that a test can hand on, and with commands as
//! `redis-cli` takes and shows them.

mod cluster;
mod sentinel;

use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use cluster::Cluster;
use dogpile_tests::services::{Error, Redis, Reply, Result};
pub(crate) use sentinel::Watched;

/// A server, alone or one of several. They are gone with the last handle of one of them.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    group: Arc<dyn Group>,
    place: usize,
}

/// Servers that are gone together.
trait Group: Debug + Send + Sync {
    fn server(&self, place: usize) -> &Redis;
}

impl Group for Redis {
    fn server(&self, _: usize) -> &Redis {
        self
    }
}

impl Deref for Server {
    type Target = Redis;

    fn deref(&self) -> &Redis {
        self.group.server(self.place)
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self { group: Arc::new(started(Redis::start())), place: 0 }
    }

    /// A place where nobody listens yet.
    pub(crate) fn absent() -> Self {
        let server = Self::start();
        server.kill();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Starts it where it was, and waits until it answers.
    pub(crate) fn run(&self) {
        Redis::restart(self).unwrap();
    }

    pub(crate) fn kill(&self) {
        Redis::kill(self).unwrap();
    }

    pub(crate) fn restart(&self) {
        Redis::restart(self).unwrap();
    }

    /// A command, as `redis-cli` takes it. What it says of a server that is gone is nothing.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        match self.command(arguments) {
            Ok(reply) => text(&reply).trim().to_owned(),
            Err(Error::Refused { message, .. }) => message,
            Err(_) => String::new(),
        }
    }
}

fn text(reply: &Reply) -> String {
    match reply {
        Reply::Integer(number) => number.to_string(),
        Reply::List(items) => items.iter().map(text).collect::<Vec<_>>().join("\n"),
        other => other.text().unwrap_or_default(),
    }
}

/// What starts, started: also where a test has no runtime.
fn started<T: Send + 'static>(start: impl Future<Output = Result<T>> + Send + 'static) -> T {
    let start = || tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(start);
    std::thread::spawn(start).join().unwrap().unwrap()
}

/// Waits until it is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("in vain for 30 s: {what}");
}
