//! Results row by row.

use std::pin::Pin;

use async_stream::try_stream;
use dogpile_sqlx::CachedConnection as Connection;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, StreamTrait};

use crate::connection::CachedConnection;
use crate::driver::{Driver, bound, on};
use crate::error::of_query;
use crate::transaction::CachedTransaction;

type Rows<'a> = BoxStream<'a, Result<QueryResult, DbErr>>;
type Started<'a> = Pin<Box<dyn Future<Output = Result<Rows<'a>, DbErr>> + Send + 'a>>;

/// A stream reads past the cache: whoever streams wants no result in memory.
impl StreamTrait for CachedConnection {
    type Stream<'a> = Rows<'a>;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Started<'a> {
        let rows: Rows<'a> = on!(Pool, &self.pool, pool => {
            bound(statement).fetch(pool).map_ok(Into::into).map_err(of_query).boxed()
        });
        Box::pin(async move { Ok(rows) })
    }
}

impl StreamTrait for CachedTransaction {
    type Stream<'a> = Rows<'a>;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Started<'a> {
        Box::pin(async move {
            let mut session = self.session().await?;
            let rows: Rows<'a> = Box::pin(try_stream! {
                let mut rows = on!(Session, &mut *session, it => on_connection(it, statement));
                while let Some(row) = rows.try_next().await? {
                    yield row;
                }
            });
            Ok(rows)
        })
    }
}

fn on_connection<DB: Driver>(connection: &mut Connection<DB>, statement: Statement) -> Rows<'_> {
    bound(statement).fetch(connection).map_ok(Into::into).map_err(of_query).boxed()
}
