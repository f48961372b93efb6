//! One connection: requests out in batches, replies in by order.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::task::Poll;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::Limits;
use super::call::Call;
use super::pending::Pending;
use crate::error::Fault;

/// As much is read at once, in bytes.
const READ: usize = 64 * 1024;
/// No more calls are taken while as much waits to be written, in bytes, ...
const MOST_OUTPUT: usize = 256 * 1024;
/// ... or as many replies are still to come.
const MOST_REPLIES: usize = 64 * 1024;
/// How many calls are taken off the queue at once.
const MOST_CALLS: usize = 64;
/// After how many ticks without a sign of life a server is given up. The first may come at once.
const SILENT_TICKS: u32 = 3;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody will call any more.
    Unwanted,
    /// The server closed it, or is gone.
    Closed,
    /// It was closed here, for a reason.
    Broken(Fault),
}

#[derive(Debug)]
pub(super) struct Connection {
    number: u64,
    input: BytesMut,
    output: BytesMut,
    pending: Pending,
    tick: Interval,
    silent: u32,
    /// Several callers were there a moment ago.
    crowded: bool,
}

impl Connection {
    pub(super) fn new(number: u64, limits: Limits) -> Self {
        let mut tick = interval(limits.silence / 2);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            number,
            input: BytesMut::with_capacity(READ),
            output: BytesMut::new(),
            pending: Pending::new(number, limits.value),
            tick,
            silent: 0,
            crowded: false,
        }
    }

    /// Serves those who wait already, and then whoever calls, until it ends. Calls that were not
    /// begun stay where they are.
    pub(super) async fn run(
        mut self,
        mut stream: TcpStream,
        waiting: &mut VecDeque<Call>,
        queue: &mut mpsc::Receiver<Call>,
    ) -> End {
        waiting.drain(..).for_each(|call| self.begin(call));
        let end = self.exchange(&mut stream, queue).await;
        self.pending.fail(match end {
            End::Broken(fault) => fault,
            End::Closed | End::Unwanted => Fault::Lost,
        });
        end
    }

    async fn exchange(&mut self, stream: &mut TcpStream, queue: &mut mpsc::Receiver<Call>) -> End {
        let (mut reader, mut writer) = stream.split();
        let mut calls = Vec::with_capacity(MOST_CALLS);
        loop {
            self.input.reserve(READ / 4);
            let takes_more = self.takes_more();
            tokio::select! {
                // What has come is read first: an end of the connection, too, before anything more is
                // written to it. Calls are gathered before they are written.
                biased;
                read = reader.read_buf(&mut self.input) => {
                    if let Some(end) = self.received(&read) {
                        return end;
                    }
                }
                taken = queue.recv_many(&mut calls, MOST_CALLS), if takes_more => {
                    if taken == 0 {
                        return End::Unwanted;
                    }
                    let gather = self.output.is_empty() && self.is_crowded(taken);
                    calls.drain(..).for_each(|call| self.begin(call));
                    if gather {
                        others_first().await;
                    }
                }
                written = writer.write_buf(&mut self.output), if !self.output.is_empty() => {
                    if written.is_err() {
                        return End::Closed;
                    }
                    self.give_memory_back();
                }
                _ = self.tick.tick(), if self.pending.replies() > 0 => {
                    self.silent += 1;
                    if self.silent >= SILENT_TICKS {
                        return End::Broken(Fault::Silent);
                    }
                }
            }
        }
    }

    /// Whether there are more callers than the one whose call was taken, as far as can be seen.
    fn is_crowded(&mut self, taken: usize) -> bool {
        let others = taken > 1 || self.pending.replies() > 0;
        std::mem::replace(&mut self.crowded, others) || others
    }

    /// Frees the room that one very large store has taken.
    fn give_memory_back(&mut self) {
        if self.output.is_empty() && self.output.capacity() > 4 * MOST_OUTPUT {
            self.output = BytesMut::new();
        }
    }

    fn takes_more(&self) -> bool {
        self.output.len() < MOST_OUTPUT && self.pending.replies() < MOST_REPLIES
    }

    /// Puts a call's requests with those that are to be written.
    fn begin(&mut self, call: Call) {
        if !call.is_wanted() {
            return;
        }
        if !call.may_go_over(self.number) {
            return call.fail(Fault::Moved);
        }
        if self.pending.replies() == 0 {
            self.silent = 0;
        }
        self.pending.push(call, &mut self.output);
    }

    /// Hands out what was read; says whether that was the end.
    fn received(&mut self, read: &io::Result<usize>) -> Option<End> {
        if !matches!(read, Ok(1..)) {
            return Some(End::Closed);
        }
        self.silent = 0;
        let handed_out = self.pending.receive(&mut self.input);
        handed_out.is_err().then_some(End::Broken(Fault::Nonsense))
    }
}

/// Lets the tasks that are ready run first: those who were answered together call again together,
/// and are written together then.
async fn others_first() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        // Behind the others at once, and not, as `yield_now` does it, after a look at the sockets.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
