//! What has passed a proxy.

use std::sync::atomic::{AtomicU64, Ordering};

/// What has passed a proxy since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// How many connections were accepted. A client may see its connection a moment earlier.
    pub connections: u64,
    /// How many bytes were passed on to the server. Swallowed ones are not among them.
    pub to_server: u64,
    /// How many bytes were passed on to clients. Swallowed ones are not among them.
    pub to_client: u64,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Accepted connections.
    pub(super) connections: AtomicU64,
    /// Bytes to the server.
    pub(super) to_server: AtomicU64,
    /// Bytes to clients.
    pub(super) to_client: AtomicU64,
}

impl Counters {
    /// What was counted up to now.
    pub(super) fn read(&self) -> Traffic {
        Traffic {
            connections: self.connections.load(Ordering::SeqCst),
            to_server: self.to_server.load(Ordering::SeqCst),
            to_client: self.to_client.load(Ordering::SeqCst),
        }
    }
}
