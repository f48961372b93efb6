//! The least of a client of memcached's meta protocol that many tasks can share: one connection,
//! requests written together, replies handed out in order, nothing checked that need not be.
//!
//! The fastest of the clients that were compared when the backend was designed.

use bytes::{Buf, Bytes, BytesMut};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};

type Values = Vec<Option<Bytes>>;

struct Call {
    request: Vec<u8>,
    waiting: Waiting,
}

struct Waiting {
    asked: usize,
    caller: oneshot::Sender<Values>,
}

#[derive(Clone)]
pub(crate) struct Meta(mpsc::Sender<Call>);

impl Meta {
    pub(crate) async fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.expect("a server");
        stream.set_nodelay(true).expect("a socket");
        let (reader, writer) = stream.into_split();
        let (calls, queue) = mpsc::channel(1024);
        let (written, waiting) = mpsc::unbounded_channel();
        tokio::spawn(write(writer, queue, written));
        tokio::spawn(read(reader, waiting));
        Self(calls)
    }

    /// The values under these names, in one trip.
    pub(crate) async fn get(&self, names: &[String]) -> Values {
        let mut request = Vec::with_capacity(512);
        for name in names {
            request.extend_from_slice(b"mg ");
            request.extend_from_slice(name.as_bytes());
            request.extend_from_slice(b" v\r\n");
        }
        let (caller, answered) = oneshot::channel();
        let waiting = Waiting { asked: names.len(), caller };
        assert!(self.0.send(Call { request, waiting }).await.is_ok(), "the connection is lost");
        answered.await.expect("an answer")
    }
}

async fn write(
    mut writer: OwnedWriteHalf,
    mut queue: mpsc::Receiver<Call>,
    written: mpsc::UnboundedSender<Waiting>,
) {
    let (mut calls, mut output) = (Vec::with_capacity(64), Vec::new());
    while queue.recv_many(&mut calls, 64).await > 0 {
        output.clear();
        for Call { request, waiting } in calls.drain(..) {
            output.extend_from_slice(&request);
            assert!(written.send(waiting).is_ok(), "the connection is lost");
        }
        writer.write_all(&output).await.expect("a connection");
    }
}

async fn read(mut reader: OwnedReadHalf, mut waiting: mpsc::UnboundedReceiver<Waiting>) {
    let mut input = BytesMut::with_capacity(64 * 1024);
    while let Some(Waiting { asked, caller }) = waiting.recv().await {
        let mut values = Vec::with_capacity(asked);
        while values.len() < asked {
            if let Some(value) = decode(&mut input) {
                values.push(value);
                continue;
            }
            input.reserve(16 * 1024);
            assert!(reader.read_buf(&mut input).await.expect("a connection") > 0, "it was closed");
        }
        // Who is gone has no use for it.
        drop(caller.send(values));
    }
}

/// Takes one reply off the input, if all of it is there.
fn decode(input: &mut BytesMut) -> Option<Option<Bytes>> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let line = str::from_utf8(&input[..end - 1]).expect("a line");
    let Some(size) = line.strip_prefix("VA ") else {
        assert_eq!(line, "EN", "no reply to a `mg`");
        input.advance(end + 1);
        return Some(None);
    };
    let size: usize = size.split(' ').next()?.parse().expect("a size");
    if input.len() < end + 1 + size + 2 {
        return None;
    }
    input.advance(end + 1);
    let value = Bytes::copy_from_slice(&input[..size]);
    input.advance(size + 2);
    Some(Some(value))
}
