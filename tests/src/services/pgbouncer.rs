//! A PgBouncer before a PostgreSQL server.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::program::Program;
use super::server::{Kind, Place, Server, blocking};
use super::{Error, Postgres, Result};

const KIND: Kind = Kind {
    program: Program { service: "PgBouncer", name: "pgbouncer", package: "pgbouncer" },
    name: "pgbouncer",
    answers,
};

/// How long it may take to answer before it is asked again.
const ANSWER: Duration = Duration::from_secs(1);

/// What a client sends to ask for an encrypted connection: 8 bytes, and a number that says so.
const ENCRYPT: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A PgBouncer in transaction mode on a free port of this machine, ended when it is dropped.
///
/// A client has a session of the server for each of its transactions, and another one for the next.
#[derive(Debug)]
pub struct PgBouncer {
    server: Server,
}

impl PgBouncer {
    /// Starts a pooler before a server, with so many sessions at most for one database, and waits until
    /// it answers.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`] when there is no PgBouncer on this machine, and the other variants when
    /// it does not start; they carry the end of its log.
    ///
    /// # Cancel safety
    ///
    /// A start whose future is dropped runs to its end in the background; the pooler ends then.
    pub async fn start(server: &Postgres, sessions: u32) -> Result<Self> {
        // Without a name of a database, a URL ends with the port and a slash.
        let url = server.url("");
        let port = url.rsplit(':').next().unwrap_or_default().trim_end_matches('/').to_owned();
        blocking(move || {
            let server = Server::start(&KIND, |place| arguments(place, &port, sessions))?;
            Ok(Self { server })
        })
        .await
    }

    /// The URL of a database of the server behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.server.address())
    }

    /// The pooler's folder, removed after it.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }
}

/// Writes the settings, which are the pooler's only argument.
fn arguments(place: &Place<'_>, port: &str, sessions: u32) -> Result<Vec<OsString>> {
    let users = place.folder.join("users.txt");
    let path = place.folder.join("pgbouncer.ini");
    let failed = || Error::io("configure PgBouncer");
    fs::write(&users, "\"postgres\" \"\"\n").map_err(failed())?;
    let text = format!(
        "[databases]\n\
         * = host=127.0.0.1 port={port}\n\
         [pgbouncer]\n\
         listen_addr = {}\n\
         listen_port = {}\n\
         unix_socket_dir =\n\
         auth_type = trust\n\
         auth_file = {}\n\
         pool_mode = transaction\n\
         default_pool_size = {sessions}\n\
         ignore_startup_parameters = extra_float_digits,options\n",
        place.address.ip(),
        place.address.port(),
        users.display(),
    );
    fs::write(&path, text).map_err(failed())?;
    place.account.own(&users)?;
    place.account.own(&path)?;
    Ok(vec![path.into()])
}

/// Whether a pooler at that address says if it encrypts.
fn answers(address: SocketAddr) -> bool {
    let answer = || {
        let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.write_all(&ENCRYPT)?;
        stream.read_exact(&mut [0])
    };
    answer().is_ok()
}
