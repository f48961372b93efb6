//! A server that answers what it is told to.

use std::time::Duration;

use dogpile::{millis, secs};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{Client, Limits, Route};
use crate::keys::Keys;

/// A place where a server can be.
pub(super) struct Fake {
    listener: TcpListener,
}

/// One connection to it, whose greeting is answered.
pub(super) struct Peer(TcpStream);

impl Fake {
    pub(super) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(super) fn at(listener: TcpListener) -> Self {
        Self { listener }
    }

    /// A client of it that gives a server up after `silence`.
    pub(super) fn client(&self, silence: Duration) -> Client {
        let limits = Limits { connect: millis(500), silence, value: 1 << 20 };
        Client::new([self.address()], limits)
    }

    /// Where it is.
    pub(super) fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    /// The next connection, before it was greeted.
    pub(super) async fn raw(&self) -> Peer {
        Peer(self.listener.accept().await.unwrap().0)
    }

    /// The next connection, to the run that started at `started`.
    pub(super) async fn accept(&self, started: u64) -> Peer {
        let mut peer = self.raw().await;
        assert_eq!(peer.requests(2).await, "stats\r\nmn\r\n");
        let greeting = format!(
            "STAT pid 1\r\nSTAT uptime 5\r\nSTAT time {}\r\nSTAT version 1.6.18\r\nEND\r\nMN\r\n",
            started + 5
        );
        peer.answer(greeting.as_bytes()).await;
        peer
    }

    /// Nobody asks for a connection now.
    pub(super) async fn is_left_alone(&self) -> bool {
        tokio::time::timeout(millis(30), self.listener.accept()).await.is_err()
    }
}

impl Peer {
    /// So many lines of requests.
    pub(super) async fn requests(&mut self, lines: usize) -> String {
        let (mut text, mut byte) = (Vec::new(), [0]);
        while text.iter().filter(|byte| **byte == b'\n').count() < lines {
            let read = self.0.read_exact(&mut byte);
            tokio::time::timeout(secs(10), read).await.expect("no request came").unwrap();
            text.push(byte[0]);
        }
        String::from_utf8(text).unwrap()
    }

    /// So many bytes of requests.
    pub(super) async fn read(&mut self, bytes: usize) {
        self.0.read_exact(&mut vec![0; bytes]).await.unwrap();
    }

    pub(super) async fn answer(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Waits for the other side to close the connection.
    pub(super) async fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        let read = self.0.read_to_end(&mut rest);
        tokio::time::timeout(secs(10), read).await.is_ok()
    }
}

/// The keys of tests.
pub(super) fn keys() -> Keys {
    Keys::new("p", Route::new(["one"]))
}
