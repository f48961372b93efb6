//! Errors as sea-orm would have given them.

use std::fmt::Debug;

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
pub(crate) fn of_acquire(error: Error) -> DbErr {
    match error {
        Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
    }
}

/// A query failed.
pub(crate) fn of_query(error: Error) -> DbErr {
    match error {
        Error::PoolTimedOut | Error::PoolClosed => of_acquire(error),
        other => of_select(other).unwrap_or_else(|e| DbErr::Query(RuntimeErr::SqlxError(e.into()))),
    }
}

/// A statement failed.
pub(crate) fn of_exec(error: Error) -> DbErr {
    match error {
        Error::PoolTimedOut | Error::PoolClosed => of_acquire(error),
        other => DbErr::Exec(RuntimeErr::SqlxError(other.into())),
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
