//! The connection that a select runs on: it hands the one statement over to the sqlx adapter.

use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use dogpile_query::Dialect;
use dogpile_sqlx::{Gate, TypedQuery};
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sqlx::Error;

use super::Select;
use crate::driver::{Driver, bound};
use crate::error::{carried, of_query};

/// A select as a query of the sqlx adapter.
pub(super) struct Through<Q, DB> {
    select: Box<Q>,
    database: PhantomData<fn() -> DB>,
}

impl<Q, DB> Through<Q, DB> {
    pub(super) const fn new(select: Box<Q>) -> Self {
        Self { select, database: PhantomData }
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
            let shim = Shim::new(gate);
            self.select.all_on(&shim).await.map_err(carried)
        })
    }

    fn optional<'e>(self, gate: Gate<'e, DB>) -> BoxFuture<'e, Result<Option<Q::Item>, Error>>
    where
        Self: 'e,
    {
        Box::pin(async move {
            let shim = Shim::new(gate);
            self.select.one_on(&shim).await.map_err(carried)
        })
    }

    fn stream<'e>(self, gate: Gate<'e, DB>) -> BoxStream<'e, Result<Q::Item, Error>>
    where
        Self: 'e,
    {
        let all = self.all(gate);
        stream::once(async move { all.await.map(|rows| stream::iter(rows.into_iter().map(Ok))) })
            .try_flatten()
            .boxed()
    }
}

/// One statement's way.
struct Shim<'e, DB: Driver>(Mutex<Option<Gate<'e, DB>>>);

impl<'e, DB: Driver> Shim<'e, DB> {
    const fn new(gate: Gate<'e, DB>) -> Self {
        Self(Mutex::new(Some(gate)))
    }

    fn gate(&self) -> Result<Gate<'e, DB>, DbErr> {
        let gate = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        gate.ok_or_else(only_one)
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
        let row = bound(statement).fetch_optional(self.gate()?).await;
        row.map(|row| row.map(Into::into)).map_err(of_query)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = bound(statement).fetch_all(self.gate()?).await.map_err(of_query)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
