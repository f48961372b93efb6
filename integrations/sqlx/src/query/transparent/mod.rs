//! Statements of code that knows of no cache, on a pool that is transparent.
//!
//! What wants one row goes the way of any cached query. Everything else asks for the steps of a
//! statement, and nobody can tell here whether a list is made of them or a stream: so they are read
//! as far as the region would keep them, by one caller for all, and what is larger goes on as a
//! stream. On a connection nobody waits for anybody, and the steps are kept as they pass.

mod live;
mod on_connection;
mod on_pool;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::Error;

use super::CachedQuery;
use super::owned::unshared;
use super::shape::First;
use crate::connection::CachedConnection;
use crate::database::{CacheDatabase, Step};
use crate::pool::CachedPool;
use crate::statement::Statement;

impl<DB: CacheDatabase> CachedPool<DB> {
    /// The steps of a statement, from the cache if the pool is transparent and its rules allow it.
    pub(crate) fn answer<'e>(
        &self,
        statement: Statement<DB>,
    ) -> BoxStream<'e, Result<Step<DB>, Error>> {
        match self.may_answer(&statement) {
            true => on_pool::steps(self.clone(), statement),
            false => self.run(statement),
        }
    }

    /// The first row of a statement, as [`answer`](Self::answer).
    pub(crate) fn answer_first<'e>(
        &self,
        statement: Statement<DB>,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>> {
        if !self.may_answer(&statement) {
            return self.run_for_first_row(statement);
        }
        let pool = self.clone();
        Box::pin(async move { CachedQuery::new(statement).plain().own::<First>(&pool).await })
    }
}

impl<DB: CacheDatabase> CachedConnection<DB> {
    /// The steps of a statement, from the cache if the pool is transparent, its rules allow it, and
    /// this is in no transaction.
    pub(crate) fn answer(
        &mut self,
        statement: Statement<DB>,
    ) -> BoxStream<'_, Result<Step<DB>, Error>> {
        match self.may_answer(&statement) {
            true => on_connection::steps(self, statement),
            false => self.run(statement),
        }
    }

    /// The first row of a statement, as [`answer`](Self::answer).
    pub(crate) fn answer_first(
        &mut self,
        statement: Statement<DB>,
    ) -> BoxFuture<'_, Result<Option<DB::Row>, Error>> {
        if !self.may_answer(&statement) {
            return self.run_for_first_row(statement);
        }
        let query = CachedQuery::new(statement).plain();
        Box::pin(async move { unshared(query.on_connection::<First>(self).await?) })
    }

    fn may_answer(&self, statement: &Statement<DB>) -> bool {
        self.layers.depth() == 0 && self.pool().may_answer(statement)
    }
}
