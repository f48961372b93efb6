//! Errors as sea-orm would have given them.

use std::fmt::Debug;

use dogpile_sqlx::Unacquired;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};
use sqlx::Error;

/// A connection that is not one of sqlx's.
pub(crate) fn unsupported(connection: impl Debug) -> DbErr {
    let why = format!(
        "{connection:?} cannot be cached: only connections of sea-orm's features sqlx-postgres, \
         sqlx-mysql and sqlx-sqlite can, where dogpile-sea-orm has the feature of the same name"
    );
    DbErr::Conn(RuntimeErr::Internal(why))
}

/// A connection could not be had.
fn of_acquire(error: Error) -> DbErr {
    match error {
        Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
    }
}

/// A query failed, a transaction, or taking a connection for it.
pub(crate) fn of_query(error: Error) -> DbErr {
    of_select(error).unwrap_or_else(|error| of(error, DbErr::Query))
}

/// A statement failed, or taking a connection for it.
pub(crate) fn of_exec(error: Error) -> DbErr {
    of(error, DbErr::Exec)
}

/// sea-orm takes the connection itself, and so knows which of the two has failed.
fn of(error: Error, failed: fn(RuntimeErr) -> DbErr) -> DbErr {
    match Unacquired::inside(error) {
        Ok(error) => of_acquire(error),
        Err(error) => failed(RuntimeErr::SqlxError(error.into())),
    }
}

/// An error of sea-orm on its way through sqlx, and back.
pub(crate) fn carried(error: DbErr) -> Error {
    Error::Decode(Box::new(Carried(error)))
}

fn of_select(error: Error) -> Result<DbErr, Error> {
    match error {
        Error::Decode(inner) => match inner.downcast::<Carried>() {
            Ok(carried) => Ok(carried.0),
            Err(inner) => Err(Error::Decode(inner)),
        },
        other => Err(other),
    }
}

#[derive(Debug)]
struct Carried(DbErr);

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Carried {}
