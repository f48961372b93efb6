//! Invalidation by hand.

use dogpile::{Tag, Tags};
use dogpile_query::Analysis;

use super::CachedPool;
use crate::database::CacheDatabase;

impl<DB: CacheDatabase> CachedPool<DB> {
    /// The tags that a read of the named tables depends on, each `name` or `schema.name`.
    ///
    /// For entries that are not queries but are made of them. Nobody is asked what is behind a name: in
    /// place of a view, name its tables.
    pub fn tags_of(&self, tables: impl IntoIterator<Item = impl AsRef<str>>) -> Tags {
        self.tags_by("SELECT 1 FROM", tables, Analysis::read_tags)
    }

    /// Invalidates `tags` by hand, where the SQL cannot tell.
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
        self.region().invalidate(self.write_tags_of(tables).iter()).await
    }

    /// The tags of a write to the named tables.
    pub(crate) fn write_tags_of(&self, tables: impl IntoIterator<Item = impl AsRef<str>>) -> Tags {
        self.tags_by("DELETE FROM", tables, Analysis::write_tags)
    }

    /// The tags of tables whose names are read as SQL reads them after `verb`: quoted, folded, with or
    /// without a schema.
    fn tags_by(
        &self,
        verb: &str,
        tables: impl IntoIterator<Item = impl AsRef<str>>,
        of: fn(&Analysis) -> &Tags,
    ) -> Tags {
        let mut tags = Tags::new();
        for table in tables {
            let statement = format!("{verb} {}", table.as_ref());
            tags.extend(of(&self.analyzer().analyze(&statement)).iter());
        }
        tags
    }
}
