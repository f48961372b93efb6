//! Where connections come from.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection, Database};

use crate::pool::Pool;

/// What a store is told about its connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) pool_size: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) lineage: bool,
    pub(crate) push: bool,
    pub(crate) max_locks: usize,
}

/// A pool of the application's, or how to connect one of our own.
pub(crate) enum Source<DB: Database> {
    Pool(sqlx::Pool<DB>),
    Options(<DB::Connection as Connection>::Options),
}

impl Settings {
    /// A pool of our own. Connections are not tried before they are used: that would make each call
    /// twice as long, to find out what the call finds out by itself.
    pub(crate) fn pool_options<DB: Database>(&self) -> PoolOptions<DB> {
        PoolOptions::new()
            .max_connections(self.pool_size)
            .acquire_timeout(self.connect_timeout)
            .test_before_acquire(false)
    }

    pub(crate) fn own<DB: Database>(
        &self,
        make: impl Fn() -> sqlx::Pool<DB> + Send + Sync + 'static,
    ) -> Pool<DB> {
        // Whoever has a connection is done with it by then.
        let patience = self.acquire_timeout.saturating_add(self.statement_timeout);
        Pool::own(Box::new(make), self.pool_size, [self.acquire_timeout, patience])
    }

    pub(crate) fn of_application<DB: Database>(&self, pool: sqlx::Pool<DB>) -> Pool<DB> {
        Pool::of_application(pool, self.acquire_timeout)
    }
}
