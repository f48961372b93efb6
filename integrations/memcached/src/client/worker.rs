//! The task behind one server: makes connections, and serves calls over them.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use dogpile::{millis, secs};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::Limits;
use super::call::Call;
use super::connect::connect;
use super::connection::{Connection, End};
use super::status::Status;
use crate::error::Fault;

/// How soon after a failure the next attempt is made; doubled by each that fails as well.
const FIRST_PAUSE: Duration = millis(50);
const LONGEST_PAUSE: Duration = secs(1);
/// How long callers wait for a server that failed before: one that is back answers sooner.
const PATIENCE: Duration = millis(50);
/// How many callers wait for a connection to be made; the others wait for their turn.
const MOST_WAITING: usize = 1024;

/// Ends when nobody has a way to it any more.
#[derive(Debug)]
pub(super) struct Worker {
    address: Arc<str>,
    limits: Limits,
    status: Arc<Status>,
    queue: mpsc::Receiver<Call>,
    /// Calls that were taken off the queue, and not written.
    waiting: VecDeque<Call>,
    failures: u32,
    /// No attempt is made before.
    not_before: Option<Instant>,
}

impl Worker {
    pub(super) fn new(
        address: Arc<str>,
        limits: Limits,
        status: Arc<Status>,
        queue: mpsc::Receiver<Call>,
    ) -> Self {
        let waiting = VecDeque::new();
        Self { address, limits, status, queue, waiting, failures: 0, not_before: None }
    }

    pub(super) async fn run(mut self) {
        while self.is_wanted().await {
            if self.not_before.is_some_and(|moment| Instant::now() < moment) {
                self.fail_waiting(Fault::Down);
            } else if let Some(stream) = self.connect().await {
                self.serve(stream).await;
            }
        }
    }

    /// Waits until there is a call; `false` when there will be none.
    async fn is_wanted(&mut self) -> bool {
        if self.waiting.is_empty() {
            let Some(call) = self.queue.recv().await else { return false };
            self.waiting.push_back(call);
        }
        true
    }

    async fn connect(&mut self) -> Option<TcpStream> {
        match self.attempt().await? {
            Ok((stream, run)) => {
                self.failures = 0;
                self.not_before = None;
                // Before any answer of this run can be seen.
                self.status.met(run);
                Some(stream)
            }
            Err(fault) => {
                self.failed(fault);
                self.fail_waiting(fault);
                None
            }
        }
    }

    /// One attempt; `None` if nobody is interested any more. Callers who come meanwhile wait, but
    /// not for long where the last attempt has failed.
    async fn attempt(&mut self) -> Option<Result<(TcpStream, super::status::Run), Fault>> {
        let address = Arc::clone(&self.address);
        let mut attempt = pin!(timeout(self.limits.connect, connect(&address)));
        let patience = if self.failures == 0 { self.limits.connect } else { PATIENCE };
        let mut patience = pin!(sleep(patience));
        let mut patient = true;
        loop {
            tokio::select! {
                biased;
                made = &mut attempt => return Some(made.unwrap_or(Err(Fault::Unreachable))),
                () = &mut patience, if patient => {
                    patient = false;
                    self.fail_waiting(Fault::Down);
                }
                call = self.queue.recv(), if self.waiting.len() < MOST_WAITING => {
                    self.waiting.push_back(call?);
                    if !patient {
                        self.fail_waiting(Fault::Down);
                    }
                }
            }
        }
    }

    async fn serve(&mut self, stream: TcpStream) {
        let number = self.status.connection();
        let connection = Connection::new(number, self.limits);
        match connection.run(stream, &mut self.waiting, &mut self.queue).await {
            End::Unwanted | End::Closed => {}
            End::Broken(fault) => self.failed(fault),
        }
    }

    fn failed(&mut self, fault: Fault) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(Instant::now() + pause);
        let (server, problem) = (&*self.address, fault.message());
        tracing::debug!(target: "dogpile", server, problem, "a memcached server cannot be used");
    }

    fn fail_waiting(&mut self, fault: Fault) {
        self.waiting.drain(..).for_each(|call| call.fail(fault));
    }
}
