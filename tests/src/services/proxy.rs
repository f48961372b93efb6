//! A TCP proxy that breaks connections on request.

mod connection;
mod door;
mod faults;
mod operator;
mod relay;
#[cfg(test)]
mod tests;
mod traffic;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::mpsc::UnboundedSender;

use self::door::Door;
pub use self::faults::Faults;
use self::operator::{Operator, Order, Request};
use self::traffic::Counters;
pub use self::traffic::Traffic;
use super::{Error, Result};

/// A proxy between clients and one server that does to their connections what a network and a dying
/// server do. Gone, with its connections, when it is dropped.
///
/// It has a thread of its own: it works while the test blocks, and its delays are real time, also
/// where the test's clock is paused.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
///
/// use dogpile_tests::services::{Faults, Proxy};
///
/// let server = TcpListener::bind("127.0.0.1:0")?;
/// let proxy = Proxy::start(server.local_addr()?)?;
/// proxy.set(Faults { cut_after: Some(2), ..Faults::default() })?;
///
/// let mut client = TcpStream::connect(proxy.address())?;
/// server.accept()?.0.write_all(b"cake")?;
/// let mut reply = String::new();
/// client.read_to_string(&mut reply)?;
/// assert_eq!(reply, "ca");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    requests: Option<UnboundedSender<Request>>,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy before the server at `upstream`, without a fault. The server need not run.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when there is no port or no thread to be had.
    pub fn start(upstream: SocketAddr) -> Result<Self> {
        let failed = || Error::io("start a proxy");
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(failed())?;
        let counters = Arc::new(Counters::default());
        let (door, address) = {
            // A listener belongs to the runtime that is entered when it is made.
            let _entered = runtime.enter();
            Door::open()?
        };
        let (requests, orders) = tokio::sync::mpsc::unbounded_channel();
        let operator = Operator::new(door, upstream, Arc::clone(&counters));
        let thread = thread::Builder::new()
            .name(String::from("fault-proxy"))
            .spawn(move || runtime.block_on(operator.run(orders)));
        let thread = Some(thread.map_err(failed())?);
        Ok(Self { address, requests: Some(requests), counters, thread })
    }

    /// Where clients connect. It never changes.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces all faults. Bytes that reach the proxy after this has returned meet the new ones,
    /// on connections that are open already too.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the proxy cannot listen again after it has refused.
    pub fn set(&self, faults: Faults) -> Result<()> {
        self.order(Order::Set(faults))
    }

    /// Takes all faults away. A connection that has lost bytes in a black hole is cut: what follows
    /// a gap in a stream makes no sense. A half-closed one stays half-closed.
    ///
    /// # Errors
    ///
    /// As [`Self::set`].
    pub fn clear(&self) -> Result<()> {
        self.set(Faults::default())
    }

    /// Cuts all connections that clients have opened. No byte passes on them after this has
    /// returned. New ones are not affected.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the proxy is broken.
    pub fn cut_all(&self) -> Result<()> {
        self.order(Order::Cut)
    }

    /// Leaves all connections that were accepted in a black hole for good: they stay open, and
    /// nothing comes out of them any more, as when a peer vanishes without a word. New ones are not
    /// affected.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the proxy is broken.
    pub fn strand_all(&self) -> Result<()> {
        self.order(Order::Strand)
    }

    /// Half-closes all connections that were accepted, for good: clients see the end of the stream,
    /// and what the server answers is lost. New ones are not affected.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the proxy is broken.
    pub fn half_close_all(&self) -> Result<()> {
        self.order(Order::HalfClose)
    }

    /// What has passed since the start.
    pub fn traffic(&self) -> Traffic {
        self.counters.read()
    }

    /// Has the thread do something, and waits until it is done.
    fn order(&self, order: Order) -> Result<()> {
        let (done, answer) = mpsc::channel();
        let request = Request { order, done };
        let sent = self.requests.as_ref().is_some_and(|requests| requests.send(request).is_ok());
        let answer = sent.then(|| answer.recv().ok()).flatten();
        let broken = || Err(io::Error::other("its thread has panicked"));
        answer.unwrap_or_else(broken).map_err(Error::io("change the faults of a proxy"))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Without anybody to give orders, the thread ends, and its connections with it.
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
