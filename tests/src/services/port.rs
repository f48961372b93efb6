//! A free TCP port.

use std::net::{Ipv4Addr, TcpListener};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, free()?));
        assert!(listener.is_ok());
        Ok(())
    }
}
