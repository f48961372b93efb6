//! Where a statement that was held back runs in the end.

use dogpile_query::Dialect;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use sqlx::{Either, Error};

use crate::connection::CachedConnection;
use crate::database::{CacheDatabase, Step};
use crate::pool::CachedPool;
use crate::statement::Statement;

/// Where a released statement runs. Both ways invalidate what it writes.
pub(super) enum Route<'c, DB: CacheDatabase> {
    Pool(CachedPool<DB>),
    Connection(&'c mut CachedConnection<DB>),
    /// Nowhere: these are the rows.
    Rows(Vec<DB::Row>),
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
            Self::Rows(_) => stream::empty().boxed(),
        }
    }

    fn writes(&self, statement: &Statement<DB>) -> bool {
        let pool = match self {
            Self::Pool(pool) => pool,
            Self::Connection(connection) => connection.pool(),
            Self::Rows(_) => return false,
        };
        pool.analyzer().analyze(statement.sql.as_str()).may_write()
    }

    /// The first row, or the word of the driver that there is none; `None` if it said nothing.
    pub(super) async fn fetch_first(
        self,
        statement: Statement<DB>,
    ) -> Result<Option<Step<DB>>, Error> {
        // SQLite's `fetch_optional` cannot tell "no row" from a connection that has died. A write
        // must be run to its end all the same.
        if DB::DIALECT == Dialect::Sqlite && !self.writes(&statement) {
            let mut steps = self.fetch_many(statement);
            let mut last = None;
            while let Some(step) = steps.try_next().await? {
                let is_row = step.is_right();
                last = Some(step);
                if is_row {
                    break;
                }
            }
            return Ok(last);
        }
        let row = match self {
            Self::Pool(pool) => pool.run_for_first_row(statement).await?,
            Self::Connection(connection) => connection.run_for_first_row(statement).await?,
            Self::Rows(_) => return Ok(None),
        };
        Ok(Some(row.map_or_else(|| Either::Left(DB::QueryResult::default()), Either::Right)))
    }
}
