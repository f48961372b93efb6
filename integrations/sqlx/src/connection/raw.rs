//! The driver's connection: here, or away to finish what an earlier caller abandoned.

use std::time::Duration;

use dogpile::{Region, WriteGuard};
use dogpile_query::Dialect;
use futures_util::future::poll_fn;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Error};
use sqlx_core::transaction::TransactionManager;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::carrier::run;
use crate::database::CacheDatabase;
use crate::statement::Statement;

/// How long a server gets to answer what was sent before its caller went away.
const DRAIN_LIMIT: Duration = Duration::from_secs(60);

pub(super) enum Raw<DB: CacheDatabase> {
    Here(PoolConnection<DB>),
    /// It comes back when it has answered.
    Draining(oneshot::Receiver<PoolConnection<DB>>),
    Gone,
}

impl<DB: CacheDatabase> Raw<DB> {
    pub(super) const fn is_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }

    pub(super) fn get(&mut self) -> Result<&mut PoolConnection<DB>, Error> {
        match self {
            Self::Here(connection) => Ok(connection),
            Self::Draining(_) | Self::Gone => {
                let why = "the connection is closed: it did not answer what was given up on it";
                Err(Error::Protocol(why.into()))
            }
        }
    }

    /// Waits until the connection is here.
    pub(super) async fn wait(&mut self) -> Result<(), Error> {
        if let Self::Draining(coming) = self {
            // The receiver stays where it is until it has something: this may be dropped.
            let back = poll_fn(|context| std::pin::Pin::new(&mut *coming).poll(context)).await;
            *self = back.map_or(Self::Gone, Self::Here);
        }
        self.get().map(drop)
    }

    /// Starts a rollback, at once or as soon as the connection is back.
    pub(super) fn start_rollback(&mut self, region: &Region) {
        match self {
            Self::Here(connection) => DB::TransactionManager::start_rollback(connection),
            Self::Draining(_) | Self::Gone => self.send_away(region, async |mut connection| {
                DB::TransactionManager::start_rollback(&mut connection);
                Some(connection)
            }),
        }
    }

    /// Ends a transaction that was begun by SQL text, before the connection goes back to the pool.
    pub(super) fn end_text_transaction(&mut self, region: &Region) {
        self.send_away(region, rolled_back::<DB>);
    }

    /// Sends the connection away to answer what it was sent; then `guard` invalidates once more.
    ///
    /// `rollback` is sent after it, as a transaction does that is dropped.
    pub(super) fn drain(&mut self, guard: WriteGuard, rollback: bool) {
        let region = guard.region().clone();
        self.send_away(&region, move |connection| drained::<DB>(connection, guard, rollback));
    }

    /// Sends the connection away to answer what it was sent: it comes back if it keeps its step.
    pub(super) fn answer(&mut self, region: &Region) {
        self.send_away(region, in_step::<DB>);
    }

    /// Sends the connection away to answer what it was sent, and to commit: the transaction is that of
    /// one write, which would have committed by itself.
    pub(super) fn commit_later(&mut self, guard: WriteGuard, rest: Rest) {
        let region = guard.region().clone();
        self.send_away(&region, move |connection| committed::<DB>(connection, guard, rest));
    }

    /// The connection is not to be used by anybody else.
    pub(super) fn close_on_drop(&mut self) {
        if let Self::Here(connection) = self {
            connection.close_on_drop();
        }
    }

    /// Does `work` on the connection in the background, after what it may be away for already.
    ///
    /// It comes back to whoever waits for it, and goes back to the pool if nobody does. What `work` does
    /// not return is closed, and nobody's any more.
    fn send_away<F>(
        &mut self,
        region: &Region,
        work: impl FnOnce(PoolConnection<DB>) -> F + Send + 'static,
    ) where
        F: Future<Output = Option<PoolConnection<DB>>> + Send + 'static,
    {
        let connection = std::mem::replace(self, Self::Gone);
        if Handle::try_current().is_err() {
            // Nobody can do the work: what is left undone must not go back to the pool.
            if let Self::Here(mut connection) = connection {
                connection.close_on_drop();
            }
            return;
        }
        let (back, coming) = oneshot::channel();
        *self = Self::Draining(coming);
        drop(region.spawn(async move {
            let Some(connection) = connection.arrive().await else { return };
            if let Some(connection) = work(connection).await {
                drop(back.send(connection));
            }
        }));
    }

    /// The connection, as soon as it is here.
    async fn arrive(self) -> Option<PoolConnection<DB>> {
        match self {
            Self::Here(connection) => Some(connection),
            Self::Draining(coming) => coming.await.ok(),
            Self::Gone => None,
        }
    }
}

/// Rolls back what may be open. That the server knows of no transaction is as good.
async fn rolled_back<DB: CacheDatabase>(
    mut connection: PoolConnection<DB>,
) -> Option<PoolConnection<DB>> {
    let ended = match Statement::take("ROLLBACK") {
        Ok(rollback) => DB::fetch_optional(&mut connection, rollback).await.map(drop),
        Err(error) => Err(error),
    };
    kept(connection, matches!(ended, Ok(()) | Err(Error::Database(_))))
}

/// The connection if it is `sound`; it is closed if it is not.
fn kept<DB: CacheDatabase>(
    mut connection: PoolConnection<DB>,
    sound: bool,
) -> Option<PoolConnection<DB>> {
    if sound {
        return Some(connection);
    }
    connection.close_on_drop();
    None
}

async fn in_step<DB: CacheDatabase>(
    mut connection: PoolConnection<DB>,
) -> Option<PoolConnection<DB>> {
    let is_answered = answered::<DB>(&mut connection).await;
    kept(connection, is_answered)
}

/// Waits until the connection has answered all it was sent; false if it does not.
async fn answered<DB: CacheDatabase>(connection: &mut PoolConnection<DB>) -> bool {
    // SQLite runs in this process, and always answers in the end.
    if DB::DIALECT == Dialect::Sqlite {
        return connection.ping().await.is_ok();
    }
    matches!(timeout(DRAIN_LIMIT, connection.ping()).await, Ok(Ok(())))
}

/// What is still to be done after a write, before its COMMIT.
pub(super) struct Rest {
    /// What carries its invalidation, where that was not sent yet.
    pub(super) script: Option<String>,
    /// What takes that back if it fails, or was sent.
    pub(super) undo: Option<&'static str>,
}

/// Where the write has failed there is nothing to commit, and where it was committed nothing to undo:
/// the server says so, and that is as good.
async fn committed<DB: CacheDatabase>(
    mut connection: PoolConnection<DB>,
    mut guard: WriteGuard,
    rest: Rest,
) -> Option<PoolConnection<DB>> {
    let mut ended = Err(Error::WorkerCrashed);
    if answered::<DB>(&mut connection).await {
        let is_carried = match rest.script {
            Some(script) => run::<DB>(&mut connection, script).await.is_ok(),
            None => false,
        };
        if is_carried {
            guard.carried();
        } else if let Some(undo) = rest.undo {
            drop(run::<DB>(&mut connection, undo).await);
        }
        // SQLite's file is locked by this very transaction: no taint could be placed in it.
        if DB::DIALECT != Dialect::Sqlite {
            guard.fence().await;
        }
        ended = run::<DB>(&mut connection, "COMMIT").await;
    }
    // A backend that cannot be reached keeps the debt itself.
    let _ = guard.bump().await;
    kept(connection, matches!(ended, Ok(()) | Err(Error::Database(_))))
}

async fn drained<DB: CacheDatabase>(
    mut connection: PoolConnection<DB>,
    guard: WriteGuard,
    rollback: bool,
) -> Option<PoolConnection<DB>> {
    if rollback {
        DB::TransactionManager::start_rollback(&mut connection);
    }
    let connection = in_step::<DB>(connection).await;
    // A backend that cannot be reached keeps the debt itself.
    let _ = guard.bump().await;
    connection
}
