//! The few connections that a runtime replays through.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::ReplayError;

/// At most so many connections at once. Whoever wants one more waits for its turn.
pub(crate) const MOST: usize = 8;

/// The connections that nobody uses, and room for those that somebody does.
pub(crate) struct Connections<C> {
    idle: Mutex<Vec<C>>,
    room: Semaphore,
}

/// A connection in use. It is closed when this is dropped, unless it is given back: whoever goes
/// away in the middle leaves answers behind that the next one would read.
pub(crate) struct Held<'c, C> {
    pub(crate) connection: C,
    all: &'c Connections<C>,
    _room: SemaphorePermit<'c>,
}

impl<C> Connections<C> {
    pub(crate) fn new() -> Self {
        Self { idle: Mutex::new(Vec::new()), room: Semaphore::new(MOST) }
    }

    /// An idle connection, or one that `open` opens.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) async fn take(
        &self,
        open: impl AsyncFnOnce() -> Result<C, ReplayError>,
    ) -> Result<Held<'_, C>, ReplayError> {
        self.take_fitting(|_| true, open).await
    }

    /// An idle connection that fits, the latest to be used first, or one that `open` opens.
    pub(crate) async fn take_fitting(
        &self,
        fits: impl Fn(&C) -> bool,
        open: impl AsyncFnOnce() -> Result<C, ReplayError>,
    ) -> Result<Held<'_, C>, ReplayError> {
        // Never closed.
        let room = self.room.acquire().await.map_err(|_| ReplayError::TimedOut)?;
        let idle = self.idle(fits);
        let connection = match idle {
            Some(connection) => connection,
            None => open().await?,
        };
        Ok(Held { connection, all: self, _room: room })
    }

    fn idle(&self, fits: impl Fn(&C) -> bool) -> Option<C> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().rposition(fits)?;
        Some(idle.remove(at))
    }
}

impl<C> Held<'_, C> {
    /// Keeps the connection for the next one.
    pub(crate) fn give_back(self) {
        let Self { connection, all, _room } = self;
        let mut idle = all.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that fit nobody any more were not used for the longest.
        let left = (idle.len() >= MOST).then(|| idle.remove(0));
        idle.push(connection);
        drop(idle);
        drop(left);
    }
}
