//! A server process that cannot outlive its test.

mod launch;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

pub(super) use self::launch::Launch;
use super::log::{Log, note};
use super::{Error, Result};

/// How long a server may take to become ready.
const READY_LIMIT: Duration = Duration::from_secs(30);

/// How long a supervisor may take to end its server. Longer than its own patience, 5 s.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The pause between two looks at a server.
const STEP: Duration = Duration::from_millis(10);

/// A running server: ended, with its children, and its folder removed when this is dropped.
///
/// The same happens when the test process is killed: the server's parent is a small shell script
/// that waits for the end of a pipe held by the test process only.
#[derive(Debug)]
pub(super) struct Process {
    service: &'static str,
    supervisor: Child,
    lifeline: Option<ChildStdin>,
    log: Log,
    folder: TempDir,
}

impl Process {
    /// Starts a server.
    pub(super) fn spawn(launch: Launch) -> Result<Self> {
        let service = launch.service;
        let (log, file) = Log::create(service)?;
        note(&format!("{service}: the log is {}", log.path().display()));
        let started = launch.supervisor(file);
        let mut supervisor = started.map_err(Error::io(format!("start {service}")))?;
        let lifeline = supervisor.stdin.take();
        Ok(Self { service, supervisor, lifeline, log, folder: launch.folder })
    }

    /// The server's folder.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Blocks until `probe`, which gets the server's folder, says that the server is ready.
    ///
    /// # Errors
    ///
    /// [`Error::Exited`] as soon as the server ends, [`Error::NotReady`] after 30 seconds.
    pub(super) fn wait_until_ready(&mut self, mut probe: impl FnMut(&Path) -> bool) -> Result<()> {
        for _ in steps(READY_LIMIT) {
            if self.has_ended() {
                let (service, log, tail) = self.end_of_log();
                return Err(Error::Exited { service, log, tail });
            }
            if probe(self.folder()) {
                return Ok(());
            }
            thread::sleep(STEP);
        }
        let (service, log, tail) = self.end_of_log();
        Err(Error::NotReady { service, limit: READY_LIMIT, log, tail })
    }

    fn end_of_log(&self) -> (&'static str, PathBuf, String) {
        (self.service, self.log.path().into(), self.log.tail())
    }

    /// Whether the supervisor, and so the server, is gone.
    fn has_ended(&mut self) -> bool {
        !matches!(self.supervisor.try_wait(), Ok(None))
    }

    /// Ends the server and waits for it.
    fn stop(&mut self) {
        drop(self.lifeline.take());
        for _ in steps(STOP_LIMIT) {
            if self.has_ended() {
                return;
            }
            thread::sleep(STEP);
        }
        note(&format!("{}: the supervisor did not end; killing it", self.service));
        drop(self.supervisor.kill());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if thread::panicking() {
            let path = self.log.path().display();
            note(&format!("{}: {path} ends with:\n{}", self.service, self.log.tail()));
        }
        self.stop();
    }
}

/// As many looks as fit into `limit`. Counted, not timed: tests may have paused the clock.
fn steps(limit: Duration) -> impl Iterator<Item = u128> {
    0..limit.as_millis() / STEP.as_millis()
}
