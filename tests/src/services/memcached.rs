//! A memcached server.

mod items;
#[cfg(test)]
mod tests;
mod wire;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use super::program::Program;
use super::server::{Kind, Server, blocking, owned};
use super::{Error, Result};

const KIND: Kind = Kind {
    program: Program { service: "memcached", name: "memcached", package: "memcached" },
    name: "memcached",
    answers,
};

/// A memcached server on a free port of this machine, ended when it is dropped.
///
/// Every value is a server of its own. Its methods block the thread; a server that does not answer
/// is given ten seconds.
#[derive(Debug)]
pub struct Memcached {
    server: Server,
}

impl Memcached {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`] when there is no memcached on this machine, and the other variants
    /// when it does not start; they carry the end of its log.
    ///
    /// # Cancel safety
    ///
    /// A start whose future is dropped runs to its end in the background; the server ends then.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts a server with further options of `memcached`, such as `["-m", "8"]`.
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
        blocking(move || {
            let server = Server::start(&KIND, |place| Ok(arguments(place.address, &options)))?;
            Ok(Self { server })
        })
        .await
    }

    /// Where the server listens. A restart does not change it.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The port on which the server listens.
    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// The URL for clients, `memcached://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("memcached://{}", self.address())
    }

    /// The server's folder, removed after it.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// Sends one line of the text protocol, with the block of data that belongs to it, over a
    /// connection of its own. Returns the answer without its last line break, with replacement
    /// characters for what is no UTF-8.
    ///
    /// Commands that are not answered, such as `quit` and those with `noreply`, end in an error.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the server answers with an error, [`Error::Io`] when it does not
    /// answer within ten seconds.
    pub fn command(&self, line: &str, payload: Option<&[u8]>) -> Result<String> {
        let answer = self.exchange(line, payload)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// A number or text that `stats` tells, such as `curr_items`.
    ///
    /// # Errors
    ///
    /// As [`Self::command`], and [`Error::Refused`] when there is no such statistic.
    pub fn stat(&self, name: &str) -> Result<String> {
        let answer = self.command("stats", None)?;
        let wanted = format!("STAT {name} ");
        let value = answer.lines().find_map(|line| line.strip_prefix(&wanted));
        value.map(String::from).ok_or_else(|| Error::Refused {
            service: "memcached",
            command: String::from("stats"),
            message: format!("there is no `{name}`"),
        })
    }

    /// Forgets all entries.
    ///
    /// # Errors
    ///
    /// As [`Self::command`].
    pub fn flush_all(&self) -> Result<()> {
        self.command("flush_all", None).map(drop)
    }

    /// Kills the server with SIGKILL and waits until it is gone. A second time does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Preparation`] when it cannot be killed.
    pub fn kill(&self) -> Result<()> {
        self.server.kill()
    }

    /// Freezes the server with SIGSTOP: connections to it succeed, and nothing answers on them.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Preparation`] when the signal cannot be sent.
    pub fn pause(&self) -> Result<()> {
        self.server.pause()
    }

    /// Lets a paused server go on. It answers what it was asked meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Preparation`] when the signal cannot be sent.
    pub fn resume(&self) -> Result<()> {
        self.server.resume()
    }

    /// Kills the server if it runs, starts it again on the same port, with the same options and
    /// without its data, and waits until it answers.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn restart(&self) -> Result<()> {
        self.server.restart()
    }

    /// [`Self::command`] with an answer that need not be text.
    fn exchange(&self, line: &str, payload: Option<&[u8]>) -> Result<Vec<u8>> {
        let command = String::from(line.split(' ').next().unwrap_or_default());
        let operation = format!("run `{command}` on the memcached server at {}", self.address());
        let answer = wire::exchange(self.address(), line, payload).map_err(Error::io(operation))?;
        if wire::is_error(&answer) {
            let message = String::from_utf8_lossy(&answer).into_owned();
            return Err(Error::Refused { service: "memcached", command, message });
        }
        Ok(answer)
    }
}

fn arguments(address: SocketAddr, options: &[String]) -> Vec<OsString> {
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let options = options.iter().map(OsString::from);
    ["-l", &ip, "-p", &port, "-U", "0"].iter().map(OsString::from).chain(options).collect()
}

/// Whether a server at that address tells its version.
fn answers(address: SocketAddr) -> bool {
    wire::exchange(address, "version", None).is_ok_and(|answer| answer.starts_with(b"VERSION "))
}
