//! Where a statement that was held back runs in the end.

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::Error;

use crate::connection::CachedConnection;
use crate::database::{CacheDatabase, Step};
use crate::pool::CachedPool;
use crate::statement::Statement;

/// Where a released statement runs. Both ways invalidate what it writes.
pub(super) enum Route<'c, DB: CacheDatabase> {
    Pool(CachedPool<DB>),
    Connection(&'c mut CachedConnection<DB>),
}

impl<'c, DB: CacheDatabase> Route<'c, DB> {
    pub(super) fn fetch_many<'e>(
        self,
        statement: Statement<DB>,
    ) -> BoxStream<'e, Result<Step<DB>, Error>>
    where
        'c: 'e,
    {
        match self {
            Self::Pool(pool) => pool.run(statement),
            Self::Connection(connection) => connection.run(statement),
        }
    }

    pub(super) fn fetch_optional<'e>(
        self,
        statement: Statement<DB>,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        'c: 'e,
    {
        match self {
            Self::Pool(pool) => pool.run_for_first_row(statement),
            Self::Connection(connection) => connection.run_for_first_row(statement),
        }
    }
}
