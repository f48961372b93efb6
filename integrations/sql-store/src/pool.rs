//! Connections: a pool of our own, or the application's.
//!
//! A call takes one connection, never a second one while it has the first, and waits for it no longer
//! than it was told: a pool of one connection, which the caller itself may hold, makes an error and
//! no deadlock.

use std::fmt;
use std::time::Duration;

use sqlx::Database;
use sqlx::pool::PoolConnection;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{Done, Failure};

/// Where connections come from.
pub(crate) struct Pool<DB: Database> {
    pool: sqlx::Pool<DB>,
    /// How long a call waits for a connection.
    limit: Duration,
    /// Whether nobody else takes connections from it.
    own: bool,
}

impl<DB: Database> Pool<DB> {
    /// The application's own.
    pub(crate) const fn of_application(pool: sqlx::Pool<DB>, limit: Duration) -> Self {
        Self { pool, limit, own: false }
    }

    /// One that only this backend uses.
    pub(crate) const fn own(pool: sqlx::Pool<DB>, limit: Duration) -> Self {
        Self { pool, limit, own: true }
    }

    /// A connection, within the limit.
    pub(crate) async fn acquire(&self) -> Done<PoolConnection<DB>> {
        for _ in 0..2 {
            if let Some(connection) = self.pool.try_acquire() {
                return Ok(connection);
            }
            // One that was given back is there a moment later.
            yield_now().await;
        }
        let acquired = if self.may_grow() {
            // Connecting may take longer than a caller waits. It goes on without the caller, and the
            // next one finds the connection.
            let growing = tokio::spawn(self.pool.acquire());
            timeout(self.limit, growing)
                .await
                .map(|joined| joined.unwrap_or(Err(sqlx::Error::WorkerCrashed)))
        } else {
            timeout(self.limit, self.pool.acquire()).await
        };
        Ok(acquired.map_err(|_| Failure::no_connection(self.limit))??)
    }

    /// A connection, however long the pool takes for it.
    pub(crate) async fn connect(&self) -> Done<PoolConnection<DB>> {
        Ok(self.pool.acquire().await?)
    }

    fn may_grow(&self) -> bool {
        self.own && self.pool.size() < self.pool.options().get_max_connections()
    }
}

impl<DB: Database> fmt::Debug for Pool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, idle) = (self.pool.size(), self.pool.num_idle());
        f.debug_struct("Pool").field("size", &size).field("idle", &idle).finish_non_exhaustive()
    }
}
