//! Connections: a pool of our own, or the application's.
//!
//! A call takes one connection, never a second one while it has the first, and waits for it no longer
//! than it was told: a pool of one connection, which the caller itself may hold, makes an error and
//! no deadlock.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use sqlx::Database;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{Done, Failure};

/// Where connections come from.
pub(crate) struct Pool<DB: Database> {
    pool: OnceLock<sqlx::Pool<DB>>,
    /// Makes a pool of our own: when it is first needed, because that takes a runtime.
    make: Option<Make<DB>>,
    /// How long a call waits for a connection.
    limit: Duration,
}

type Make<DB> = Box<dyn Fn() -> sqlx::Pool<DB> + Send + Sync>;

impl<DB: Database> Pool<DB> {
    /// The application's own.
    pub(crate) fn of_application(pool: sqlx::Pool<DB>, limit: Duration) -> Self {
        Self { pool: pool.into(), make: None, limit }
    }

    /// One that only this backend uses.
    pub(crate) const fn own(make: Make<DB>, limit: Duration) -> Self {
        Self { pool: OnceLock::new(), make: Some(make), limit }
    }

    /// A connection, within the limit.
    pub(crate) async fn acquire(&self) -> Done<PoolConnection<DB>> {
        let pool = self.pool()?;
        for _ in 0..2 {
            if let Some(connection) = pool.try_acquire() {
                return Ok(connection);
            }
            // One that was given back is there a moment later.
            yield_now().await;
        }
        let acquired = if self.may_grow(pool) {
            // Connecting may take longer than a caller waits. It goes on without the caller, and the
            // next one finds the connection.
            let growing = tokio::spawn(pool.acquire());
            timeout(self.limit, growing)
                .await
                .map(|joined| joined.unwrap_or(Err(sqlx::Error::WorkerCrashed)))
        } else {
            timeout(self.limit, pool.acquire()).await
        };
        Ok(acquired.map_err(|_| Failure::no_connection(self.limit))??)
    }

    /// Closes the connections that nobody uses, unless the pool is the application's.
    pub(crate) fn drop_idle(&self) {
        let Some(pool) = self.pool.get().filter(|_| self.make.is_some()) else { return };
        while let Some(connection) = pool.try_acquire() {
            drop(connection.detach());
        }
    }

    /// A connection, however long the pool takes for it.
    pub(crate) async fn connect(&self) -> Done<PoolConnection<DB>> {
        Ok(self.pool()?.acquire().await?)
    }

    fn pool(&self) -> Done<&sqlx::Pool<DB>> {
        if Handle::try_current().is_err() {
            return Err(Failure::no_runtime());
        }
        let made = self.pool.get().or_else(|| {
            let make = self.make.as_ref()?;
            Some(self.pool.get_or_init(make))
        });
        made.ok_or(Failure::unexpected())
    }

    fn may_grow(&self, pool: &sqlx::Pool<DB>) -> bool {
        self.make.is_some() && pool.size() < pool.options().get_max_connections()
    }
}

impl<DB: Database> fmt::Debug for Pool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.pool.get().map(sqlx::Pool::size);
        f.debug_struct("Pool").field("size", &size).finish_non_exhaustive()
    }
}
