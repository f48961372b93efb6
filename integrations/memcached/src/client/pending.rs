//! Who waits for the replies that come next: first come, first served.

use std::collections::VecDeque;

use bytes::BytesMut;
use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::answers::Replies;
use super::call::{Answered, Call};
use super::reply::{Asked, Decoder, Reply, Violation};
use crate::error::Fault;

/// The calls that were written over one connection and are not answered yet.
#[derive(Debug)]
pub(super) struct Pending {
    connection: u64,
    decoder: Decoder,
    calls: VecDeque<Waiting>,
    /// How many replies are still to come.
    replies: usize,
}

#[derive(Debug)]
struct Waiting {
    asked: SmallVec<[Asked; 16]>,
    first: u32,
    replies: Vec<Reply>,
    /// Whoever has gone leaves the place to be read past.
    caller: oneshot::Sender<Answered>,
}

impl Pending {
    pub(super) fn new(connection: u64, limit: usize) -> Self {
        let decoder = Decoder::new(limit);
        Self { connection, decoder, calls: VecDeque::new(), replies: 0 }
    }

    pub(super) const fn replies(&self) -> usize {
        self.replies
    }

    /// Adds a call; the bytes that are to be written for it are the caller's.
    pub(super) fn push(&mut self, call: Call, output: &mut BytesMut) {
        let Call { batch, caller } = call;
        output.extend_from_slice(&batch.bytes);
        self.replies += batch.asked.len();
        let replies = Vec::with_capacity(batch.asked.len());
        self.calls.push_back(Waiting { asked: batch.asked, first: batch.first, replies, caller });
    }

    /// Hands out all replies that have come.
    pub(super) fn receive(&mut self, input: &mut BytesMut) -> Result<(), Violation> {
        while let Some(waiting) = self.calls.front_mut() {
            let place = waiting.replies.len();
            if let Some(asked) = waiting.asked.get(place) {
                let opaque = waiting.first.wrapping_add(u32::try_from(place).unwrap_or_default());
                match self.decoder.decode(input, *asked, opaque)? {
                    None => return Ok(()),
                    Some(reply) => waiting.replies.push(reply),
                }
                self.replies -= 1;
            }
            if waiting.replies.len() == waiting.asked.len() {
                self.answer_first();
            }
        }
        // What nobody asked for.
        if input.is_empty() { Ok(()) } else { Err(Violation) }
    }

    fn answer_first(&mut self) {
        if let Some(Waiting { replies, caller, .. }) = self.calls.pop_front() {
            let replies = replies.into_iter();
            let _ = caller.send(Ok(Replies { replies, connection: self.connection }));
        }
    }

    /// Tells all who wait that nothing will come.
    pub(super) fn fail(&mut self, fault: Fault) {
        for waiting in self.calls.drain(..) {
            let _ = waiting.caller.send(Err(fault));
        }
        self.replies = 0;
    }
}
