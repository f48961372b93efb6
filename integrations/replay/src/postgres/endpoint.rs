//! The server inside of this process: it knows the few messages that the driver sends to replay.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::catalog;
use super::job::{Desk, Job};
use super::message;
use super::reader::Reader;

/// The driver never sends more at once.
const LONGEST: usize = 16 << 20;
const VERSION: u32 = 3 << 16;

/// What is sent to answer all messages that arrived.
#[derive(Default)]
struct Answer {
    before: Vec<u8>,
    job: Option<Job>,
    after: Vec<u8>,
}

/// Reads how the driver introduces itself, and whether it knows the secret.
pub(super) async fn is_ours<S>(socket: &mut S, secret: &str) -> io::Result<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const MOST: u32 = 64 << 10;
    let len = socket.read_u32().await?;
    let rest = len.checked_sub(4).filter(|rest| *rest <= MOST).ok_or_else(broken)?;
    let mut introduction = Vec::new();
    socket.take(u64::from(rest)).read_to_end(&mut introduction).await?;
    let mut left = Reader::new(&introduction);
    let version = left.u32().map_err(|_| broken())?;
    let mut ours = false;
    while let Ok(name) = left.terminated()
        && !name.is_empty()
    {
        let value = left.terminated().map_err(|_| broken())?;
        ours |= name == "user" && same(value, secret);
    }
    Ok(ours && version == VERSION)
}

/// Compares in a time that does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0
}

/// Answers the driver until it goes away.
pub(super) async fn serve<S>(socket: &mut S, desk: &Desk) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    socket.write_all(&[message::AUTHENTICATED, message::READY].concat()).await?;
    let (mut arrived, mut answer) = (BytesMut::with_capacity(1024), Answer::default());
    while socket.read_buf(&mut arrived).await? > 0 {
        while let Some((kind, contents)) = next(&mut arrived)? {
            if kind == b'X' {
                return Ok(());
            }
            answer.to(kind, &contents, desk)?;
        }
        answer.send(socket).await?;
    }
    Ok(())
}

/// The next message that has arrived as a whole.
fn next(arrived: &mut BytesMut) -> io::Result<Option<(u8, Bytes)>> {
    let Some([kind, a, b, c, d]) = arrived.first_chunk::<5>().copied() else {
        return Ok(None);
    };
    let len = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| broken())?;
    if !(4..=LONGEST).contains(&len) {
        return Err(broken());
    }
    if arrived.len() <= len {
        return Ok(None);
    }
    let mut contents = arrived.split_to(len + 1).freeze();
    contents.advance(5);
    Ok(Some((kind, contents)))
}

impl Answer {
    fn to(&mut self, kind: u8, contents: &[u8], desk: &Desk) -> io::Result<()> {
        match kind {
            b'P' => self.put(message::PARSED),
            b'B' => self.put(message::BOUND),
            b'C' => self.put(message::CLOSED),
            b'S' => self.put(message::READY),
            b'D' if contents.first() == Some(&b'S') => {
                self.put(message::NO_PARAMETERS);
                let description = desk.job().map(|job| job.description);
                self.put(description.as_deref().unwrap_or(message::NO_ROWS));
            }
            b'E' if self.job.is_none() => {
                self.job = Some(desk.job().ok_or_else(broken)?);
                self.put(message::COMPLETE);
            }
            b'Q' => {
                let job = desk.job().ok_or_else(broken)?;
                catalog::answer(&job.defined, self.end()).map_err(|_| broken())?;
                self.put(message::READY);
                desk.taught(&job.defined).map_err(|_| broken())?;
            }
            _ => return Err(broken()),
        }
        Ok(())
    }

    fn put(&mut self, message: &[u8]) {
        self.end().extend_from_slice(message);
    }

    const fn end(&mut self) -> &mut Vec<u8> {
        if self.job.is_some() { &mut self.after } else { &mut self.before }
    }

    /// Sends it. What was stored goes to the socket from where it is.
    async fn send<S: AsyncWrite + Unpin>(&mut self, socket: &mut S) -> io::Result<()> {
        let (description, rows) =
            self.job.take().map(|job| (job.description, job.rows)).unwrap_or_default();
        let stored = Buf::chain(description, rows);
        let mut all = Buf::chain(Buf::chain(&*self.before, stored), &*self.after);
        socket.write_all_buf(&mut all).await?;
        self.before.clear();
        self.after.clear();
        Ok(())
    }
}

/// A driver that we know would not have sent that.
fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}
