//! What a client says to a server, overheard.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A door to a server that takes down what is said to it.
#[derive(Debug)]
pub(crate) struct Tap {
    address: SocketAddr,
    heard: Heard,
}

type Heard = Arc<Mutex<Vec<u8>>>;

impl Tap {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Heard::default();
        let listening = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server).await.expect("a server");
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                tokio::spawn(listen(from_client, to_server, Arc::clone(&listening)));
                tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
            }
        });
        Self { address, heard }
    }

    /// Where clients connect.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was heard since this was last asked.
    pub(crate) fn heard(&self) -> Vec<u8> {
        std::mem::take(&mut *self.heard.lock().expect("no panic"))
    }
}

async fn listen(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, heard: Heard) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        heard.lock().expect("no panic").extend_from_slice(&chunk[..length]);
        if to.write_all(&chunk[..length]).await.is_err() {
            return;
        }
    }
}
