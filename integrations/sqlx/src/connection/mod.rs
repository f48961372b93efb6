//! A connection that knows what it has written.

mod carrier;
mod changing;
mod debt;
mod layers;
mod log;
mod raw;
mod settings;
mod wrapped;

use std::fmt;
use std::sync::Arc;

use dogpile::{Freshness, Tags, WriteGuard};
use dogpile_query::{Analysis, Dialect, Kind, TransactionText};
use sqlx::Error;
use sqlx::pool::PoolConnection;

use crate::database::CacheDatabase;
use crate::out_of_step::may_lose_step;
use crate::pool::CachedPool;
use crate::statement::Statement;

pub(crate) use carrier::{Carrier, Question};
pub(crate) use changing::Changing;
pub(crate) use debt::Sending;
use layers::Layers;
use raw::Raw;
pub(crate) use settings::{Session, Settings};
pub(crate) use wrapped::Wrapped;
use wrapped::changes_rows;

/// One connection of a [`CachedPool`]; what it writes invalidates.
///
/// Taken with [`CachedPool::acquire`], and what a
/// [`CachedTransaction`](crate::CachedTransaction) derefs to. The connection
/// inside is not reachable: what is written past the wrapper would not be seen by the cache.
///
/// Outside of a transaction, cached reads on it are answered from the region, under the settings of
/// its session. They wait for nobody who is creating the same: two that miss at once both ask the
/// database.
pub struct CachedConnection<DB: CacheDatabase> {
    pool: CachedPool<DB>,
    raw: Raw<DB>,
    /// A BEGIN was sent and its caller went away: nobody knows which transaction this is in.
    adrift: bool,
    /// A statement was sent and its answer has not begun, where that may have lost the connection its
    /// step.
    awaits_answer: bool,
    /// A transaction was begun by SQL text. Whether it has ended is the server's to say: it is rolled
    /// back before the connection goes back to the pool.
    text_transaction: bool,
    /// A command was sent that may have changed what the session does with a statement.
    controlled: bool,
    /// What the statements that were sent have set.
    pub(crate) session: Session,
    /// A statement was sent that may have changed the schema.
    changes_schema: bool,
    pub(crate) layers: Layers,
    /// What the transaction's writes do, where it is not what those of the pool do.
    pub(crate) freshness: Option<Freshness>,
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
        let trusts = self.trusts_connections();
        let mut raw = self.acquire_asked().await?;
        if !self.server().ask_on(self.inner(), &mut raw, trusts).await {
            raw = self.in_step(raw).await?;
        }
        Ok(CachedConnection::new(self.clone(), raw))
    }

    /// Takes a connection on which no cached query is run outside of a transaction.
    pub(crate) async fn acquire_to_write(&self) -> Result<CachedConnection<DB>, Error> {
        Ok(CachedConnection::new(self.clone(), self.acquire_asked().await?))
    }

    /// Takes a connection, and asks on it what is waiting to be asked.
    async fn acquire_asked(&self) -> Result<PoolConnection<DB>, Error> {
        let question = match self.in_text_transaction() {
            // A transaction of the user's may be open on the connection.
            true => None,
            false => self.question().await,
        };
        let mut raw = self.acquire_raw().await?;
        if let Some((carrier, question)) = question {
            carrier.ask::<DB>(question, &mut raw).await;
        }
        self.catalog().refresh();
        if self.asks_catalog() && self.catalog().wants() && !self.in_text_transaction() {
            let asked = self.catalog().catch_up::<DB>(&mut raw, self.analyzer());
            let is_answered = Box::pin(asked).await;
            if !is_answered {
                raw = self.in_step(raw).await?;
            }
        }
        Ok(raw)
    }

    /// The question of what carries the pool's invalidations, where it is to be asked.
    async fn question(&self) -> Option<(Arc<Carrier>, Question)> {
        let carrier = self.carrier_to_ask()?;
        let question = carrier.question().await?;
        Some((Arc::clone(carrier), question))
    }

    /// A connection on which a question was given up, or another one where it may have lost its step.
    async fn in_step(&self, raw: PoolConnection<DB>) -> Result<PoolConnection<DB>, Error> {
        if !may_lose_step::<DB>() {
            return Ok(raw);
        }
        // Nobody waits until it is closed.
        drop(raw.detach());
        self.acquire_raw().await
    }
}

impl<DB: CacheDatabase> CachedConnection<DB> {
    fn new(pool: CachedPool<DB>, raw: PoolConnection<DB>) -> Self {
        let session = Session::new(pool.left_behind().settings());
        Self {
            session,
            pool,
            raw: Raw::Here(raw),
            adrift: false,
            awaits_answer: false,
            text_transaction: false,
            controlled: false,
            changes_schema: false,
            layers: Layers::default(),
            freshness: None,
        }
    }

    /// The pool that the connection belongs to.
    pub const fn pool(&self) -> &CachedPool<DB> {
        &self.pool
    }

    /// What a write on this connection does.
    pub(crate) fn freshness(&self) -> Freshness {
        self.freshness.unwrap_or_else(|| self.pool.freshness())
    }

    /// What the transactions of this connection carry their invalidations by, if they are to.
    pub(crate) fn carrier(&self) -> Option<&Arc<Carrier>> {
        self.pool.carrier_of(self.freshness())
    }

    /// A guard that owes an invalidation of `tags`.
    pub(crate) fn write_guard(&self, tags: Tags) -> WriteGuard {
        self.pool.region().write_guard(tags).at(self.freshness())
    }

    /// The driver's connection, where it is fit to be used.
    pub(crate) fn raw(&mut self) -> Result<&mut DB::Connection, Error> {
        self.raw_to_ask().map(|(raw, _)| raw)
    }

    /// The driver's connection, to begin or to roll back.
    pub(crate) fn raw_even_adrift(&mut self) -> Result<&mut DB::Connection, Error> {
        self.raw.get().map(|raw| &mut **raw)
    }

    /// The driver's connection, and where to note that it awaits an answer.
    pub(crate) fn raw_to_ask(&mut self) -> Result<(&mut DB::Connection, &mut bool), Error> {
        if self.adrift {
            let why = "a BEGIN on this connection was abandoned; drop the transaction around it";
            return Err(Error::Protocol(why.into()));
        }
        self.raw.get().map(|raw| (&mut **raw, &mut self.awaits_answer))
    }

    /// Asks for the relations, unless they are known or a transaction is open.
    pub(crate) async fn learn_relations(&mut self) {
        let free = self.layers.depth() == 0 && !self.adrift && !self.in_text_transaction();
        if !free || !self.is_settled() {
            return;
        }
        let Ok(raw) = self.raw.get() else { return };
        self.awaits_answer = may_lose_step::<DB>();
        let (catalog, analyzer) = (self.pool.catalog(), self.pool.analyzer());
        self.awaits_answer &= !catalog.catch_up::<DB>(raw, analyzer).await;
    }

    /// Waits for the answer to what an earlier caller sent and did not wait for.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        self.keep_step();
        self.raw.wait().await
    }

    /// Lets the connection answer what was given up on it, before it is used again.
    fn keep_step(&mut self) {
        if std::mem::take(&mut self.awaits_answer) {
            self.raw.answer(self.pool.region());
        }
    }

    /// Sent with the next use of the connection, or when it goes back to the pool.
    pub(crate) fn start_rollback(&mut self) {
        self.keep_step();
        self.raw.start_rollback(self.pool.region());
    }

    /// Whether the connection is here and has answered what it was asked.
    pub(crate) const fn is_settled(&self) -> bool {
        self.raw.is_here() && !self.awaits_answer
    }

    fn drain(&mut self, guard: WriteGuard, rollback: bool) {
        self.raw.drain(guard, rollback);
    }

    /// Whether a transaction may be open that was begun by SQL text.
    pub(crate) fn in_text_transaction(&self) -> bool {
        self.text_transaction || self.pool.in_text_transaction()
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
    /// invalidation by `carrier`.
    pub(crate) fn may_wrap(&self, carrier: &Carrier, statement: &Statement<DB>) -> bool {
        let in_text = self.in_text_transaction();
        let free = self.layers.depth() == 0 && !self.adrift && !self.controlled && !in_text;
        let sql = statement.sql.as_str();
        free && carrier.is_ready() && changes_rows(&self.pool.analyzer().analyze(sql), sql)
    }

    /// Notes what `statement` is about to write, and returns the tags that are owed as soon as it is
    /// sent: all of them outside of a transaction; inside one, those of a statement that a rollback
    /// may not undo, and of everything before it.
    pub(crate) fn note(&mut self, statement: &Statement<DB>) -> Tags {
        let sql = statement.sql.as_str();
        let analysis = self.pool.analyzer().analyze(sql);
        self.text_transaction |= analysis.transaction() == Some(TransactionText::Begins);
        self.controlled |= analysis.kind() == Kind::Control;
        if !analysis.may_write() {
            return Tags::new();
        }
        self.mark(&analysis);
        let rows = match self.layers.may_tell_rows() {
            true => self.pool.rows_written(&analysis, statement),
            false => None,
        };
        match (self.layers.top(), rows) {
            (None, rows) => {
                return rows.unwrap_or_else(|| self.pool.tables_written(&analysis, sql));
            }
            (Some(layer), Some(rows)) => layer.wrote_rows(&rows),
            (Some(layer), None) => {
                layer.wrote(&self.pool.tables_written(&analysis, sql), escapes::<DB>(&analysis));
            }
        }
        self.layers.escaped_writes()
    }

    /// Notes that a statement is about to be sent that may change the schema: what is known of it is
    /// dropped now, and whenever the connection commits from now on.
    pub(crate) fn mark(&mut self, analysis: &Analysis) {
        if analysis.changes_schema() {
            self.changes_schema = true;
            self.pool.catalog().forget();
        }
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
        // Before anybody else can have the connection.
        let only = self.pool.has_one_connection();
        self.pool.left_behind().add(self.session.settings(), only);
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
