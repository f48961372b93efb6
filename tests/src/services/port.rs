//! A free TCP port.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use tokio::net::TcpSocket;

use super::{Error, Result};

/// A port that nobody listened on a moment ago.
///
/// Somebody else may take it before the server does. The server then ends at once, and the caller
/// tries again with another port.
pub(super) fn free() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Error::io("find a free port"))
}

/// A port that stays this test's own while nobody listens on it: a server that was killed finds
/// it free when it is started again, and until then connections to it are refused.
#[derive(Debug)]
pub(super) struct Reserved {
    address: SocketAddr,
    _hold: Option<TcpSocket>,
}

impl Reserved {
    /// A new one.
    pub(super) fn new() -> Result<Self> {
        // Linux lets a server listen beside a bound socket that does not listen, and gives its
        // port to nobody who asks for any port. Others would refuse the server.
        if !cfg!(target_os = "linux") {
            return Ok(Self { address: (Ipv4Addr::LOCALHOST, free()?).into(), _hold: None });
        }
        let failed = || Error::io("reserve a port");
        let socket = TcpSocket::new_v4().map_err(failed())?;
        socket.set_reuseaddr(true).map_err(failed())?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).map_err(failed())?;
        let address = socket.local_addr().map_err(failed())?;
        Ok(Self { address, _hold: Some(socket) })
    }

    /// Where the server listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::io;
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, free()?));
        assert!(listener.is_ok());
        Ok(())
    }

    #[test]
    fn a_reserved_port_refuses_until_its_server_listens_and_again_afterwards() -> Result<()> {
        let port = Reserved::new()?;
        let refused = || {
            let answer = TcpStream::connect(port.address());
            answer.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        };
        assert!(refused());
        for _ in 0..2 {
            let listener = TcpListener::bind(port.address()).map_err(Error::io("listen"))?;
            let client = TcpStream::connect(port.address()).map_err(Error::io("connect"))?;
            drop((listener, client));
            assert!(refused());
        }
        Ok(())
    }

    #[test]
    fn a_reserved_port_is_given_to_nobody_else() -> Result<()> {
        let reserved: Vec<_> = (0..200).map(|_| Reserved::new()).collect::<Result<_>>()?;
        let ports: HashSet<_> = reserved.iter().map(Reserved::address).collect();
        assert_eq!(ports.len(), reserved.len());
        for _ in 0..2_000 {
            assert!(!ports.contains(&(Ipv4Addr::LOCALHOST, free()?).into()));
        }
        Ok(())
    }
}
