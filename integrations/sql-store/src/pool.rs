//! Connections: a pool of our own, or the application's.
//!
//! A call takes one connection, never a second one while it has the first, and waits for it within a
//! limit: a pool of one connection, which the caller itself may hold, makes an error and no deadlock.
//!
//! The limit is a short one for what is not ours: a connection that the server has to make, and one of
//! the application's, whose queue is no place for a cache. The connections of our own pool are taken by
//! calls like this one, each of which ends soon: here a call waits for its turn, first come, first
//! served, for as long as a call may take. A crowd that wants one key is then served as one crowd, where
//! each that failed would go and create the value.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::Database;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{Done, Failure};

/// Where connections come from.
pub(crate) struct Pool<DB: Database> {
    pool: OnceLock<sqlx::Pool<DB>>,
    /// What a pool of our own has beside it.
    own: Option<Own<DB>>,
    /// How long a call waits for a connection that is not ours, or not yet.
    limit: Duration,
}

/// A pool of our own.
struct Own<DB: Database> {
    /// Makes it: when it is first needed, because that takes a runtime.
    make: Make<DB>,
    /// As many as there may be connections.
    turns: Semaphore,
    /// How long a call waits for its turn.
    patience: Duration,
    /// How many connections are being made.
    growing: Arc<AtomicUsize>,
}

type Make<DB> = Box<dyn Fn() -> sqlx::Pool<DB> + Send + Sync>;

/// A connection, and the turn to have it. What is last given back is the turn.
pub(crate) struct Taken<'a, DB: Database> {
    connection: PoolConnection<DB>,
    _turn: Option<SemaphorePermit<'a>>,
}

impl<DB: Database> Pool<DB> {
    /// The application's own.
    pub(crate) fn of_application(pool: sqlx::Pool<DB>, limit: Duration) -> Self {
        Self { pool: pool.into(), own: None, limit }
    }

    /// One that only this backend uses, of so many connections.
    pub(crate) fn own(make: Make<DB>, connections: u32, [limit, patience]: [Duration; 2]) -> Self {
        let turns = usize::try_from(connections).unwrap_or(usize::MAX);
        let turns = Semaphore::new(turns.min(Semaphore::MAX_PERMITS));
        let own = Own { make, turns, patience, growing: Arc::default() };
        Self { pool: OnceLock::new(), own: Some(own), limit }
    }

    /// A connection, within the limits.
    pub(crate) async fn acquire(&self) -> Done<Taken<'_, DB>> {
        let turn = match &self.own {
            Some(own) => Some(own.turn().await?),
            None => None,
        };
        Ok(Taken { connection: self.connection().await?, _turn: turn })
    }

    async fn connection(&self) -> Done<PoolConnection<DB>> {
        let pool = self.pool()?;
        for _ in 0..2 {
            if let Some(connection) = pool.try_acquire() {
                return Ok(connection);
            }
            // One that was given back is there a moment later.
            yield_now().await;
        }
        let limit = self.limit_now();
        let acquired = match self.own.as_ref().filter(|_| may_grow(pool)) {
            // Connecting may take longer than a caller waits. It goes on without the caller, and the
            // next one finds the connection.
            Some(own) => {
                let (growing, acquiring) = (Growing::begin(&own.growing), pool.acquire());
                let acquired = tokio::spawn(async move {
                    let acquired = acquiring.await;
                    drop(growing);
                    acquired
                });
                let joined = timeout(limit, acquired).await;
                joined.map(|joined| joined.unwrap_or(Err(sqlx::Error::WorkerCrashed)))
            }
            None => timeout(limit, pool.acquire()).await,
        };
        Ok(acquired.map_err(|_| Failure::no_connection(limit))??)
    }

    /// How long a connection is waited for: one that is there, and whose turn it is, is on its way.
    fn limit_now(&self) -> Duration {
        match (&self.own, self.pool.get()) {
            (Some(own), Some(pool)) if !may_grow(pool) && !own.is_growing() => own.patience,
            _ => self.limit,
        }
    }

    /// Closes the connections that nobody uses, unless the pool is the application's.
    pub(crate) fn drop_idle(&self) {
        let Some(pool) = self.pool.get().filter(|_| self.own.is_some()) else { return };
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
            let own = self.own.as_ref()?;
            Some(self.pool.get_or_init(&own.make))
        });
        made.ok_or(Failure::unexpected())
    }
}

impl<DB: Database> Own<DB> {
    /// Waits until a connection is this caller's to have.
    async fn turn(&self) -> Done<SemaphorePermit<'_>> {
        if let Ok(turn) = self.turns.try_acquire() {
            return Ok(turn);
        }
        if Handle::try_current().is_err() {
            return Err(Failure::no_runtime());
        }
        let turn = timeout(self.patience, self.turns.acquire()).await;
        let turn = turn.map_err(|_| Failure::no_connection(self.patience))?;
        turn.map_err(|_| Failure::unexpected())
    }

    fn is_growing(&self) -> bool {
        self.growing.load(Ordering::SeqCst) > 0
    }
}

fn may_grow<DB: Database>(pool: &sqlx::Pool<DB>) -> bool {
    pool.size() < pool.options().get_max_connections()
}

/// A connection that is being made.
struct Growing(Arc<AtomicUsize>);

impl Growing {
    fn begin(growing: &Arc<AtomicUsize>) -> Self {
        growing.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(growing))
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<DB: Database> Deref for Taken<'_, DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.connection
    }
}

impl<DB: Database> DerefMut for Taken<'_, DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.connection
    }
}

impl<DB: Database> fmt::Debug for Pool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.pool.get().map(sqlx::Pool::size);
        f.debug_struct("Pool").field("size", &size).finish_non_exhaustive()
    }
}
