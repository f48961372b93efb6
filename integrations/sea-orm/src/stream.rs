//! Results row by row.

use std::pin::Pin;

use async_stream::try_stream;
use dogpile_sqlx::{CachedConnection as Connection, CachedPool};
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, StreamTrait};

use crate::connection::CachedConnection;
use crate::driver::{Driver, bound, on, rows};
use crate::error::of_query;
use crate::metric::Callback;
use crate::transaction::CachedTransaction;

pub(crate) type Rows<'a> = BoxStream<'a, Result<QueryResult, DbErr>>;
pub(crate) type Started<'a> = Pin<Box<dyn Future<Output = Result<Rows<'a>, DbErr>> + Send + 'a>>;

/// A stream is answered by the rules that any other read on the connection has. What is cached comes
/// from the cache; what is not goes by at the consumer's pace, and is stored if it was read to its clean
/// end and is not too large for the region.
impl StreamTrait for CachedConnection {
    type Stream<'a> = Rows<'a>;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Started<'a> {
        let writes = on!(Pool, &self.pool, pool => pool.analyze_past(&statement.sql).may_write());
        let rows = on!(Pool, &self.pool, pool => self.stream_on(pool, statement));
        Box::pin(async move {
            match writes {
                // Sent when it is asked for its rows, and not before.
                true => rows,
                false => begun(rows?).await,
            }
        })
    }
}

/// Waits for the first row: that no connection can be had sea-orm says before there is a stream.
pub(crate) async fn begun<'r, T: Send + 'r>(
    rows: BoxStream<'r, Result<T, DbErr>>,
) -> Result<BoxStream<'r, Result<T, DbErr>>, DbErr> {
    let mut rows = rows.peekable();
    let is_unconnected =
        |first: &_| matches!(first, Err(DbErr::Conn(_) | DbErr::ConnectionAcquire(_)));
    match Pin::new(&mut rows).next_if(is_unconnected).await {
        Some(Err(error)) => Err(error),
        _ => Ok(rows.boxed()),
    }
}

impl CachedConnection {
    fn stream_on<'a, DB: Driver>(
        &self,
        pool: &'a CachedPool<DB>,
        statement: Statement,
    ) -> Result<Rows<'a>, DbErr> {
        let options = self.reads.of_looked_up(pool, &statement.sql);
        let statement = bound(statement, self.callback()).map_err(of_query)?;
        let rows = match options {
            Some(options) => options.with_query(|()| statement).fetch_rows(pool),
            None => rows(pool.run(statement)),
        };
        Ok(rows.map_ok(Into::into).map_err(of_query).boxed())
    }
}

/// A stream in a transaction comes from the database.
impl StreamTrait for CachedTransaction {
    type Stream<'a> = Rows<'a>;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Started<'a> {
        Box::pin(async move {
            let mut session = self.session().await?;
            let rows: Rows<'a> = Box::pin(try_stream! {
                let mut rows = on!(Session, &mut *session, connection => {
                    on_connection(connection, statement, self.callback())
                })?;
                while let Some(row) = rows.try_next().await? {
                    yield row;
                }
            });
            Ok(rows)
        })
    }
}

fn on_connection<'c, DB: Driver>(
    connection: &'c mut Connection<DB>,
    statement: Statement,
    callback: Option<&Callback>,
) -> Result<Rows<'c>, DbErr> {
    let statement = bound(statement, callback).map_err(of_query)?;
    Ok(rows(connection.run(statement)).map_ok(Into::into).map_err(of_query).boxed())
}
