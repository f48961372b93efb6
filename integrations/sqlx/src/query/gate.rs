//! An executor that holds a query's statement back until it is released.

use std::fmt;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt, future, stream};
use sqlx::{Either, Error, Execute, Executor, SqlStr};

use super::capture::Capture;
use crate::database::{CacheDatabase, Describe, Step};
use crate::statement::Statement;

/// What a query's own `fetch` is given to run on.
pub struct Gate<'c, DB: CacheDatabase>(Arc<Capture<'c, DB>>);

impl<'c, DB: CacheDatabase> Gate<'c, DB> {
    pub(super) fn new(capture: &Arc<Capture<'c, DB>>) -> Self {
        Self(Arc::clone(capture))
    }
}

impl<'c, DB: CacheDatabase> Executor<'c> for Gate<'c, DB> {
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step<DB>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let Self(capture) = self;
        match Statement::take(query) {
            Ok(statement) => capture.put(statement),
            Err(error) => return stream::once(future::ready(Err(error))).boxed(),
        }
        let counted = Arc::clone(&capture);
        async move {
            match capture.released().await {
                Some((statement, route)) => route.fetch_many(statement),
                None => stream::empty().boxed(),
            }
        }
        .flatten_stream()
        .inspect_ok(move |step| match step {
            Either::Right(row) => counted.add_bytes(DB::row_bytes(row)),
            Either::Left(_) => counted.end(),
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let Self(capture) = self;
        match Statement::take(query) {
            Ok(statement) => capture.put(statement),
            Err(error) => return Box::pin(future::ready(Err(error))),
        }
        Box::pin(async move {
            let Some((statement, route)) = capture.released().await else { return Ok(None) };
            let first = route.fetch_first(statement).await?;
            if let Some(first) = &first {
                capture.add_bytes(first.as_ref().right().map_or(0, DB::row_bytes));
                capture.end();
            }
            Ok(first.and_then(Either::right))
        })
    }

    fn prepare_with<'e>(
        self,
        _: SqlStr,
        _: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, Error>>
    where
        'c: 'e,
    {
        Box::pin(future::ready(Err(only_fetches())))
    }

    fn describe<'e>(self, _: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, Error>>
    where
        'c: 'e,
    {
        Box::pin(future::ready(Err(only_fetches())))
    }
}

/// The fetch methods of sqlx's queries call nothing else; if one ever does, this says so.
fn only_fetches() -> Error {
    Error::Protocol("a cached query can only be fetched".into())
}

impl<DB: CacheDatabase> fmt::Debug for Gate<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}
