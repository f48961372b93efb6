//! How the driver reaches the endpoint: a listener for one connection, gone as soon as it is made.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::net::TcpListener;
use tokio::time::timeout;
#[cfg(unix)]
use {std::path::Path, tempfile::TempDir, tokio::net::UnixListener};

use super::endpoint;
use super::job::Desk;

/// Part of the name of the socket, no more: the driver wants a number.
#[cfg(unix)]
const PORT: u16 = 1;

/// Others can reach a port: who says nothing for so long keeps the driver waiting no longer.
const INTRODUCTION: Duration = Duration::from_secs(1);

/// Waits for one connection of the driver's.
pub(super) struct Waiting {
    listener: Listener,
    /// What the driver says and nobody else can: 128 bits of chance.
    secret: String,
}

enum Listener {
    /// A socket in a folder that none but this user can enter; removed with it.
    #[cfg(unix)]
    Unix(UnixListener, TempDir),
    /// Where there are no Unix sockets, or no folder to put one into.
    Loopback(TcpListener, u16),
}

impl Waiting {
    pub(super) async fn new() -> io::Result<Self> {
        #[cfg(unix)]
        if let Ok((listener, folder)) = unix() {
            return Ok(Self::at(Listener::Unix(listener, folder)));
        }
        Self::loopback().await
    }

    async fn loopback() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self::at(Listener::Loopback(listener, port)))
    }

    fn at(listener: Listener) -> Self {
        Self { listener, secret: format!("{:032x}", rand::random::<u128>()) }
    }

    /// How the driver gets here.
    pub(super) fn options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .username(&self.secret)
            .ssl_mode(PgSslMode::Disable);
        match &self.listener {
            #[cfg(unix)]
            Listener::Unix(_, folder) => options.socket(folder.path()).port(PORT),
            Listener::Loopback(_, port) => {
                options.host(&Ipv4Addr::LOCALHOST.to_string()).port(*port)
            }
        }
    }

    /// Takes the driver's connection, lets go of the listener, and serves until the driver goes.
    pub(super) async fn serve(self, desk: Desk) -> io::Result<()> {
        match self.listener {
            #[cfg(unix)]
            Listener::Unix(listener, folder) => loop {
                let (mut socket, _) = listener.accept().await?;
                if endpoint::is_ours(&mut socket, &self.secret).await.unwrap_or(false) {
                    drop((listener, folder));
                    return endpoint::serve(&mut socket, &desk).await;
                }
            },
            Listener::Loopback(listener, _) => loop {
                let (mut socket, _) = listener.accept().await?;
                let introduced = endpoint::is_ours(&mut socket, &self.secret);
                if let Ok(Ok(true)) = timeout(INTRODUCTION, introduced).await {
                    drop(listener);
                    socket.set_nodelay(true)?;
                    return endpoint::serve(&mut socket, &desk).await;
                }
            },
        }
    }
}

/// A folder and a socket take microseconds to make, fewer than a thread of their own would.
#[cfg(unix)]
fn unix() -> io::Result<(UnixListener, TempDir)> {
    use std::os::unix::fs::PermissionsExt;

    let ours_alone = std::fs::Permissions::from_mode(0o700);
    let name = format!("dogpile-replay-{}-", std::process::id());
    let folder = tempfile::Builder::new().prefix(&name).permissions(ours_alone).tempdir()?;
    // The driver wants the path as text.
    folder.path().to_str().ok_or(io::ErrorKind::InvalidFilename)?;
    let listener = UnixListener::bind(socket(folder.path()))?;
    Ok((listener, folder))
}

#[cfg(unix)]
fn socket(folder: &Path) -> std::path::PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions, Connection};

    use super::{Desk, Waiting};

    #[tokio::test]
    async fn who_does_not_know_the_secret_is_turned_away() {
        let mut all = vec![Waiting::loopback().await.expect("a listener")];
        all.push(Waiting::new().await.expect("a listener"));
        for waiting in all {
            let (ours, stranger) = (waiting.options(), waiting.options().username("stranger"));
            let served = tokio::spawn(waiting.serve(Desk::default()));
            assert!(stranger.connect().await.is_err());
            let mut driver = ours.clone().connect().await.expect("a connection");
            driver.ping().await.expect("an answer");
            // Nobody comes after the driver.
            assert!(ours.connect().await.is_err());
            driver.close().await.expect("closed");
            served.await.expect("a task").expect("the driver said goodbye");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn none_but_this_user_can_enter_the_folder() {
        use std::os::unix::fs::PermissionsExt;

        let (_listener, folder) = super::unix().expect("a folder");
        let mode = folder.path().metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
