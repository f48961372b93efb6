//! A client of the meta protocol: one connection a server, shared by everybody.
//!
//! Requests of all callers are written together and answered in order, so that a busy process pays
//! for few system calls: on loopback that is three to four times the throughput of the pooled
//! clients there are. What comes back is checked three times: by its place, by the opaque token
//! that the request carried, and by whether that kind of request can have such an answer. Whatever
//! else comes back ends the connection. All of it is read as untrusted input.
//!
//! Nobody waits for a server that is known to be away, and nobody who stops waiting leaves the
//! others with answers that are not theirs: answers are read to their end, and thrown away.

mod answers;
mod batch;
mod call;
mod connect;
mod connection;
mod pending;
mod reply;
mod route;
mod server;
mod status;
mod trip;
mod worker;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;

pub(crate) use answers::{Answers, Cas, Item, Outcome};
pub(crate) use batch::{Condition, Want};
pub(crate) use route::Route;
pub(crate) use trip::Trip;

use server::Server;

/// What the connections keep to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How long making a connection may take.
    pub(crate) connect: Duration,
    /// How long a server may leave a question unanswered before its connection is given up.
    pub(crate) silence: Duration,
    /// The largest value that is taken from a server, in bytes.
    pub(crate) value: usize,
}

/// Connections to all servers; each is made when it is first needed.
#[derive(Debug)]
pub(crate) struct Client {
    servers: Vec<Server>,
}

impl Client {
    /// A client of the servers, in this order.
    pub(crate) fn new(servers: impl IntoIterator<Item = String>, limits: Limits) -> Self {
        Self { servers: servers.into_iter().map(|address| Server::new(address, limits)).collect() }
    }

    /// The questions of one operation, to be asked together.
    pub(crate) fn trip(&self, operation: &'static str) -> Trip<'_> {
        Trip::new(&self.servers, operation)
    }

    /// Changes whenever one of the servers turns out to be another one than before.
    pub(crate) fn incarnation(&self) -> u64 {
        self.servers.iter().map(Server::restarts).fold(0, u64::wrapping_add)
    }

    /// Runs `work` in the background, where there is a runtime to run it.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let runtime = Handle::try_current().ok();
        let runtime = runtime.or_else(|| self.servers.iter().find_map(Server::runtime));
        if let Some(runtime) = runtime {
            runtime.spawn(work);
        }
    }
}
