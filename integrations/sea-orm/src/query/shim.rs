//! The connection that a select runs on: it hands the one statement over to the sqlx adapter.

use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use async_stream::try_stream;
use dogpile_query::Dialect;
use dogpile_sqlx::{Gate, Statement as Bound, TypedQuery};
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, StreamTrait,
};
use sqlx::Error;

use super::Select;
use crate::driver::{Driver, bound};
use crate::error::{carried, of_query};
use crate::metric::Callback;
use crate::stream::{Rows, Started};

/// A select as a query of the sqlx adapter.
pub(super) struct Through<Q, DB> {
    select: Box<Q>,
    /// Hears of the statement if it is sent.
    callback: Option<Callback>,
    database: PhantomData<fn() -> DB>,
}

impl<Q, DB> Through<Q, DB> {
    pub(super) const fn new(select: Box<Q>, callback: Option<Callback>) -> Self {
        Self { select, callback, database: PhantomData }
    }
}

impl<Q: Select, DB: Driver> TypedQuery for Through<Q, DB> {
    type Database = DB;
    type Output = Q::Item;

    fn mapper() -> Option<TypeId> {
        Some(TypeId::of::<Q>())
    }

    fn all<'e>(self, gate: Gate<'e, DB>) -> BoxFuture<'e, Result<Vec<Q::Item>, Error>>
    where
        Self: 'e,
    {
        Box::pin(async move {
            let shim = Shim::new(gate, self.callback);
            self.select.all_on(&shim).await.map_err(carried)
        })
    }

    fn optional<'e>(self, gate: Gate<'e, DB>) -> BoxFuture<'e, Result<Option<Q::Item>, Error>>
    where
        Self: 'e,
    {
        Box::pin(async move {
            let shim = Shim::new(gate, self.callback);
            self.select.one_on(&shim).await.map_err(carried)
        })
    }

    fn stream<'e>(self, gate: Gate<'e, DB>) -> BoxStream<'e, Result<Q::Item, Error>>
    where
        Self: 'e,
    {
        Box::pin(try_stream! {
            let shim = Shim::new(gate, self.callback);
            let mut rows = self.select.stream_on(&shim).await.map_err(carried)?;
            while let Some(row) = rows.try_next().await.map_err(carried)? {
                yield row;
            }
        })
    }
}

/// One statement's way.
struct Shim<'e, DB: Driver> {
    gate: Mutex<Option<Gate<'e, DB>>>,
    callback: Option<Callback>,
}

impl<'e, DB: Driver> Shim<'e, DB> {
    const fn new(gate: Gate<'e, DB>, callback: Option<Callback>) -> Self {
        Self { gate: Mutex::new(Some(gate)), callback }
    }

    /// The statement, and the gate that it is to wait at.
    fn send(&self, statement: Statement) -> Result<(Bound<DB>, Gate<'e, DB>), DbErr> {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner).take();
        let gate = gate.ok_or_else(only_one)?;
        Ok((bound(statement, self.callback.as_ref()).map_err(of_query)?, gate))
    }
}

/// What is a [`Select`] sends no second statement, and no other kind.
fn only_one() -> DbErr {
    DbErr::Query(RuntimeErr::Internal("a cached select sends one statement".into()))
}

#[async_trait::async_trait]
impl<DB: Driver> ConnectionTrait for Shim<'_, DB> {
    fn get_database_backend(&self) -> DbBackend {
        match DB::DIALECT {
            Dialect::MySql => DbBackend::MySql,
            Dialect::Sqlite => DbBackend::Sqlite,
            _ => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(only_one())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(only_one())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (statement, gate) = self.send(statement)?;
        let row = statement.optional(gate).await;
        row.map(|row| row.map(Into::into)).map_err(of_query)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (statement, gate) = self.send(statement)?;
        let rows = statement.all(gate).await.map_err(of_query)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl<DB: Driver> StreamTrait for Shim<'_, DB> {
    type Stream<'a>
        = Rows<'a>
    where
        Self: 'a;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Started<'a> {
        // At once: whoever decides about the statement polls but once.
        let rows = self.send(statement).map(|(statement, gate)| {
            statement.stream(gate).map_ok(Into::into).map_err(of_query).boxed()
        });
        Box::pin(future::ready(rows))
    }
}
