//! Where clients come in.

use std::io;
use std::net::{self, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::services::port::Reserved;
use crate::services::{Error, Result};

/// The pause after a connection could not be accepted, for want of files as a rule.
const RECOVERY: Duration = Duration::from_millis(10);

/// A listener on a port that stays its own while it is closed.
#[derive(Debug)]
pub(super) struct Door {
    listening: Option<Listening>,
    port: Reserved,
}

#[derive(Debug)]
struct Listening {
    listener: TcpListener,
    /// The same socket, to ask who waits at this very moment.
    now: net::TcpListener,
}

impl Door {
    /// An open one, and where it is.
    pub(super) fn open() -> Result<(Self, SocketAddr)> {
        let port = Reserved::new()?;
        let address = port.address();
        let listening = Some(listen(address).map_err(Error::io("listen as a proxy"))?);
        Ok((Self { listening, port }, address))
    }

    /// Opens it, unless it is open.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        if self.listening.is_none() {
            self.listening = Some(listen(self.port.address())?);
        }
        Ok(())
    }

    /// Closes it. Who waits is cut, who comes is refused.
    pub(super) fn close(&mut self) {
        self.listening = None;
    }

    /// The next client. Never, while the door is closed.
    pub(super) async fn accept(&self) -> TcpStream {
        let Some(listening) = &self.listening else {
            return std::future::pending().await;
        };
        loop {
            match listening.listener.accept().await {
                Ok((client, _)) => return client,
                Err(_) => sleep(RECOVERY).await,
            }
        }
    }

    /// Cuts who has connected and waits.
    pub(super) fn turn_away(&self) {
        while self.listening.as_ref().is_some_and(|listening| listening.now.accept().is_ok()) {}
    }
}

fn listen(address: SocketAddr) -> io::Result<Listening> {
    let now = net::TcpListener::bind(address)?;
    now.set_nonblocking(true)?;
    let listener = TcpListener::from_std(now.try_clone()?)?;
    Ok(Listening { listener, now })
}
