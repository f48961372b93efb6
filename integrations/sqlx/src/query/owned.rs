//! Rows that are the caller's own: for code that maps them itself, and knows of no cache.

use dogpile::Shared;
use futures_core::stream::BoxStream;
use sqlx::Error;

use super::decision::Kept;
use super::fetch::{Prepared, prepare};
use super::shape::{All, First, Shape};
use super::{CachedQuery, TypedQuery};
use crate::database::CacheDatabase;
use crate::pool::CachedPool;

impl<DB: CacheDatabase, Q: TypedQuery<Database = DB, Output = DB::Row>> CachedQuery<Q> {
    /// All rows, the caller's own.
    ///
    /// Rows cannot be copied: what is kept are their raw cells, in a region without a backend too, and
    /// a hit reads them anew. Others are quicker where the caller maps its rows to a type.
    ///
    /// # Errors
    ///
    /// Those of the query's own `fetch_all`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn fetch_all_rows(self, db: &CachedPool<DB>) -> Result<Vec<DB::Row>, Error> {
        self.own::<All>(db).await
    }

    /// The first row, the caller's own, or `None`; as [`fetch_all_rows`](Self::fetch_all_rows).
    ///
    /// # Errors
    ///
    /// Those of the query's own `fetch_optional`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn fetch_optional_row(self, db: &CachedPool<DB>) -> Result<Option<DB::Row>, Error> {
        self.own::<First>(db).await
    }

    /// The rows as a stream, the caller's own; otherwise as [`fetch`](Self::fetch).
    ///
    /// What is stored is what [`fetch_all_rows`](Self::fetch_all_rows) finds, and the other way round.
    ///
    /// # Errors
    ///
    /// The stream yields the errors of the query's own `fetch`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// The stream may be dropped at any point: nothing is stored then.
    pub fn fetch_rows<'e>(self, db: &'e CachedPool<DB>) -> BoxStream<'e, Result<DB::Row, Error>>
    where
        Q: 'e,
    {
        self.pass(db.into(), None)
    }
}

impl<DB: CacheDatabase, Q: TypedQuery<Database = DB, Output = DB::Row>> CachedQuery<Q> {
    pub(super) async fn own<S>(self, db: &CachedPool<DB>) -> Result<S::Value<DB::Row>, Error>
    where
        S: Shape<Value<DB::Row>: Send + Sync + 'static>,
    {
        let rows = match prepare::<S, _, _>(self, db, Kept::Cells).await? {
            Prepared::Ended(rows) => rows,
            // No mapper: nobody else gets these rows.
            Prepared::Asking(held, asked) => Box::pin(held.through_cells(&asked, None)).await?,
        };
        unshared(rows)
    }
}

/// Rows that nobody else was handed.
pub(super) fn unshared<T>(rows: Shared<T>) -> Result<T, Error> {
    let shared = |_| Error::Protocol("the rows of this query belong to others too".into());
    rows.try_into_inner().map_err(shared)
}
