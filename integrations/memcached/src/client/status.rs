//! What is known of a server, whichever connection learned it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Which run of a server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Its process.
    pub(super) pid: u64,
    /// When it started, by its own clock, in seconds.
    pub(super) started: u64,
}

/// What outlives connections.
#[derive(Debug, Default)]
pub(super) struct Status {
    run: Mutex<Option<Run>>,
    restarts: AtomicU64,
    connections: AtomicU64,
}

impl Status {
    /// A server was met. Called before anything that it answers is passed on.
    pub(super) fn met(&self, run: Run) {
        let mut known = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        // Who was never met before has acknowledged nothing that could be lost.
        if known.replace(run).is_some_and(|known| known != run) {
            self.restarts.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub(super) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::SeqCst)
    }

    /// A number for a new connection.
    pub(super) fn connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Run, Status};

    #[test]
    fn only_another_run_is_a_restart() {
        let status = Status::default();
        let first = Run { pid: 1, started: 100 };
        for (run, restarts) in [
            (first, 0),
            (first, 0),
            (Run { pid: 1, started: 101 }, 1),
            (Run { pid: 1, started: 101 }, 1),
            (Run { pid: 2, started: 101 }, 2),
            (first, 3),
        ] {
            status.met(run);
            assert_eq!(status.restarts(), restarts, "{run:?}");
        }
    }
}
