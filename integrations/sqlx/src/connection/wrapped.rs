//! A write that commits by itself, in a transaction of its own that carries its invalidation.
//!
//! The invalidation follows the write: before it, it would take the snapshot that the write gets
//! under REPEATABLE READ, and let it fail where it would not have by itself. Three trips: BEGIN, the
//! write, and the rest as one text.

use std::sync::Arc;

use dogpile::{Reason, Tags, WriteGuard};
use dogpile_query::{Analysis, Dialect, Kind};
use sqlx::Error;

use super::CachedConnection;
use super::carrier::{Carrier, is_conflict, run};
use super::raw::Rest;
use crate::database::CacheDatabase;

/// A write between its BEGIN and its COMMIT.
pub(crate) struct Wrapped<'c, DB: CacheDatabase> {
    connection: &'c mut CachedConnection<DB>,
    carrier: Arc<Carrier>,
    guard: Option<WriteGuard>,
    stage: Stage,
}

/// How far it has come: what its drop has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// BEGIN is not answered.
    Beginning,
    /// The write may have been sent.
    Open,
    /// COMMIT may have been sent.
    Committing,
}

impl<'c, DB: CacheDatabase> Wrapped<'c, DB> {
    /// Begins; `tags` are owed from now on, and carried by `carrier`.
    pub(crate) async fn begin(
        connection: &'c mut CachedConnection<DB>,
        carrier: Arc<Carrier>,
        tags: Tags,
    ) -> Result<Self, Error> {
        let guard = Some(connection.write_guard(tags));
        let mut wrapped = Self { connection, carrier, guard, stage: Stage::Beginning };
        let begun = run::<DB>(wrapped.raw()?, "BEGIN").await;
        if let Err(Error::Database(_)) = begun {
            // Nothing was begun: whatever transaction there is, is not ours to end.
            wrapped.guard.take().into_iter().for_each(WriteGuard::discard);
        }
        begun?;
        wrapped.stage = Stage::Open;
        Ok(wrapped)
    }

    pub(crate) fn raw(&mut self) -> Result<&mut DB::Connection, Error> {
        self.connection.raw()
    }

    /// The write has been answered: ends the transaction as the server would have by itself. `failure`
    /// is what the write has met; returns what its caller is to be told.
    pub(crate) async fn end(mut self, failure: Option<Error>) -> Result<(), Error> {
        match failure {
            None => self.commit().await,
            Some(error @ Error::Database(_)) => {
                if DB::DIALECT == Dialect::Postgres {
                    self.roll_back().await;
                } else {
                    // Only the statement was undone, and some leave a part of what they did.
                    drop(self.commit().await);
                }
                Err(error)
            }
            Some(error) => {
                self.give_up();
                self.pay().await;
                Err(error)
            }
        }
    }

    /// The invalidation and the COMMIT, in one trip.
    async fn commit(&mut self) -> Result<(), Error> {
        self.stage = Stage::Committing;
        let carrier = &self.carrier;
        let Some(script) = self.guard.as_ref().and_then(|guard| carrier.script(guard)) else {
            return self.commit_fenced().await;
        };
        let text = format!("{script}; COMMIT");
        let Err(error) = run::<DB>(self.connection.raw()?, text).await else {
            self.carried().await;
            return Ok(());
        };
        let undo = self.carrier.undo();
        if run::<DB>(self.connection.raw()?, undo).await.is_ok() {
            if !is_conflict(&error) {
                self.carrier.failed();
            }
            if let Some(guard) = &mut self.guard {
                guard.declined(Reason::SCRIPT_FAILED);
            }
            return self.commit_fenced().await;
        }
        // There is nothing to take back: it was the COMMIT that failed, or the connection. The
        // invalidation has gone where the write went.
        let ended = run::<DB>(self.connection.raw()?, "ROLLBACK").await;
        if !matches!(ended, Ok(()) | Err(Error::Database(_))) {
            self.give_up();
        }
        self.carried().await;
        Err(error)
    }

    async fn commit_fenced(&mut self) -> Result<(), Error> {
        if let Some(guard) = &mut self.guard {
            guard.fence().await;
        }
        let committed = run::<DB>(self.connection.raw()?, "COMMIT").await;
        if committed.is_err() {
            self.give_up();
        }
        self.pay().await;
        committed
    }

    async fn roll_back(&mut self) {
        let Ok(raw) = self.connection.raw() else { return };
        if run::<DB>(raw, "ROLLBACK").await.is_ok() {
            self.guard.take().into_iter().for_each(WriteGuard::discard);
        } else {
            self.give_up();
            self.pay().await;
        }
    }

    async fn carried(&mut self) {
        if let Some(guard) = &mut self.guard {
            guard.carried();
        }
        self.pay().await;
    }

    async fn pay(&mut self) {
        if let Some(guard) = self.guard.take() {
            // A backend that cannot be reached keeps the debt itself; the write has happened.
            let _ = guard.bump().await;
        }
    }

    /// Nobody knows whether the connection is still in the transaction.
    fn give_up(&mut self) {
        self.connection.raw.close_on_drop();
    }
}

/// Whether a statement changes rows and nothing else: all of these may be run in a transaction, and
/// none ends one.
pub(super) fn changes_rows(analysis: &Analysis, sql: &str) -> bool {
    const VERBS: [&str; 6] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "WITH"];
    let sql = sql.trim_start();
    let verb = sql.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    analysis.kind() == Kind::Write
        && !analysis.flushes()
        && !analysis.changes_schema()
        && analysis.transaction().is_none()
        && VERBS.iter().any(|known| known.eq_ignore_ascii_case(verb))
}

impl<DB: CacheDatabase> Drop for Wrapped<'_, DB> {
    fn drop(&mut self) {
        let Some(guard) = self.guard.take() else { return };
        if self.stage == Stage::Beginning {
            guard.discard();
            self.connection.raw.end_text_transaction(self.connection.pool.region());
        } else {
            guard.bump_now();
            let was_sent = self.stage == Stage::Committing;
            let script = self.carrier.script(&guard).filter(|_| !was_sent);
            let undo = (was_sent || script.is_some()).then(|| self.carrier.undo());
            self.connection.raw.commit_later(guard, Rest { script, undo });
        }
    }
}
