//! Invalidation by hand.

use dogpile::{Tag, Tags};

use super::CachedConnection;
use crate::driver::on;

impl CachedConnection {
    /// The tags that a read of the named tables depends on, each `name` or `schema.name`.
    ///
    /// For entries that are not queries but are made of them.
    pub fn tags_of(&self, tables: impl IntoIterator<Item = impl AsRef<str>>) -> Tags {
        on!(Pool, &self.pool, pool => pool.tags_of(tables))
    }

    /// Invalidates `tags` by hand, where the SQL cannot tell.
    ///
    /// ```
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # async fn example(db: dogpile_sea_orm::CachedConnection) -> dogpile::Result<()> {
    /// use dogpile::Tag;
    ///
    /// db.invalidate([Tag::new("customer:7")]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Region::invalidate`](dogpile::Region::invalidate).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tags are then invalidated or not.
    pub async fn invalidate(
        &self,
        tags: impl IntoIterator<Item = impl Into<Tag>>,
    ) -> dogpile::Result<()> {
        self.region().invalidate(tags).await
    }

    /// Invalidates every read of the named tables, each `name` or `schema.name`.
    ///
    /// # Errors
    ///
    /// Those of [`Region::invalidate`](dogpile::Region::invalidate).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tables are then invalidated or not.
    pub async fn invalidate_tables(
        &self,
        tables: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> dogpile::Result<()> {
        on!(Pool, &self.pool, pool => pool.invalidate_tables(tables).await)
    }
}
