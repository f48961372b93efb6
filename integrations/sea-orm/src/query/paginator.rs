//! Results by the page, each page an entry of its own.

use dogpile::Shared;
use dogpile_sqlx::CachedQuery;
use sea_orm::{DbErr, ItemsAndPagesNumber};

use super::select::{Count, Items, Page, SelectPaged};
use super::{CachedSelect, Source};

/// The pages of a select that may be answered from the cache. Made by [`CachedSelect::paginate`].
#[derive(Debug)]
pub struct CachedPaginator<'db, Q, D> {
    query: CachedQuery<Box<Q>>,
    db: &'db D,
    size: u64,
    page: u64,
}

impl<Q: SelectPaged> CachedSelect<Q> {
    /// How many rows it selects; its own `limit` and `offset` count.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's `count`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn count(self, db: &impl Source) -> Result<u64, DbErr> {
        first(CachedSelect(self.0.with_query(|select| Box::new(Count(*select)))), db).await
    }

    /// Cuts the result into pages of `size` rows.
    ///
    /// # Panics
    ///
    /// If `size` is zero, as sea-orm's own does.
    pub fn paginate<D: Source>(self, db: &D, size: u64) -> CachedPaginator<'_, Q, D> {
        assert!(size != 0, "a page has at least one row");
        CachedPaginator { query: self.0, db, size, page: 0 }
    }
}

impl<Q: SelectPaged<Item: Clone>, D: Source> CachedPaginator<'_, Q, D> {
    /// The page of this number, counted from 0, as the value in memory.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's paginator; the cache adds none.
    pub async fn fetch_page_shared(&self, page: u64) -> Result<Shared<Vec<Q::Item>>, DbErr> {
        let size = self.size;
        let query =
            self.query.clone().with_query(|select| Box::new(Page { select: *select, size, page }));
        CachedSelect(query).all_shared(self.db).await
    }

    /// The page of this number, counted from 0, as a copy of one's own.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's paginator; the cache adds none.
    pub async fn fetch_page(&self, page: u64) -> Result<Vec<Q::Item>, DbErr> {
        Ok(self.fetch_page_shared(page).await?.into_owned())
    }

    /// The current page.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's paginator; the cache adds none.
    pub async fn fetch(&self) -> Result<Vec<Q::Item>, DbErr> {
        self.fetch_page(self.page).await
    }

    /// The current page, unless it is empty; then the next page is the current one.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's paginator; the cache adds none.
    pub async fn fetch_and_next(&mut self) -> Result<Option<Vec<Q::Item>>, DbErr> {
        let rows = self.fetch().await?;
        self.next();
        Ok((!rows.is_empty()).then_some(rows))
    }

    /// Goes to the next page.
    pub const fn next(&mut self) {
        self.page += 1;
    }

    /// The number of the current page, counted from 0.
    pub const fn cur_page(&self) -> u64 {
        self.page
    }

    /// How many rows there are on all pages.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's paginator; the cache adds none.
    pub async fn num_items(&self) -> Result<u64, DbErr> {
        let size = self.size;
        let query =
            self.query.clone().with_query(|select| Box::new(Items { select: *select, size }));
        first(CachedSelect(query), self.db).await
    }

    /// How many pages there are.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's paginator; the cache adds none.
    pub async fn num_pages(&self) -> Result<u64, DbErr> {
        Ok(self.num_items().await?.div_ceil(self.size))
    }

    /// How many rows and pages there are.
    ///
    /// # Errors
    ///
    /// Those of sea-orm's paginator; the cache adds none.
    pub async fn num_items_and_pages(&self) -> Result<ItemsAndPagesNumber, DbErr> {
        let number_of_items = self.num_items().await?;
        let number_of_pages = number_of_items.div_ceil(self.size);
        Ok(ItemsAndPagesNumber { number_of_items, number_of_pages })
    }
}

/// The one number of a select that counts.
async fn first<Q>(select: CachedSelect<Q>, db: &impl Source) -> Result<u64, DbErr>
where
    Q: super::Select<Item = u64>,
{
    Ok(select.all_shared(db).await?.first().copied().unwrap_or_default())
}
