//! Transactions: what was written is invalidated at COMMIT, and forgotten at ROLLBACK.

pub(crate) mod levels;
mod session;

use std::fmt;
use std::ops::{Deref, DerefMut};

use dogpile::{Freshness, Tag, Tags};
use sqlx::{Error, SqlSafeStr, SqlStr};
use sqlx_core::transaction::TransactionManager;

use crate::connection::{CachedConnection, Sending};
use crate::database::CacheDatabase;
use crate::pool::CachedPool;

use session::Session;

/// A transaction, or a savepoint inside one, whose writes invalidate when it commits.
///
/// It derefs to a [`CachedConnection`], so `&mut *tx` runs statements. Dropped, it rolls back.
///
/// Reads inside never touch what others see: nothing is taken from the region and nothing stored
/// in it. A read that is repeated before the transaction has written anything is answered from the
/// transaction's own memory, as long as nothing it depends on has moved.
pub struct CachedTransaction<'c, DB: CacheDatabase> {
    session: Session<'c, DB>,
    state: State,
}

/// How far a transaction has come: what its drop has to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// BEGIN is not answered: the driver undoes it.
    Beginning,
    Open,
    /// COMMIT was sent: it may have happened.
    Committing,
    Ended,
}

impl<DB: CacheDatabase> CachedPool<DB> {
    /// Begins a transaction.
    ///
    /// Reads inside it never touch the cache that others see. What it wrote is invalidated when it
    /// commits, and not when it rolls back.
    ///
    /// # Errors
    ///
    /// Those of [`Pool::begin`](sqlx::Pool::begin).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn begin(&self) -> Result<CachedTransaction<'static, DB>, Error> {
        CachedTransaction::begin_on(self.acquire_to_write().await?.into(), None).await
    }

    /// Begins a transaction with a statement of your own, such as `BEGIN ISOLATION LEVEL SERIALIZABLE`.
    ///
    /// # Errors
    ///
    /// Those of [`Pool::begin_with`](sqlx::Pool::begin_with).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn begin_with(
        &self,
        statement: impl SqlSafeStr,
    ) -> Result<CachedTransaction<'static, DB>, Error> {
        let statement = Some(statement.into_sql_str());
        CachedTransaction::begin_on(self.acquire_to_write().await?.into(), statement).await
    }
}

impl<DB: CacheDatabase> CachedConnection<DB> {
    /// Begins a transaction on this connection; inside one, a savepoint.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Connection::begin`].
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn begin(&mut self) -> Result<CachedTransaction<'_, DB>, Error> {
        CachedTransaction::begin_on(self.into(), None).await
    }
}

impl<'c, DB: CacheDatabase> CachedTransaction<'c, DB> {
    async fn begin_on(session: Session<'c, DB>, statement: Option<SqlStr>) -> Result<Self, Error> {
        let mut transaction = Self { session, state: State::Beginning };
        let session = &mut transaction.session;
        session.settle().await?;
        session.raw()?;
        session.set_adrift(true);
        let begun = match session.raw_even_adrift() {
            Ok(raw) => DB::TransactionManager::begin(raw, statement).await,
            Err(error) => Err(error),
        };
        begun?;
        session.set_adrift(false);
        session.layers.push();
        session.session.begin();
        transaction.state = State::Open;
        Ok(transaction)
    }

    /// Commits, and invalidates what was written before it returns.
    ///
    /// Where the outcome is unknown (the connection was lost while committing) it counts as
    /// committed. A savepoint hands what it wrote to the transaction around it.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Transaction::commit`].
    ///
    /// # Cancel safety
    ///
    /// Dropped in the middle, the server may have committed: what was written is invalidated at
    /// once, and again when the connection has answered.
    pub async fn commit(mut self) -> Result<(), Error> {
        self.session.settle().await?;
        self.session.raw()?;
        self.state = State::Committing;
        let tags = self.session.layers.writes_to_publish();
        let has_escaped = self.session.layers.has_escaped();
        let mut sending = Sending::commit(&mut self.session, tags);
        let carried = match has_escaped {
            true => Ok(()),
            false => sending.carry().await,
        };
        let committed = match carried {
            Ok(()) => {
                sending.fence().await;
                DB::TransactionManager::commit(sending.raw()?).await
            }
            Err(error) => Err(error),
        };
        sending.answered().await;
        match committed {
            Ok(()) => {
                let callbacks = self.session.layers.callbacks_to_run();
                self.end(true);
                callbacks.into_iter().for_each(|callback| callback());
            }
            Err(_) => self.state = State::Open,
        }
        committed
    }

    /// Rolls back; nothing is invalidated.
    ///
    /// # Errors
    ///
    /// Those of [`sqlx::Transaction::rollback`].
    ///
    /// # Cancel safety
    ///
    /// Dropped in the middle, the transaction is rolled back all the same.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.session.settle().await?;
        DB::TransactionManager::rollback(self.session.raw()?).await?;
        self.state = State::Ended;
        self.forget();
        Ok(())
    }

    /// The level has committed, or may have where that is not `certain`: what a savepoint wrote is now
    /// its parent's.
    fn end(&mut self, certain: bool) {
        self.state = State::Ended;
        self.session.session.commit(DB::DIALECT, certain);
        self.session.layers.commit();
        self.leave();
    }

    /// What was said of the transaction ends with it.
    fn leave(&mut self) {
        if self.session.layers.depth() == 0 {
            self.session.freshness = None;
        }
    }

    /// Says how strictly the writes of this transaction invalidate, savepoints included.
    ///
    /// [`Freshness::Durable`] takes a pool of that level, and [`Freshness::Transactional`] a region: on
    /// others the transaction is [`Freshness::Fenced`].
    ///
    /// Default: as those of the pool.
    #[must_use]
    pub fn with_freshness(mut self, freshness: Freshness) -> Self {
        self.session.freshness = Some(freshness);
        self
    }

    /// Runs `callback` when the transaction has committed and what it wrote is invalidated; not if it
    /// rolls back, nor if it is dropped.
    ///
    /// On a savepoint it waits for the transaction around it. Callbacks run in the order in which they
    /// were given. Where the outcome of the COMMIT is unknown they do not run.
    pub fn on_commit(&mut self, callback: impl FnOnce() + Send + Sync + 'static) {
        if let Some(layer) = self.session.layers.top() {
            layer.on_commit(Box::new(callback));
        }
    }

    /// Invalidates every read of the named tables when the transaction commits, and not if it rolls
    /// back. Each is `name` or `schema.name`.
    pub fn invalidate_tables(&mut self, tables: impl IntoIterator<Item = impl AsRef<str>>) {
        let tags = self.session.pool().write_tags_of(tables);
        self.invalidate(tags.iter());
    }

    /// Drops the level; what a rollback may not have undone is invalidated by the guard's drop.
    fn forget(&mut self) {
        self.session.session.rollback(DB::DIALECT);
        let left = self.session.layers.rollback();
        drop(self.session.write_guard(left));
        self.leave();
    }

    /// Invalidates `tags` when the transaction commits, and not if it rolls back.
    pub fn invalidate(&mut self, tags: impl IntoIterator<Item = impl Into<Tag>>) {
        if let Some(layer) = self.session.layers.top() {
            layer.wrote(&tags.into_iter().collect::<Tags>().with_rows(), false);
        }
    }
}

impl<DB: CacheDatabase> Deref for CachedTransaction<'_, DB> {
    type Target = CachedConnection<DB>;

    fn deref(&self) -> &CachedConnection<DB> {
        &self.session
    }
}

impl<DB: CacheDatabase> DerefMut for CachedTransaction<'_, DB> {
    fn deref_mut(&mut self) -> &mut CachedConnection<DB> {
        &mut self.session
    }
}

impl<DB: CacheDatabase> Drop for CachedTransaction<'_, DB> {
    fn drop(&mut self) {
        match self.state {
            State::Beginning | State::Ended => {}
            // The connection is away, and rolls back once it has answered.
            State::Committing => self.end(false),
            State::Open => {
                self.session.start_rollback();
                self.forget();
            }
        }
    }
}

impl<DB: CacheDatabase> fmt::Debug for CachedTransaction<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedTransaction")
            .field("connection", &*self.session)
            .finish_non_exhaustive()
    }
}
