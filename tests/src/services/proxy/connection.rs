//! One connection through a proxy.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::faults::{Faults, Weather};
use super::traffic::Counters;

/// How many bytes are passed on at a time, at most.
pub(super) const CHUNK: usize = 16 * 1024;

/// What the two directions of a connection share.
#[derive(Debug)]
pub(super) struct Connection {
    weather: watch::Receiver<Weather>,
    /// The weather in which it was accepted.
    born: Weather,
    pub(super) counters: Arc<Counters>,
    /// Whether a black hole has swallowed something.
    has_gap: AtomicBool,
}

impl Connection {
    /// One that was accepted in this weather.
    pub(super) fn new(weather: watch::Receiver<Weather>, counters: Arc<Counters>) -> Self {
        let born = *weather.borrow();
        Self { weather, born, counters, has_gap: AtomicBool::new(false) }
    }

    /// Passes bytes on until an end closes, or the connection is cut.
    pub(super) async fn serve(self, client: TcpStream, upstream: SocketAddr) {
        tokio::select! {
            // So that nothing is passed on by a connection that was cut.
            biased;
            () = self.until_cut() => {}
            // Whatever fails is seen by client and server as a connection that is closed.
            _ = self.relay(client, upstream) => {}
        }
    }

    async fn until_cut(&self) {
        self.until(|weather| {
            let has_gap = self.has_gap.load(Ordering::SeqCst);
            weather.cuts != self.born.cuts || (has_gap && !self.faults_in(weather).black_hole)
        })
        .await;
    }

    async fn relay(&self, mut client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
        client.set_nodelay(true)?;
        // A black hole needs no server behind it.
        self.swallow(&mut client).await?;
        let mut server = TcpStream::connect(upstream).await?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::try_join!(
            self.pass_requests(from_client, to_server),
            self.pass_replies(from_server, to_client)
        )?;
        Ok(())
    }

    /// Reads what comes, for as long as there is a black hole.
    async fn swallow(&self, client: &mut TcpStream) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        loop {
            tokio::select! {
                biased;
                () = self.until(|weather| !self.faults_in(weather).black_hole) => return Ok(()),
                length = client.read(&mut chunk) => self.lose(length?).await,
            }
        }
    }

    /// Notes that bytes, or the end of the stream, were swallowed. After an end, nothing follows.
    pub(super) async fn lose(&self, length: usize) {
        self.has_gap.store(true, Ordering::SeqCst);
        if length == 0 {
            pending::<()>().await;
        }
    }

    /// The faults of now.
    pub(super) fn faults(&self) -> Faults {
        self.faults_in(&self.weather.borrow())
    }

    /// What a weather does to this connection.
    pub(super) fn faults_in(&self, weather: &Weather) -> Faults {
        let stranded = weather.strandings != self.born.strandings;
        let half_closed = weather.half_closings != self.born.half_closings;
        let Faults { black_hole, half_close, .. } = weather.faults;
        let (black_hole, half_close) = (black_hole || stranded, half_close || half_closed);
        Faults { black_hole, half_close, ..weather.faults }
    }

    /// Waits for the weather that is wanted.
    pub(super) async fn until(&self, wanted: impl FnMut(&Weather) -> bool) {
        // There is weather for as long as there is a connection.
        drop(self.weather.clone().wait_for(wanted).await);
    }
}
