//! What a database does on the session that holds its locks.

use std::fmt;

use dogpile::backend::Put;

use super::held::Id;
use crate::backend::dialect::{Call, Life};
use crate::error::Failure;

/// Why nothing came of a statement.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It failed.
    Failed(Failure),
    /// Another session answered than the one that was asked: somebody in between shares them out.
    Pooled,
}

impl<F: Into<Failure>> From<F> for Trouble {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}

/// A statement on the session.
pub(crate) type Sent<'a, T> = dogpile::BoxFuture<'a, Result<T, Trouble>>;

/// Makes sessions that belong to nobody else.
pub(crate) trait Sessions: fmt::Debug + Send + Sync + 'static {
    /// A session without locks, which the server ends by itself when it hears nothing for
    /// [`SILENCE`](super::SILENCE).
    fn begin(&self) -> Sent<'_, Box<dyn Session>>;
}

/// A session that holds locks: they end with it.
pub(crate) trait Session: Send {
    /// Tries to lock; says of each whether it did. Never waits for a lock.
    fn lock<'a>(&'a mut self, ids: &'a [Id]) -> Sent<'a, Vec<bool>>;

    /// Gives locks back.
    fn unlock<'a>(&'a mut self, ids: &'a [Id]) -> Sent<'a, ()>;

    /// Stores entries, as [`Dialect::store`](crate::backend::dialect::Dialect::store) does those without a
    /// lease. What is sent on this session is done while its locks are held, or not at all.
    fn store<'a>(
        &'a mut self,
        puts: &'a [&'a Put<'a>],
        extend: &'a [&'a str],
        life: Life,
    ) -> Sent<'a, ()>;

    /// Looks whether it is still there, and shows the server that somebody is here.
    fn beat(&mut self) -> Sent<'_, ()>;

    /// Ends it.
    fn end(self: Box<Self>) -> Call<'static, ()>;
}
