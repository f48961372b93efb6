//! A PostgreSQL server.

mod programs;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use self::programs::Programs;
use super::account::Account;
use super::process::{Launch, Process};
use super::template::{self, Recipe};
use super::{Error, Result, folder, port};

/// How often a start is tried when the chosen port was taken in the meantime.
const ATTEMPTS: u32 = 3;

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
    process: Process,
    port: u16,
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
        tokio::task::spawn_blocking(Self::start_blocking).await?
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The folder with the server's data and its Unix socket, removed after it.
    pub fn folder(&self) -> &Path {
        self.process.folder()
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

    fn start_blocking() -> Result<Self> {
        let programs = Programs::find()?;
        let account = Account::for_servers()?;
        let template = recipe(&programs).prepare(account)?;
        for _ in 1..ATTEMPTS {
            match Self::launch(&programs, account, &template) {
                Err(Error::Exited { .. }) => {}
                started => return started,
            }
        }
        Self::launch(&programs, account, &template)
    }

    fn launch(programs: &Programs, account: Account, template: &Path) -> Result<Self> {
        let folder = folder::scratch("postgres", account)?;
        let data = folder.path().join("data");
        template::copy(template, &data, account)?;
        let port = port::free()?;
        let mut process = Process::spawn(Launch {
            service: "postgres",
            program: programs.postgres(),
            arguments: arguments(&data, folder.path(), port),
            // PostgreSQL's immediate shutdown: it ends its children and itself.
            stop_signal: "QUIT",
            account,
            folder,
        })?;
        process.wait_until_ready(is_ready)?;
        Ok(Self { process, port, databases: AtomicU32::new(1) })
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

fn arguments(data: &Path, socket: &Path, port: u16) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["-D".into(), data.into(), "-p".into()].into();
    arguments.push(port.to_string().into());
    arguments.extend(["-k".into(), socket.into()]);
    arguments.extend(SETTINGS.iter().flat_map(|setting| ["-c".into(), (*setting).into()]));
    arguments
}

/// Whether the server wrote that it takes connections, in the place where `pg_ctl` looks for it.
fn is_ready(folder: &Path) -> bool {
    let status = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}
