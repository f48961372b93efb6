//! A server that is several processes.

use crate::services::Result;
use crate::services::signal::{Signal, children};

/// Sends a signal to a server and to its children, and says which those are.
pub(super) fn signal(server: u32, signal: Signal) -> Result<Vec<u32>> {
    if signal == Signal::Kill && !children(server).is_empty() {
        // So that it has no more of them than those that are found.
        Signal::Stop.send(server)?;
    }
    let before = children(server);
    signal.send(server)?;
    let all = if signal == Signal::Stop { children(server) } else { before };
    for child in &all {
        // One that has ended by itself needs none.
        drop(signal.send(*child));
    }
    Ok(all)
}
