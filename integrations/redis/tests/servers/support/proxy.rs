//! Something between a client and a server that can swallow what passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Default)]
pub(crate) struct Proxy {
    port: u16,
    /// How many connections there were.
    accepted: Arc<AtomicUsize>,
    /// The first so many of them are silent.
    silent: Arc<AtomicUsize>,
}

impl Proxy {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = Self { port, ..Self::default() };
        tokio::spawn(proxy.clone().run(listener, server));
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Nothing passes any more on the connections that there are; they stay open.
    pub(crate) fn swallow(&self) {
        self.silent.store(self.accepted(), Ordering::SeqCst);
    }

    async fn run(self, listener: TcpListener, server: u16) {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let number = self.accepted.fetch_add(1, Ordering::SeqCst) + 1;
            let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::spawn(self.clone().pass(number, from_client, to_server));
            tokio::spawn(self.clone().pass(number, from_server, to_client));
        }
    }

    async fn pass<R, W>(self, number: usize, mut from: R, mut to: W)
    where
        R: AsyncRead + Unpin + Send,
        W: AsyncWrite + Unpin + Send,
    {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let swallowed = self.silent.load(Ordering::SeqCst) >= number;
            if !swallowed && to.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    }
}
