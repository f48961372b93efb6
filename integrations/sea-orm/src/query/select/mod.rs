//! Which of sea-orm's queries can be cached with their values.
//!
//! A cursor is not among them: it turns the rows of its last page around, and its type does not tell.

mod many;
mod models;
mod paged;
mod selector;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};
use sea_orm::{ConnectionTrait, DbErr, StreamTrait};

pub use paged::SelectPaged;
pub(super) use paged::{Count, Items, Page};

/// What a query of sea-orm gives for its rows.
type All<'a, T> = BoxFuture<'a, Result<Vec<T>, DbErr>>;
/// What it gives for its first row.
type One<'a, T> = BoxFuture<'a, Result<Option<T>, DbErr>>;
/// What it gives for its rows one by one.
type Streamed<'a, T> = BoxFuture<'a, Result<BoxStream<'a, Result<T, DbErr>>, DbErr>>;

/// A query of sea-orm that sends one statement, and whose type alone says how its rows are mapped.
pub trait Select: Sized + Send + 'static {
    /// What a row becomes, or several together.
    type Item: Send + Sync + Unpin + 'static;

    /// The query's own `all`.
    #[doc(hidden)]
    fn all_on<'a, C: ConnectionTrait>(self, db: &'a C) -> All<'a, Self::Item>;

    /// The query's own `one`; of one that has none, the first of all.
    #[doc(hidden)]
    fn one_on<'a, C: ConnectionTrait>(self, db: &'a C) -> One<'a, Self::Item> {
        let all = self.all_on(db);
        Box::pin(async move { Ok(all.await?.into_iter().next()) })
    }

    /// The query's own `stream`; of one that has none, all of them.
    #[doc(hidden)]
    fn stream_on<'a, C: ConnectionTrait + StreamTrait>(
        self,
        db: &'a C,
    ) -> Streamed<'a, Self::Item> {
        let all = self.all_on(db);
        Box::pin(async move { Ok(stream::iter(all.await?.into_iter().map(Ok)).boxed()) })
    }
}

/// A query that can be asked for its first row.
pub trait SelectOne: Select {}

/// A query whose rows can be had one by one.
pub trait SelectStream: Select {}

/// The query's own methods.
macro_rules! own_methods {
    () => {
        fn all_on<'a, C: sea_orm::ConnectionTrait>(
            self,
            db: &'a C,
        ) -> $crate::query::select::All<'a, Self::Item> {
            Box::pin(self.all(db))
        }

        fn one_on<'a, C: sea_orm::ConnectionTrait>(
            self,
            db: &'a C,
        ) -> $crate::query::select::One<'a, Self::Item> {
            Box::pin(self.one(db))
        }

        fn stream_on<'a, C: sea_orm::ConnectionTrait + sea_orm::StreamTrait>(
            self,
            db: &'a C,
        ) -> $crate::query::select::Streamed<'a, Self::Item> {
            Box::pin(async move {
                let rows = self.stream(db).await?;
                Ok(futures_util::StreamExt::boxed(rows))
            })
        }
    };
}

use own_methods;
