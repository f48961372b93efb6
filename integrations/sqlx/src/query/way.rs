//! The ways in which a cached query is created and kept.

use std::any::type_name;

use dogpile::{Shared, Value};
use sqlx::Error;

use super::decision::Kept;
use super::fetch::{Prepared, prepare};
use super::shape::{All, First, Shape};
use super::{CachedQuery, Target, TypedQuery};

/// Created by the caller's own future. In this process the values themselves are kept, and in a
/// backend the raw cells.
#[derive(Debug, Clone, Copy)]
pub enum Plainly {}

/// Created in a task of its own; made by [`CachedQuery::detached`].
#[derive(Debug, Clone, Copy)]
pub enum Detached {}

/// Kept in a backend as what serde makes of the values; made by [`CachedQuery::typed`].
#[derive(Debug, Clone, Copy)]
pub enum Serialized {}

impl<Q: TypedQuery<Output: Sync>> CachedQuery<Q> {
    /// Runs the query in a task of its own, which outlives its caller.
    ///
    /// A caller that goes away does not end it, and an old result is refreshed in the background while
    /// everybody is served at once. The query must own all its arguments.
    pub fn detached(self) -> CachedQuery<Q, Detached>
    where
        Q: 'static,
    {
        self.going()
    }

    /// Keeps in a backend what serde makes of the values, with the region's codec, instead of the raw
    /// cells.
    ///
    /// It is smaller and quicker to read where a row type takes few of many columns. What serde makes
    /// of a type is the type's own affair: a field with `#[serde(skip)]` comes back as its default. In
    /// a region without a backend it changes nothing.
    pub fn typed(self) -> CachedQuery<Q, Serialized>
    where
        Q::Output: Value,
    {
        self.going()
    }
}

/// The methods that fetch, which are the same for every way.
///
/// A trait of ways would be shorter, and its futures could not be sent to other threads.
macro_rules! fetches {
    () => {
        /// All rows, as a copy of one's own.
        ///
        /// # Errors
        ///
        /// Those of the query's own `fetch_all`; the cache adds none.
        ///
        /// # Cancel safety
        ///
        /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
        pub async fn fetch_all<'e>(
            self,
            db: impl Into<Target<'e, Q::Database>>,
        ) -> Result<Vec<Q::Output>, Error>
        where
            Q: 'e,
            Q::Output: Clone,
        {
            Ok(self.run::<All>(db.into()).await?.into_owned())
        }

        /// All rows, as the value in memory: nothing is copied.
        ///
        /// # Errors
        ///
        /// Those of the query's own `fetch_all`; the cache adds none.
        ///
        /// # Cancel safety
        ///
        /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
        pub async fn fetch_all_shared<'e>(
            self,
            db: impl Into<Target<'e, Q::Database>>,
        ) -> Result<Shared<Vec<Q::Output>>, Error>
        where
            Q: 'e,
        {
            self.run::<All>(db.into()).await
        }

        /// The first row, or `None`. That there is none is remembered too.
        ///
        /// # Errors
        ///
        /// Those of the query's own `fetch_optional`; the cache adds none.
        ///
        /// # Cancel safety
        ///
        /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
        pub async fn fetch_optional<'e>(
            self,
            db: impl Into<Target<'e, Q::Database>>,
        ) -> Result<Option<Q::Output>, Error>
        where
            Q: 'e,
            Q::Output: Clone,
        {
            Ok(self.run::<First>(db.into()).await?.into_owned())
        }

        /// The first row or `None`, as the value in memory.
        ///
        /// # Errors
        ///
        /// Those of the query's own `fetch_optional`; the cache adds none.
        ///
        /// # Cancel safety
        ///
        /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
        pub async fn fetch_optional_shared<'e>(
            self,
            db: impl Into<Target<'e, Q::Database>>,
        ) -> Result<Shared<Option<Q::Output>>, Error>
        where
            Q: 'e,
        {
            self.run::<First>(db.into()).await
        }

        /// The first row.
        ///
        /// # Errors
        ///
        /// [`Error::RowNotFound`] if there is none, from the cache as from the database, and those of
        /// the query's own `fetch_one`; the cache adds none.
        ///
        /// # Cancel safety
        ///
        /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
        pub async fn fetch_one<'e>(
            self,
            db: impl Into<Target<'e, Q::Database>>,
        ) -> Result<Q::Output, Error>
        where
            Q: 'e,
            Q::Output: Clone,
        {
            self.fetch_optional(db).await?.ok_or(Error::RowNotFound)
        }
    };
}

impl<Q: TypedQuery<Output: Sync>> CachedQuery<Q> {
    fetches!();

    /// Fetches the part of the result that `S` names, wherever it is. What asks nobody but this process
    /// is here; all that waits for somebody is in a box, so that a hit moves a small future.
    async fn run<'e, S>(
        self,
        target: Target<'e, Q::Database>,
    ) -> Result<Shared<S::Value<Q::Output>>, Error>
    where
        S: Shape<Value<Q::Output>: Send + Sync + 'static>,
        Q: 'e,
    {
        let pool = match target {
            Target::Pool(pool) => pool,
            Target::Connection(connection) => {
                return Box::pin(self.on_connection::<S>(connection)).await;
            }
        };
        let kept = Kept::of::<Q>(pool, self.options.region(pool));
        match (prepare::<S, Q, _>(self, pool, kept).await?, kept) {
            (Prepared::Ended(value), _) => Ok(value),
            (Prepared::Asking(held, asked), Kept::Values(_)) => held.through_values(&asked).await,
            (Prepared::Asking(held, asked), _) => {
                Box::pin(held.through_cells(&asked, Q::mapper())).await
            }
        }
    }
}

impl<Q: TypedQuery<Output: Sync> + 'static> CachedQuery<Q, Detached> {
    fetches!();

    async fn run<S>(
        self,
        target: Target<'_, Q::Database>,
    ) -> Result<Shared<S::Value<Q::Output>>, Error>
    where
        S: Shape<Value<Q::Output>: Send + Sync + 'static>,
    {
        let pool = match target {
            Target::Pool(pool) => pool,
            Target::Connection(connection) => {
                return Box::pin(self.on_connection::<S>(connection)).await;
            }
        };
        let kept = Kept::of::<Q>(pool, self.options.region(pool));
        match (prepare::<S, Q, _>(self, pool, kept).await?, kept) {
            (Prepared::Ended(value), _) => Ok(value),
            (Prepared::Asking(held, asked), Kept::Values(_)) => {
                Box::pin(held.values_detached(&asked)).await
            }
            (Prepared::Asking(held, asked), _) => {
                Box::pin(held.cells_detached(&asked, Q::mapper())).await
            }
        }
    }
}

impl<Q: TypedQuery<Output: Value>> CachedQuery<Q, Serialized> {
    fetches!();

    async fn run<'e, S>(
        self,
        target: Target<'e, Q::Database>,
    ) -> Result<Shared<S::Value<Q::Output>>, Error>
    where
        S: Shape<Value<Q::Output>: Value>,
        Q: 'e,
    {
        let pool = match target {
            Target::Pool(pool) => pool,
            Target::Connection(connection) => {
                return Box::pin(self.on_connection::<S>(connection)).await;
            }
        };
        let kept = match Kept::of::<Q>(pool, self.options.region(pool)) {
            Kept::Cells if pool.verifier().is_none() => Kept::Serialized(type_name::<Q::Output>()),
            kept => kept,
        };
        match (prepare::<S, Q, _>(self, pool, kept).await?, kept) {
            (Prepared::Ended(value), _) => Ok(value),
            (Prepared::Asking(held, asked), Kept::Values(_)) => held.through_values(&asked).await,
            (Prepared::Asking(held, asked), Kept::Cells) => {
                Box::pin(held.through_cells(&asked, Q::mapper())).await
            }
            (Prepared::Asking(held, asked), _) => Box::pin(held.through_codec(&asked)).await,
        }
    }
}
