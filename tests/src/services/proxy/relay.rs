//! The two directions of a connection.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::sleep;

use super::connection::{CHUNK, Connection};

impl Connection {
    /// From the client to the server.
    pub(super) async fn pass_requests(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = from.read(&mut chunk).await?;
            wait(self.faults().request_delay).await;
            if self.faults().black_hole {
                self.lose(length).await;
            } else if length == 0 {
                return to.shutdown().await;
            } else {
                pass(&mut to, &chunk[..length], &self.counters.to_server).await?;
            }
        }
    }

    /// From the server to the client.
    pub(super) async fn pass_replies(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        let mut passed = 0;
        loop {
            let length = tokio::select! {
                biased;
                () = self.until_half_closed() => return drain(from, to).await,
                length = from.read(&mut chunk) => length?,
            };
            wait(self.faults().reply_delay).await;
            let faults = self.faults();
            if faults.black_hole {
                self.lose(length).await;
                continue;
            }
            if length == 0 {
                return to.shutdown().await;
            }
            let left = faults.cut_after.map_or(usize::MAX, |end| left(end, passed));
            let share = &chunk[..length.min(left)];
            pass(&mut to, share, &self.counters.to_client).await?;
            passed += bytes(share);
            if share.len() == left {
                to.shutdown().await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
    }

    async fn until_half_closed(&self) {
        self.until(|weather| {
            let faults = self.faults_in(weather);
            faults.half_close && !faults.black_hole
        })
        .await;
    }
}

/// Shows the client the end of the stream, and loses what the server still has to say.
async fn drain(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
    to.shutdown().await?;
    copy(&mut from, &mut sink()).await.map(drop)
}

async fn wait(delay: Duration) {
    // Even no time at all would take the timer a millisecond.
    if !delay.is_zero() {
        sleep(delay).await;
    }
}

/// Counts before it passes on, so that whoever has seen the bytes finds them counted.
async fn pass(to: &mut WriteHalf<'_>, chunk: &[u8], counter: &AtomicU64) -> io::Result<()> {
    counter.fetch_add(bytes(chunk), Ordering::SeqCst);
    to.write_all(chunk).await
}

/// How many bytes may still pass.
fn left(end: u64, passed: u64) -> usize {
    usize::try_from(end.saturating_sub(passed)).unwrap_or(usize::MAX)
}

fn bytes(chunk: &[u8]) -> u64 {
    u64::try_from(chunk.len()).unwrap_or(u64::MAX)
}
