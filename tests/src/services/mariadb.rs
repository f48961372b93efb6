//! A MariaDB server.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::Result;
use super::program::Program;
use super::server::{Kind, Place, Server, blocking, owned};
use super::template::{self, Recipe};

const KIND: Kind = Kind { program: SERVER, name: "mariadb", answers };

const SERVER: Program = Program { service: "MariaDB", name: "mariadbd", package: "mariadb-server" };

const INSTALL: Program = Program { name: "mariadb-install-db", ..SERVER };

/// How a data folder is created: `root` without a password, small log files.
const INSTALL_DB: [&str; 4] = [
    "--no-defaults",
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--innodb-log-file-size=4M",
];

/// Settings of a server whose data nobody will miss.
const SETTINGS: [&str; 9] = [
    "--bind-address=127.0.0.1",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=4M",
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--default-time-zone=+00:00",
    // What the tests sent is the first question to a log.
    "--general-log=1",
];

/// How long a server may take to greet a client before it is asked again.
const GREETING: Duration = Duration::from_secs(1);

/// A MariaDB server on a free port of this machine, ended when it is dropped.
///
/// The superuser is `root` and needs no password. Every value is a server of its own; a copy of a
/// prepared data folder makes it start quickly. What was sent to it is in `general.log` in its
/// folder.
#[derive(Debug)]
pub struct MariaDb {
    server: Server,
    databases: AtomicU32,
}

impl MariaDb {
    /// Starts a server and waits until it takes connections.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`](super::Error::NotInstalled) when there is no MariaDB on this machine, and the other variants
    /// when it does not start; they carry the end of its log.
    ///
    /// # Cancel safety
    ///
    /// A start whose future is dropped runs to its end in the background; the server ends then.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts a server with further options of `mariadbd`, such as `["--max-connections=20"]`.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    ///
    /// # Cancel safety
    ///
    /// As [`Self::start`].
    pub async fn start_with(options: &[&str]) -> Result<Self> {
        let options = owned(options);
        let start = move || Server::start(&KIND, |place| prepare(place, &options));
        Ok(Self { server: blocking(start).await?, databases: AtomicU32::new(1) })
    }

    /// Starts a server that loses nothing it has acknowledged when it is killed.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    ///
    /// # Cancel safety
    ///
    /// As [`Self::start`].
    pub async fn start_durable() -> Result<Self> {
        Self::start_with(&["--innodb-flush-log-at-trx-commit=1", "--innodb-doublewrite=1"]).await
    }

    /// Where the server listens. A restart does not change it.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Kills the server (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Preparation`](super::Error::Preparation) or [`Error::Io`](super::Error::Io) when that
    /// cannot be done.
    pub fn kill(&self) -> Result<()> {
        self.server.kill()
    }

    /// Stops the server where it is: its connections stay open, and nothing answers.
    ///
    /// # Errors
    ///
    /// As [`Self::kill`].
    pub fn pause(&self) -> Result<()> {
        self.server.pause()
    }

    /// Lets a paused server go on.
    ///
    /// # Errors
    ///
    /// As [`Self::kill`].
    pub fn resume(&self) -> Result<()> {
        self.server.resume()
    }

    /// Kills the server if it runs, starts it again on the same data and waits until it takes
    /// connections.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn restart(&self) -> Result<()> {
        self.server.restart()
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("mysql://root@{}/{database}", self.server.address())
    }

    /// The folder with the server's data and its Unix socket, removed after it.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// Creates an empty database that no other test uses, and returns its URL.
    ///
    /// The statement is hidden from [`Statements`](crate::statements::Statements).
    ///
    /// # Errors
    ///
    /// [`Error::Database`](super::Error::Database) when the server refuses.
    pub async fn create_database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let options = MySqlConnectOptions::from_str(&self.url("mysql"))?;
        let mut connection = options.disable_statement_logging().connect().await?;
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(statement).execute(&mut connection).await?;
        connection.close().await?;
        Ok(self.url(&name))
    }
}

/// Puts a data folder into the server's folder, and says how the server finds it.
fn prepare(place: &Place<'_>, options: &[String]) -> Result<Vec<OsString>> {
    let recipe = Recipe {
        service: "mariadb",
        server: SERVER.find()?,
        name: "mariadb-install-db",
        program: INSTALL.find()?,
        arguments: &INSTALL_DB,
        folder: "--datadir=",
        evidence: ["ibdata1", "mysql/global_priv.frm"],
    };
    let data = place.folder.join("data");
    template::copy(&recipe.prepare(place.account)?, &data, place.account)?;
    let mut arguments = vec!["--no-defaults".into()];
    for (option, path) in [("datadir", "data"), ("socket", "socket"), ("pid-file", "pid")] {
        arguments.push(under(option, &place.folder.join(path)));
    }
    arguments.push(under("general-log-file", &place.folder.join("general.log")));
    // Servers that share one remove each other's temporary tables when they start.
    arguments.push(under("tmpdir", place.folder));
    arguments.push(format!("--port={}", place.address.port()).into());
    arguments.extend(SETTINGS.map(OsString::from));
    arguments.extend(options.iter().map(OsString::from));
    Ok(arguments)
}

fn under(option: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(format!("--{option}="));
    argument.push(path);
    argument
}

/// Whether a server at that address greets its clients, as it does once it is ready.
fn answers(address: SocketAddr) -> bool {
    let greeting = || {
        let mut stream = TcpStream::connect_timeout(&address, GREETING)?;
        stream.set_read_timeout(Some(GREETING))?;
        // Length, number of the packet, then the version of the protocol; 255 would be an error.
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        if start[4] == 10 { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
    };
    let greeting: std::io::Result<()> = greeting();
    greeting.is_ok()
}
