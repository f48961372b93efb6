//! A cached select, row by row.

use async_stream::try_stream;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sea_orm::DbErr;
use tokio::sync::MutexGuard;

use super::shim::Through;
use super::source::{Kind, Place};
use super::{CachedSelect, SelectStream, Source};
use crate::driver::{Session, on};
use crate::error::of_query;
use crate::metric::Callback;
use crate::stream::begun;

impl<Q: SelectStream> CachedSelect<Q> {
    /// The rows as a stream.
    ///
    /// What is cached comes from the cache, as copies, and is the same as for [`all`](Self::all). A miss
    /// streams from the database at the consumer's pace, so nobody waits for it; what it yielded is
    /// stored if the stream is read to its clean end, and was not too large for the region. In a
    /// transaction it comes from the database.
    ///
    /// # Errors
    ///
    /// Those of the select's own `stream`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// The stream may be dropped at any point: nothing is stored then.
    pub async fn stream<'s>(
        self,
        db: &'s impl Source,
    ) -> Result<BoxStream<'s, Result<Q::Item, DbErr>>, DbErr>
    where
        Q::Item: Clone,
    {
        match db.place().await? {
            Place(Kind::Pool(db)) => {
                let rows = on!(Pool, &db.pool, pool => {
                    let query = self.0.under(&db.reads.of_marked());
                    let query = query.with_query(|it| Through::new(it, db.callback().cloned()));
                    query.fetch(pool).map_err(of_query).boxed()
                });
                begun(rows).await
            }
            Place(Kind::Session(session, callback)) => Ok(self.in_session(session, callback)),
        }
    }

    /// The stream has the connection to its end.
    fn in_session(
        self,
        mut session: MutexGuard<'_, Session>,
        callback: Option<Callback>,
    ) -> BoxStream<'_, Result<Q::Item, DbErr>>
    where
        Q::Item: Clone,
    {
        Box::pin(try_stream! {
            let mut rows = on!(Session, &mut *session, connection => {
                self.0.with_query(|it| Through::new(it, callback)).fetch(connection)
            });
            while let Some(row) = rows.try_next().await.map_err(of_query)? {
                yield row;
            }
        })
    }
}
