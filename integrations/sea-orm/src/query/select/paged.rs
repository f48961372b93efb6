//! Parts of a select, and their number: statements of their own.

use futures_core::future::BoxFuture;
use sea_orm::{ConnectionTrait, DbErr};

use super::{All, Select};

/// A select that can be counted and cut into pages.
pub trait SelectPaged: Select + Clone + Sync {
    /// The query's own `count`.
    #[doc(hidden)]
    fn count_on<'a, C: ConnectionTrait>(self, db: &'a C) -> BoxFuture<'a, Result<u64, DbErr>>;

    /// A page of the query's own paginator.
    #[doc(hidden)]
    fn page_on<'a, C: ConnectionTrait>(
        self,
        db: &'a C,
        size: u64,
        page: u64,
    ) -> All<'a, Self::Item>;

    /// How many rows the query's own paginator counts.
    #[doc(hidden)]
    fn items_on<'a, C: ConnectionTrait>(
        self,
        db: &'a C,
        size: u64,
    ) -> BoxFuture<'a, Result<u64, DbErr>>;
}

/// The query's own paginator.
macro_rules! own_pages {
    () => {
        fn count_on<'a, C: sea_orm::ConnectionTrait>(
            self,
            db: &'a C,
        ) -> futures_core::future::BoxFuture<'a, Result<u64, sea_orm::DbErr>> {
            sea_orm::PaginatorTrait::count(self, db)
        }

        fn page_on<'a, C: sea_orm::ConnectionTrait>(
            self,
            db: &'a C,
            size: u64,
            page: u64,
        ) -> $crate::query::select::All<'a, Self::Item> {
            let pages = sea_orm::PaginatorTrait::paginate(self, db, size);
            Box::pin(async move { pages.fetch_page(page).await })
        }

        fn items_on<'a, C: sea_orm::ConnectionTrait>(
            self,
            db: &'a C,
            size: u64,
        ) -> futures_core::future::BoxFuture<'a, Result<u64, sea_orm::DbErr>> {
            let pages = sea_orm::PaginatorTrait::paginate(self, db, size);
            Box::pin(async move { pages.num_items().await })
        }
    };
}

pub(super) use own_pages;

/// How many rows `Q` selects.
pub(in crate::query) struct Count<Q>(pub(in crate::query) Q);

impl<Q: SelectPaged> Select for Count<Q> {
    type Item = u64;

    fn all_on<'a, C: ConnectionTrait>(self, db: &'a C) -> All<'a, u64> {
        Box::pin(async move { Ok(vec![self.0.count_on(db).await?]) })
    }
}

/// One page of `Q`.
pub(in crate::query) struct Page<Q> {
    pub(in crate::query) select: Q,
    pub(in crate::query) size: u64,
    pub(in crate::query) page: u64,
}

impl<Q: SelectPaged> Select for Page<Q> {
    type Item = Q::Item;

    fn all_on<'a, C: ConnectionTrait>(self, db: &'a C) -> All<'a, Q::Item> {
        self.select.page_on(db, self.size, self.page)
    }
}

/// How many rows all pages of `Q` have together.
pub(in crate::query) struct Items<Q> {
    pub(in crate::query) select: Q,
    pub(in crate::query) size: u64,
}

impl<Q: SelectPaged> Select for Items<Q> {
    type Item = u64;

    fn all_on<'a, C: ConnectionTrait>(self, db: &'a C) -> All<'a, u64> {
        Box::pin(async move { Ok(vec![self.select.items_on(db, self.size).await?]) })
    }
}
