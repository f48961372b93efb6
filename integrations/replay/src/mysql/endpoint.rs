//! The server's side of a connection.
//!
//! The only client there ever is is the driver in [`connect`](super::connect), and it runs one
//! statement, prepared once. So the answer is sent before the question comes, and neither side
//! waits for the other unless the rows do not fit into the socket.

use std::io::{self, ErrorKind};

use super::message;
use super::stream::Stream;
use crate::row_set::RowSet;

/// More than any response to the handshake needs.
const LONGEST_RESPONSE: usize = 512;

/// The server's side of a connection that was welcomed.
pub(super) struct Endpoint(Stream);

impl Endpoint {
    /// Takes the other side of a stream for the driver's, if it knows the secret.
    pub(super) async fn welcome(stream: Stream, secret: &str) -> io::Result<Self> {
        stream.write([&message::greeting()]).await?;
        let mut header = [0; message::HEADER];
        stream.read(&mut header).await?;
        let [a, b, 0, _] = header else {
            return Err(ErrorKind::InvalidData.into());
        };
        let mut response = vec![0; usize::from(u16::from_le_bytes([a, b])).min(LONGEST_RESPONSE)];
        stream.read(&mut response).await?;
        if message::user(&response) != Some(secret.as_bytes()) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let endpoint = Self(stream);
        endpoint.0.write([message::WELCOME]).await?;
        endpoint.expect(message::PREPARE).await?;
        endpoint.0.write([message::PREPARED]).await?;
        Ok(endpoint)
    }

    /// Sends the answer to the statement. The cells are sent from where they are stored.
    pub(super) async fn answer<DB>(&self, rows: &RowSet<DB>) -> io::Result<()> {
        self.0.write([&rows.columns(), &rows.cells(), message::END]).await
    }

    /// Takes the question that was answered.
    pub(super) async fn question(&self) -> io::Result<()> {
        self.expect(message::EXECUTE).await
    }

    async fn expect(&self, message: &[u8]) -> io::Result<()> {
        let mut read = vec![0; message.len()];
        self.0.read(&mut read).await?;
        if read == message { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
    }
}
