//! One caller's requests on their way to a server.

use tokio::sync::oneshot;

use super::answers::Replies;
use super::batch::{Batch, Over};
use crate::error::Fault;

/// What a caller waits for.
pub(super) type Answered = Result<Replies, Fault>;

/// Requests, and who waits for the replies.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) batch: Batch,
    pub(super) caller: oneshot::Sender<Answered>,
}

impl Call {
    pub(super) fn new(batch: Batch) -> (Self, oneshot::Receiver<Answered>) {
        let (caller, answered) = oneshot::channel();
        (Self { batch, caller }, answered)
    }

    /// Whether anybody still wants it. What nobody waits for and is not written yet need not be.
    pub(super) fn is_wanted(&self) -> bool {
        !self.caller.is_closed()
    }

    /// Whether it may go over the connection of this number.
    pub(super) fn may_go_over(&self, connection: u64) -> bool {
        match self.batch.over {
            Over::Any => true,
            Over::This(only) => only == connection,
            Over::Torn => false,
        }
    }

    pub(super) fn fail(self, fault: Fault) {
        // Whoever is gone has no need to know.
        let _ = self.caller.send(Err(fault));
    }
}
