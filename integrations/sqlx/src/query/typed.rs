//! The kinds of query: whose rows become values of a type, or stay rows.

use std::any::TypeId;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::query::{Map, Query, QueryAs, QueryScalar};
use sqlx::{Error, Executor, FromRow, IntoArguments};

use super::gate::Gate;
use crate::database::CacheDatabase;
use crate::statement::Statement;

/// A query of sqlx that maps its rows: `QueryAs`, `QueryScalar` or `Map`; or that does not: `Query`.
///
/// Sealed: its methods speak of types that are not public.
pub trait TypedQuery: Sized + Send {
    /// The database it is for.
    type Database: CacheDatabase;
    /// What a row becomes.
    type Output: Send + Unpin + 'static;

    /// What tells this way of mapping rows from every other; `None` where nothing can, because a
    /// closure carries values of its own.
    #[doc(hidden)]
    fn mapper() -> Option<TypeId>;

    /// Whether the rows are the caller's own, so that nobody may be handed the same.
    #[doc(hidden)]
    const OWN_ROWS: bool = false;

    #[doc(hidden)]
    fn all<'e>(
        self,
        gate: Gate<'e, Self::Database>,
    ) -> BoxFuture<'e, Result<Vec<Self::Output>, Error>>
    where
        Self: 'e;

    #[doc(hidden)]
    fn optional<'e>(
        self,
        gate: Gate<'e, Self::Database>,
    ) -> BoxFuture<'e, Result<Option<Self::Output>, Error>>
    where
        Self: 'e;

    #[doc(hidden)]
    fn stream<'e>(
        self,
        gate: Gate<'e, Self::Database>,
    ) -> BoxStream<'e, Result<Self::Output, Error>>
    where
        Self: 'e;
}

/// The queries' own methods, which run their own mappers.
macro_rules! own_methods {
    () => {
        fn all<'e>(self, gate: Gate<'e, DB>) -> BoxFuture<'e, Result<Vec<Self::Output>, Error>>
        where
            Self: 'e,
        {
            Box::pin(self.fetch_all(gate))
        }

        fn optional<'e>(
            self,
            gate: Gate<'e, DB>,
        ) -> BoxFuture<'e, Result<Option<Self::Output>, Error>>
        where
            Self: 'e,
        {
            Box::pin(self.fetch_optional(gate))
        }

        fn stream<'e>(self, gate: Gate<'e, DB>) -> BoxStream<'e, Result<Self::Output, Error>>
        where
            Self: 'e,
        {
            self.fetch(gate)
        }
    };
}

impl<'q, DB, O, A> TypedQuery for QueryAs<'q, DB, O, A>
where
    DB: CacheDatabase,
    O: Send + Unpin + for<'r> FromRow<'r, DB::Row> + 'static,
    A: 'q + IntoArguments<DB>,
{
    type Database = DB;
    type Output = O;

    fn mapper() -> Option<TypeId> {
        Some(TypeId::of::<O>())
    }

    own_methods!();
}

impl<'q, DB, O, A> TypedQuery for QueryScalar<'q, DB, O, A>
where
    DB: CacheDatabase,
    O: Send + Unpin + 'static,
    A: 'q + IntoArguments<DB>,
    (O,): Send + Unpin + for<'r> FromRow<'r, DB::Row>,
{
    type Database = DB;
    type Output = O;

    fn mapper() -> Option<TypeId> {
        // Not the same as `O` by `FromRow`.
        Some(TypeId::of::<(O,)>())
    }

    own_methods!();
}

impl<'q, DB, F, O, A> TypedQuery for Map<'q, DB, F, A>
where
    DB: CacheDatabase,
    F: FnMut(DB::Row) -> Result<O, Error> + Send + 'static,
    O: Send + Unpin + 'static,
    A: 'q + Send + IntoArguments<DB>,
{
    type Database = DB;
    type Output = O;

    fn mapper() -> Option<TypeId> {
        // Only a closure without captures, or a function, is the same whenever its type is.
        (size_of::<F>() == 0).then(TypeId::of::<F>)
    }

    own_methods!();
}

/// The rows themselves, shared by whoever asks: they cannot be copied.
impl<'q, DB, A> TypedQuery for Query<'q, DB, A>
where
    DB: CacheDatabase<Row: Unpin + 'static>,
    A: 'q + Send + IntoArguments<DB>,
{
    type Database = DB;
    type Output = DB::Row;

    fn mapper() -> Option<TypeId> {
        Some(TypeId::of::<DB::Row>())
    }

    own_methods!();
}

/// A statement of code that knows of no cache: its rows are its own.
impl<DB: CacheDatabase> TypedQuery for Statement<DB> {
    type Database = DB;
    type Output = DB::Row;

    const OWN_ROWS: bool = true;

    fn mapper() -> Option<TypeId> {
        None
    }

    fn all<'e>(mut self, gate: Gate<'e, DB>) -> BoxFuture<'e, Result<Vec<DB::Row>, Error>>
    where
        Self: 'e,
    {
        gate.heard_by(self.ear.take()).fetch_all(self)
    }

    fn optional<'e>(mut self, gate: Gate<'e, DB>) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        Self: 'e,
    {
        gate.heard_by(self.ear.take()).fetch_optional(self)
    }

    fn stream<'e>(mut self, gate: Gate<'e, DB>) -> BoxStream<'e, Result<DB::Row, Error>>
    where
        Self: 'e,
    {
        gate.heard_by(self.ear.take()).fetch(self)
    }
}
