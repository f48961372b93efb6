//! A PostgreSQL server.

mod programs;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use self::programs::Programs;
use super::account::Account;
use super::port::Reserved;
use super::process::{Launch, Process};
use super::server::{blocking, owned};
use super::signal::Signal;
use super::template::{self, Recipe};
use super::{Error, Result, folder};

/// How a data folder is created. Small log files make it cheap to copy.
const INITDB: [&str; 7] = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-locale",
    "--wal-segsize=1",
    "--no-sync",
    "--no-instructions",
];

/// Settings of a server whose data nobody will miss.
const SETTINGS: [&str; 9] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "listen_addresses=127.0.0.1",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] %d ",
    // What the tests sent is the first question to a log.
    "log_statement=all",
];

/// A PostgreSQL server on a free port of this machine, ended when it is dropped.
///
/// The superuser is `postgres` and needs no password. Every value is a server of its own; a copy
/// of a prepared data folder makes it start in a fraction of a second.
#[derive(Debug)]
pub struct Postgres {
    // Before the port, so that it ends before the port is let go.
    process: Mutex<Process>,
    folder: PathBuf,
    port: Reserved,
    databases: AtomicU32,
}

impl Postgres {
    /// Starts a server and waits until it takes connections.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`] when there is no PostgreSQL on this machine, and the other variants
    /// when it does not start; they carry the end of its log.
    ///
    /// # Cancel safety
    ///
    /// A start whose future is dropped runs to its end in the background; the server ends then.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts a server with further settings, such as `["max_connections=20"]`.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    ///
    /// # Cancel safety
    ///
    /// As [`Self::start`].
    pub async fn start_with(settings: &[&str]) -> Result<Self> {
        let settings = owned(settings);
        blocking(move || Self::launch(&settings)).await
    }

    /// Where the server listens. A restart does not change it.
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.address())
    }

    /// The folder with the server's data and its Unix socket, removed after it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills all processes of the server (SIGKILL) and waits until they are gone, as when the machine
    /// has crashed: what it had not written is lost, and the next start recovers.
    ///
    /// # Errors
    ///
    /// [`Error::Preparation`] or [`Error::Io`] when that cannot be done.
    pub fn kill(&self) -> Result<()> {
        self.process().kill()
    }

    /// Stops all processes of the server where they are: its connections stay open, and nothing answers.
    ///
    /// # Errors
    ///
    /// As [`Self::kill`].
    pub fn pause(&self) -> Result<()> {
        self.process().signal_all(Signal::Stop)
    }

    /// Lets a paused server go on.
    ///
    /// # Errors
    ///
    /// As [`Self::kill`].
    pub fn resume(&self) -> Result<()> {
        self.process().signal_all(Signal::Continue)
    }

    /// Kills the server if it runs, starts it again on the same data and waits until it takes
    /// connections.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn restart(&self) -> Result<()> {
        let mut process = self.process();
        process.kill()?;
        // What a killed server leaves says that it is ready, or that another one may be running.
        let socket = format!(".s.PGSQL.{}.lock", self.address().port());
        for left in [Path::new(STATUS), Path::new(&socket)] {
            match fs::remove_file(self.folder.join(left)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove what a killed PostgreSQL has left")(error));
                }
                _ => {}
            }
        }
        process.restart(is_ready)
    }

    /// Creates an empty database that no other test uses, and returns its URL.
    ///
    /// The statement is hidden from [`Statements`](crate::statements::Statements).
    ///
    /// # Errors
    ///
    /// [`Error::Database`] when the server refuses.
    pub async fn create_database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let options = PgConnectOptions::from_str(&self.url("postgres"))?;
        let mut connection = options.disable_statement_logging().connect().await?;
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(statement).execute(&mut connection).await?;
        connection.close().await?;
        Ok(self.url(&name))
    }

    fn launch(settings: &[String]) -> Result<Self> {
        let programs = Programs::find()?;
        let account = Account::for_servers()?;
        let template = recipe(&programs).prepare(account)?;
        let scratch = folder::scratch("postgres", account)?;
        let folder = scratch.path().to_path_buf();
        let data = folder.join("data");
        template::copy(&template, &data, account)?;
        let port = Reserved::new()?;
        let mut process = Process::spawn(Launch {
            service: "postgres",
            program: programs.postgres(),
            arguments: arguments(&data, &folder, port.address().port(), settings),
            // PostgreSQL's immediate shutdown: it ends its children and itself.
            stop_signal: "QUIT",
            account,
            folder: scratch,
        })?;
        process.wait_until_ready(is_ready)?;
        Ok(Self { process: process.into(), folder, port, databases: AtomicU32::new(1) })
    }

    /// The process. A test that panicked while it held the lock is about to end it, no more.
    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn recipe(programs: &Programs) -> Recipe {
    Recipe {
        service: "postgres",
        server: programs.postgres(),
        name: "initdb",
        program: programs.initdb(),
        arguments: &INITDB,
        folder: "--pgdata=",
        evidence: ["global/pg_control", "PG_VERSION"],
    }
}

fn arguments(data: &Path, socket: &Path, port: u16, settings: &[String]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["-D".into(), data.into(), "-p".into()].into();
    arguments.push(port.to_string().into());
    arguments.extend(["-k".into(), socket.into()]);
    let settings = SETTINGS.into_iter().chain(settings.iter().map(String::as_str));
    arguments.extend(settings.flat_map(|setting| ["-c".into(), setting.into()]));
    arguments
}

/// Where a server writes how it is.
const STATUS: &str = "data/postmaster.pid";

/// Whether the server wrote that it takes connections, in the place where `pg_ctl` looks for it.
fn is_ready(folder: &Path) -> bool {
    let status = fs::read_to_string(folder.join(STATUS)).unwrap_or_default();
    status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}
