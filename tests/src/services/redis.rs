//! A Redis server.

mod cluster;
mod reply;
mod sentinel;
#[cfg(test)]
mod tests;
mod wire;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

pub use self::cluster::RedisCluster;
pub use self::reply::Reply;
pub use self::sentinel::RedisSentinel;
use super::program::Program;
use super::server::{Kind, Server, blocking, owned};
use super::{Error, Result};

const KIND: Kind = Kind {
    program: Program { service: "Redis", name: "redis-server", package: "redis-server" },
    name: "redis",
    answers,
};

/// A Redis server on a free port of this machine, ended when it is dropped.
///
/// It keeps nothing on disk, needs no password and lets `DEBUG` through. Every value is a server
/// of its own. Its methods block the thread; a server that does not answer is given ten seconds.
#[derive(Debug)]
pub struct Redis {
    server: Server,
}

impl Redis {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`] when there is no Redis on this machine, and the other variants when
    /// it does not start; they carry the end of its log.
    ///
    /// # Cancel safety
    ///
    /// A start whose future is dropped runs to its end in the background; the server ends then.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts a server with further options of `redis-server`, such as `["--maxmemory", "4mb"]`.
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
        blocking(move || Self::launch(&options)).await
    }

    /// Where the server listens. A restart does not change it.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The port on which the server listens.
    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// The URL for clients, `redis://127.0.0.1:<port>/`.
    pub fn url(&self) -> String {
        format!("redis://{}/", self.address())
    }

    /// The server's folder, removed after it.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// Sends one command over a connection of its own and returns the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the server answers with an error, [`Error::Io`] when it does not
    /// answer within ten seconds or what it sends is no answer.
    pub fn command(&self, words: &[&str]) -> Result<Reply> {
        let words: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
        self.command_bytes(&words)
    }

    /// [`Self::command`] with words that need not be text.
    ///
    /// # Errors
    ///
    /// As [`Self::command`].
    pub fn command_bytes(&self, words: &[&[u8]]) -> Result<Reply> {
        let name = words.first().map(|name| String::from_utf8_lossy(name).into_owned());
        let command = name.unwrap_or_default();
        let operation = format!("run `{command}` on the Redis server at {}", self.address());
        match wire::exchange(self.address(), words).map_err(Error::io(operation))? {
            Reply::Error(message) => Err(Error::Refused { service: "Redis", command, message }),
            reply => Ok(reply),
        }
    }

    /// A field of the answer to `INFO everything`, such as `used_memory`.
    ///
    /// # Errors
    ///
    /// As [`Self::command`], and [`Error::Refused`] when there is no such field.
    pub fn info(&self, field: &str) -> Result<String> {
        let reply = self.command(&["INFO", "everything"])?;
        reply.field(field).ok_or_else(|| Error::Refused {
            service: "Redis",
            command: String::from("INFO"),
            message: format!("there is no field `{field}`"),
        })
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

    fn launch(options: &[String]) -> Result<Self> {
        let server = Server::start(&KIND, |place| Ok(arguments(place.address, options)))?;
        Ok(Self { server })
    }
}

fn arguments(address: SocketAddr, options: &[String]) -> Vec<OsString> {
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let own = ["--bind", &ip, "--port", &port, "--save", "", "--appendonly", "no"];
    let debug = ["--enable-debug-command", "local"];
    let options = options.iter().map(OsString::from);
    own.iter().chain(&debug).map(OsString::from).chain(options).collect()
}

/// Whether a server at that address takes commands. One that is loading or a replica that is not
/// in step answers with an error, and is there all the same.
fn answers(address: SocketAddr) -> bool {
    wire::exchange(address, &[b"PING"]).is_ok()
}
