//! Which part of a result a value holds, and how the query is asked for it.

use futures_core::future::BoxFuture;
use sqlx::Error;

use super::TypedQuery;
use super::gate::Gate;

/// All rows, or the first one.
pub(super) trait Shape {
    /// What is kept for rows that become `O`.
    type Value<O>;

    /// Tells the shapes apart in a fingerprint.
    const CODE: u8;

    /// Whether only the first row is asked for.
    const FIRST_ONLY: bool;

    /// The rows in a value.
    fn rows<O>(value: &Self::Value<O>) -> &[O];

    /// Whether there are none.
    fn is_none<O>(value: &Self::Value<O>) -> bool {
        Self::rows(value).is_empty()
    }

    /// Starts the query's own fetch.
    fn start<'e, Q: TypedQuery + 'e>(
        query: Q,
        gate: Gate<'e, Q::Database>,
    ) -> BoxFuture<'e, Result<Self::Value<Q::Output>, Error>>;
}

pub(super) struct All;

impl Shape for All {
    type Value<O> = Vec<O>;

    const CODE: u8 = 0;

    const FIRST_ONLY: bool = false;

    fn rows<O>(value: &Vec<O>) -> &[O] {
        value
    }

    fn start<'e, Q: TypedQuery + 'e>(
        query: Q,
        gate: Gate<'e, Q::Database>,
    ) -> BoxFuture<'e, Result<Vec<Q::Output>, Error>> {
        query.all(gate)
    }
}

pub(super) struct First;

impl Shape for First {
    type Value<O> = Option<O>;

    const CODE: u8 = 1;

    const FIRST_ONLY: bool = true;

    fn rows<O>(value: &Option<O>) -> &[O] {
        value.as_slice()
    }

    fn start<'e, Q: TypedQuery + 'e>(
        query: Q,
        gate: Gate<'e, Q::Database>,
    ) -> BoxFuture<'e, Result<Option<Q::Output>, Error>> {
        query.optional(gate)
    }
}
