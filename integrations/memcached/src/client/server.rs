//! One server, as its callers see it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::Limits;
use super::answers::Replies;
use super::batch::Batch;
use super::call::Call;
use super::status::Status;
use super::worker::Worker;
use crate::error::Fault;

/// How many calls wait to be written before callers wait for their turn.
const QUEUE: usize = 1024;
/// How far apart the opaque tokens of two calls begin. Longer calls overlap the next ones, which
/// makes it no less likely that an answer which is one place off is found out.
const APART: u32 = 64;

/// A server and the way to its worker, which is started when it is first needed.
#[derive(Debug)]
pub(super) struct Server {
    address: Arc<str>,
    limits: Limits,
    status: Arc<Status>,
    opaque: AtomicU32,
    line: Mutex<Option<Line>>,
}

/// The way to a worker.
#[derive(Debug)]
struct Line {
    calls: mpsc::Sender<Call>,
    runtime: Handle,
}

impl Server {
    pub(super) fn new(address: String, limits: Limits) -> Self {
        Self {
            address: address.into(),
            limits,
            status: Arc::default(),
            opaque: AtomicU32::new(0),
            line: Mutex::new(None),
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// How often the server turned out to be another one than before.
    pub(super) fn restarts(&self) -> u64 {
        self.status.restarts()
    }

    /// An opaque token for the first request of a call.
    pub(super) fn opaque(&self) -> u32 {
        self.opaque.fetch_add(APART, Ordering::Relaxed)
    }

    /// The runtime of the connection.
    pub(super) fn runtime(&self) -> Option<Handle> {
        self.line().as_ref().map(|line| line.runtime.clone())
    }

    /// Has the batch written, and waits for the replies.
    pub(super) async fn ask(&self, batch: Batch) -> Result<Replies, Fault> {
        let calls = self.calls()?;
        let (call, answered) = Call::new(batch);
        calls.send(call).await.map_err(|_| Fault::Lost)?;
        answered.await.unwrap_or(Err(Fault::Lost))
    }

    /// The way to the worker. One whose runtime has ended is replaced.
    fn calls(&self) -> Result<mpsc::Sender<Call>, Fault> {
        let mut line = self.line();
        if let Some(line) = line.as_ref().filter(|line| !line.calls.is_closed()) {
            return Ok(line.calls.clone());
        }
        let runtime = Handle::try_current().map_err(|_| Fault::NoRuntime)?;
        let (calls, queue) = mpsc::channel(QUEUE);
        let (address, status) = (Arc::clone(&self.address), Arc::clone(&self.status));
        runtime.spawn(Worker::new(address, self.limits, status, queue).run());
        *line = Some(Line { calls: calls.clone(), runtime });
        Ok(calls)
    }

    fn line(&self) -> MutexGuard<'_, Option<Line>> {
        // Every change is one assignment: a poisoned value is sound.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
