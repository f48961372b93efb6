//! A connection that knows what it has written.

mod carrier;
mod debt;
mod layers;
mod raw;
mod wrapped;

use std::fmt;

use dogpile::{Tags, WriteGuard};
use dogpile_query::{Analysis, Dialect, Kind, TransactionText};
use sqlx::Error;
use sqlx::pool::PoolConnection;

use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

pub(crate) use carrier::Carrier;
pub(crate) use debt::Sending;
use layers::Layers;
use raw::Raw;
pub(crate) use wrapped::Wrapped;
use wrapped::changes_rows;

/// One connection of a [`CachedPool`]; what it writes invalidates.
///
/// Taken with [`CachedPool::acquire`], and what a
/// [`CachedTransaction`](crate::CachedTransaction) derefs to. The connection
/// inside is not reachable: what is written past the wrapper would not be seen by the cache.
pub struct CachedConnection<DB: CacheDatabase> {
    pool: CachedPool<DB>,
    raw: Raw<DB>,
    /// A BEGIN was sent and its caller went away: nobody knows which transaction this is in.
    adrift: bool,
    /// A transaction was begun by SQL text. Whether it has ended is the server's to say: it is rolled
    /// back before the connection goes back to the pool.
    text_transaction: bool,
    /// A command was sent that may have changed what the session does with a statement.
    controlled: bool,
    pub(crate) layers: Layers,
}

impl<DB: CacheDatabase> CachedPool<DB> {
    /// Takes a connection from the pool; what is written through it invalidates too.
    ///
    /// # Errors
    ///
    /// Those of [`Pool::acquire`](sqlx::Pool::acquire).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn acquire(&self) -> Result<CachedConnection<DB>, Error> {
        let question = match self.in_text_transaction() {
            // A transaction of the user's may be open on the connection.
            true => None,
            false => self.carrier().question().await,
        };
        let mut raw = self.acquire_raw().await?;
        if let Some(question) = question {
            self.carrier().ask::<DB>(question, &mut raw).await;
        }
        Ok(CachedConnection::new(self.clone(), raw))
    }
}

impl<DB: CacheDatabase> CachedConnection<DB> {
    fn new(pool: CachedPool<DB>, raw: PoolConnection<DB>) -> Self {
        Self {
            pool,
            raw: Raw::Here(raw),
            adrift: false,
            text_transaction: false,
            controlled: false,
            layers: Layers::default(),
        }
    }

    /// The pool that the connection belongs to.
    pub const fn pool(&self) -> &CachedPool<DB> {
        &self.pool
    }

    /// The driver's connection, where it is fit to be used.
    pub(crate) fn raw(&mut self) -> Result<&mut DB::Connection, Error> {
        if self.adrift {
            let why = "a BEGIN on this connection was abandoned; drop the transaction around it";
            return Err(Error::Protocol(why.into()));
        }
        self.raw_even_adrift()
    }

    /// The driver's connection, to begin or to roll back.
    pub(crate) fn raw_even_adrift(&mut self) -> Result<&mut DB::Connection, Error> {
        self.raw.get().map(|raw| &mut **raw)
    }

    /// Waits for the answer to what an earlier caller sent and did not wait for.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        self.raw.wait().await
    }

    /// Sent with the next use of the connection, or when it goes back to the pool.
    pub(crate) fn start_rollback(&mut self) {
        self.raw.start_rollback(self.pool.region());
    }

    pub(crate) fn is_here(&self) -> bool {
        self.raw.is_here()
    }

    fn drain(&mut self, guard: WriteGuard, rollback: bool) {
        self.raw.drain(guard, rollback);
    }

    /// Notes that a BEGIN is being sent, or that it was answered.
    ///
    /// SQLite's driver undoes one that nobody waits for by itself. Other drivers may leave the
    /// connection in a transaction, or out of one, that its owner knows nothing of.
    pub(crate) fn set_adrift(&mut self, adrift: bool) {
        self.adrift = adrift && DB::DIALECT != Dialect::Sqlite;
    }

    /// Whether this is a transaction that has sent nothing that may have written.
    pub(crate) fn is_clean(&self) -> bool {
        self.layers.depth() > 0 && !self.layers.is_dirty()
    }

    /// Whether `statement` commits by itself, and may as well be run in a transaction that carries its
    /// invalidation.
    pub(crate) fn may_wrap(&self, statement: &Statement<DB>) -> bool {
        let in_text = self.text_transaction || self.pool.in_text_transaction();
        let free = self.layers.depth() == 0 && !self.adrift && !self.controlled && !in_text;
        let sql = statement.sql.as_str();
        free && self.pool.carrier().is_ready()
            && changes_rows(&self.pool.analyzer().analyze(sql), sql)
    }

    /// Notes what `statement` is about to write, and returns the tags that are owed as soon as it is
    /// sent: all of them outside of a transaction; inside one, those of a statement that a rollback
    /// may not undo, and of everything before it.
    pub(crate) fn note(&mut self, statement: &Statement<DB>) -> Tags {
        let analysis = self.pool.analyzer().analyze(statement.sql.as_str());
        self.text_transaction |= analysis.transaction() == Some(TransactionText::Begins);
        self.controlled |= analysis.kind() == Kind::Control;
        if !analysis.may_write() {
            return Tags::new();
        }
        match self.layers.top() {
            None => return analysis.write_tags().clone(),
            Some(layer) => layer.wrote(analysis.write_tags(), escapes::<DB>(&analysis)),
        }
        self.layers.escaped_writes()
    }
}

/// Whether a statement may leave something behind that a rollback does not undo: a COMMIT sent as
/// text, something not understood, or, in MySQL, whatever commits by itself: changes of the schema,
/// and many of the commands that are neither read nor write.
fn escapes<DB: CacheDatabase>(analysis: &Analysis) -> bool {
    let commits = analysis.changes_schema() || analysis.kind() == Kind::Control;
    analysis.flushes() || (DB::DIALECT == Dialect::MySql && commits)
}

impl<DB: CacheDatabase> Drop for CachedConnection<DB> {
    fn drop(&mut self) {
        if let (true, Ok(raw)) = (self.adrift, self.raw.get()) {
            raw.close_on_drop();
        } else if self.text_transaction {
            self.raw.end_text_transaction(self.pool.region());
        }
    }
}

impl<DB: CacheDatabase> fmt::Debug for CachedConnection<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedConnection")
            .field("database", &DB::NAME)
            .field("transactions", &self.layers.depth())
            .finish_non_exhaustive()
    }
}
