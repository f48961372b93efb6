//! Where the driver finds the endpoint while it connects.

use std::io;
use std::net::Ipv4Addr;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;

use sqlx::mysql::MySqlConnectOptions;
#[cfg(unix)]
use tempfile::TempDir;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::stream::Stream;

/// A place to connect to, gone when this is dropped.
pub(super) enum Listener {
    /// A socket in a folder that nobody else may enter.
    #[cfg(unix)]
    Unix(UnixListener, TempDir),
    /// A port of this machine, for systems without Unix sockets.
    Tcp(TcpListener),
}

impl Listener {
    /// The most private place that there is.
    pub(super) async fn bind() -> io::Result<Self> {
        #[cfg(unix)]
        if let Ok(listener) = Self::socket() {
            return Ok(listener);
        }
        // Also where the folder for temporary files cannot be written to, or has too long a name.
        Self::loopback().await
    }

    #[cfg(unix)]
    fn socket() -> io::Result<Self> {
        let private = std::fs::Permissions::from_mode(0o700);
        let prefix = format!("dogpile-replay-{}-", std::process::id());
        let folder = tempfile::Builder::new().prefix(&prefix).permissions(private).tempdir()?;
        Ok(Self::Unix(UnixListener::bind(folder.path().join("s"))?, folder))
    }

    pub(super) async fn loopback() -> io::Result<Self> {
        Ok(Self::Tcp(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?))
    }

    /// How the driver gets there.
    pub(super) fn options(&self) -> io::Result<MySqlConnectOptions> {
        let options = MySqlConnectOptions::new();
        match self {
            #[cfg(unix)]
            Self::Unix(_, folder) => Ok(options.socket(folder.path().join("s"))),
            Self::Tcp(listener) => {
                let port = listener.local_addr()?.port();
                Ok(options.host(&Ipv4Addr::LOCALHOST.to_string()).port(port))
            }
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Stream> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok(Stream::Unix(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
        }
    }
}
