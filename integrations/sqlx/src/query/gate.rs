//! An executor that holds a query's statement back until it is released.

use std::fmt;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt, future, stream};
use sqlx::{Either, Error, Execute, Executor, SqlStr};

use super::capture::Capture;
use super::route::Route;
use crate::database::{CacheDatabase, Describe, Step};
use crate::hearing::Ear;
use crate::statement::Statement;

/// What a query's own `fetch` is given to run on.
pub struct Gate<'c, DB: CacheDatabase>(Arc<Capture<'c, DB>>, Option<Ear>);

impl<'c, DB: CacheDatabase> Gate<'c, DB> {
    pub(super) fn new(capture: &Arc<Capture<'c, DB>>) -> Self {
        Self(Arc::clone(capture), None)
    }

    /// The same gate; `ear` hears of the statement if it is sent to the database.
    pub(super) fn heard_by(self, ear: Option<Ear>) -> Self {
        Self(self.0, ear)
    }
}

impl<'c, DB: CacheDatabase> Executor<'c> for Gate<'c, DB> {
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step<DB>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let Self(capture, ear) = self;
        match Statement::take(query) {
            Ok(statement) => capture.put(statement.heard_by(ear)),
            Err(error) => return stream::once(future::ready(Err(error))).boxed(),
        }
        let counted = Arc::clone(&capture);
        async move {
            match capture.released().await {
                // Not seen: somebody else may be recording rows from the database meanwhile.
                (Route::Rows(rows), _) => replayed::<DB>(rows),
                (route, Some(statement)) => {
                    let steps = route.fetch_many(statement);
                    steps.inspect_ok(move |step| counted.saw(step)).boxed()
                }
                (_, None) => stream::empty().boxed(),
            }
        }
        .flatten_stream()
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
        let Self(capture, ear) = self;
        match Statement::take(query) {
            Ok(statement) => capture.put(statement.heard_by(ear)),
            Err(error) => return Box::pin(future::ready(Err(error))),
        }
        Box::pin(async move {
            let first = match capture.released().await {
                (Route::Rows(rows), _) => return Ok(rows.into_iter().next()),
                (route, Some(statement)) => route.fetch_first(statement).await?,
                (_, None) => None,
            };
            if let Some(first) = &first {
                capture.saw_first(first);
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

/// Rows as the driver says them.
fn replayed<'e, DB: CacheDatabase>(rows: Vec<DB::Row>) -> BoxStream<'e, Result<Step<DB>, Error>> {
    let end = Either::Left(DB::QueryResult::default());
    stream::iter(rows.into_iter().map(Either::Right).chain([end]).map(Ok)).boxed()
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
