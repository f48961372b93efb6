//! A server on a port of its own that tests kill, pause and start again.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::account::Account;
use super::port::Reserved;
use super::process::{Launch, Process};
use super::program::Program;
use super::signal::Signal;
use super::{Error, Result, folder};

/// What tells one service from another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Its program.
    pub(super) program: Program,
    /// Its name in the names of files and in messages.
    pub(super) name: &'static str,
    /// Whether a server at that address answers.
    pub(super) answers: fn(SocketAddr) -> bool,
}

/// What is decided before a server starts.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// Its folder, in which it runs.
    pub(super) folder: &'a Path,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Who it runs as.
    pub(super) account: Account,
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    // Before the port, so that it ends before the port is let go.
    process: Mutex<Process>,
    folder: PathBuf,
    port: Reserved,
    answers: fn(SocketAddr) -> bool,
}

impl Server {
    /// Starts a server and waits until it answers. `arguments` may put files into its folder.
    pub(super) fn start(
        kind: &Kind,
        arguments: impl FnOnce(&Place<'_>) -> Result<Vec<OsString>>,
    ) -> Result<Self> {
        let program = kind.program.find()?;
        let account = Account::for_servers()?;
        let scratch = folder::scratch(kind.name, account)?;
        let folder = scratch.path().to_path_buf();
        let port = Reserved::new()?;
        let place = Place { folder: &folder, address: port.address(), account };
        let process = Process::spawn(Launch {
            service: kind.name,
            program,
            arguments: arguments(&place)?,
            // Nothing that it has in memory is worth a farewell.
            stop_signal: "KILL",
            account,
            folder: scratch,
        })?;
        let server = Self { process: Mutex::new(process), folder, port, answers: kind.answers };
        server.process().wait_until_ready(|_| (server.answers)(server.address()))?;
        Ok(server)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Its folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills it and waits until it is gone.
    pub(super) fn kill(&self) -> Result<()> {
        self.process().kill()
    }

    /// Stops it where it is.
    pub(super) fn pause(&self) -> Result<()> {
        self.process().signal(Signal::Stop)
    }

    /// Lets it go on.
    pub(super) fn resume(&self) -> Result<()> {
        self.process().signal(Signal::Continue)
    }

    /// Kills it if it runs, starts it again and waits until it answers.
    pub(super) fn restart(&self) -> Result<()> {
        self.process().restart(|_| (self.answers)(self.address()))
    }

    /// The process. A test that panicked while it held the lock is about to end it, no more.
    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what blocks beside the runtime, so that timers of a paused clock stand still meanwhile.
pub(super) async fn blocking<T: Send + 'static>(
    start: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(start).await.map_err(Error::from)?
}

/// Options that outlive the call that brought them.
pub(super) fn owned(options: &[&str]) -> Vec<String> {
    options.iter().copied().map(String::from).collect()
}
