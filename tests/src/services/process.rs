//! A server process that cannot outlive its test.

mod family;
mod launch;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

pub(super) use self::launch::Launch;
use super::log::{Log, note};
use super::poll::poll;
use super::signal::{Signal, is_gone};
use super::{Error, Result};

/// How long a server may take to become ready.
const READY_LIMIT: Duration = Duration::from_secs(30);

/// How long a supervisor may take to end its server. Longer than its own patience, 5 s.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The file with the server's process id, there once the server was started.
const ID: &str = "server.pid";

/// The file that is there once the server has ended.
const ENDED: &str = "server.ended";

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
        let ready = poll(READY_LIMIT, || {
            if self.has_ended() {
                return Some(false);
            }
            (self.id().is_some() && probe(self.folder())).then_some(true)
        });
        let (service, log, tail) = (self.service, PathBuf::from(self.log.path()), self.log.tail());
        match ready {
            Some(true) => Ok(()),
            Some(false) => Err(Error::Exited { service, log, tail }),
            None => Err(Error::NotReady { service, limit: READY_LIMIT, log, tail }),
        }
    }

    /// Sends a signal to a server that was ready. One that has ended gets none.
    pub(super) fn signal(&mut self, signal: Signal) -> Result<()> {
        match self.id() {
            Some(id) if !self.has_ended() => signal.send(id),
            _ => Ok(()),
        }
    }

    /// The same, and to its children.
    #[cfg(feature = "databases")]
    pub(super) fn signal_all(&mut self, signal: Signal) -> Result<()> {
        match self.id() {
            Some(id) if !self.has_ended() => family::signal(id, signal).map(drop),
            _ => Ok(()),
        }
    }

    /// Kills the server and its children, and blocks until they are gone. Its folder stays.
    pub(super) fn kill(&mut self) -> Result<()> {
        let children = match self.id() {
            Some(id) if !self.has_ended() => family::signal(id, Signal::Kill)?,
            _ => Vec::new(),
        };
        let gone = || (self.has_ended() && children.iter().all(|id| is_gone(*id))).then_some(());
        poll(STOP_LIMIT, gone).ok_or_else(|| {
            Error::io(format!("kill {}", self.service))(io::ErrorKind::TimedOut.into())
        })
    }

    /// Kills the server if it runs, and starts it again with the same arguments, in the same folder
    /// and with the same log. Blocks until it is ready, as [`Self::wait_until_ready`] does.
    pub(super) fn restart(&mut self, probe: impl FnMut(&Path) -> bool) -> Result<()> {
        self.kill()?;
        self.start_again().map_err(Error::io(format!("start {} again", self.service)))?;
        self.wait_until_ready(probe)
    }

    fn start_again(&mut self) -> io::Result<()> {
        fs::remove_file(self.folder().join(ID))?;
        fs::remove_file(self.folder().join(ENDED))?;
        let lifeline = self.lifeline.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        lifeline.write_all(b"again\n")
    }

    /// The server's process id, as soon as its supervisor has written it.
    fn id(&self) -> Option<u32> {
        let text = fs::read_to_string(self.folder().join(ID)).ok()?;
        text.strip_suffix('\n')?.parse().ok()
    }

    /// Whether the server, or its supervisor with it, is gone.
    fn has_ended(&mut self) -> bool {
        self.folder().join(ENDED).exists() || self.is_unsupervised()
    }

    fn is_unsupervised(&mut self) -> bool {
        !matches!(self.supervisor.try_wait(), Ok(None))
    }

    /// Ends the server and waits for it.
    fn stop(&mut self) {
        drop(self.lifeline.take());
        if poll(STOP_LIMIT, || self.is_unsupervised().then_some(())).is_some() {
            return;
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
