//! The options of all reads on a connection.

use std::time::Duration;

use dogpile::Tag;
use dogpile_sqlx::{CachedQuery, Mode};

use super::CachedConnection;

/// What is given to loaders, cursors and whatever else sends statements of its own: a connection whose
/// reads have these options, as far as they have none of their own.
///
/// ```
/// # #[cfg(feature = "sqlx-sqlite")]
/// # async fn load(db: dogpile_sea_orm::CachedConnection) -> Result<(), sea_orm::DbErr> {
/// # mod entities {
/// #     pub mod cake {
/// #         use sea_orm::entity::prelude::*;
/// #         #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #         #[sea_orm(table_name = "cake")]
/// #         pub struct Model { #[sea_orm(primary_key)] pub id: i32 }
/// #         #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #         pub enum Relation { #[sea_orm(has_many = "super::fruit::Entity")] Fruit }
/// #         impl Related<super::fruit::Entity> for Entity {
/// #             fn to() -> RelationDef { Relation::Fruit.def() }
/// #         }
/// #         impl ActiveModelBehavior for ActiveModel {}
/// #     }
/// #     pub mod fruit {
/// #         use sea_orm::entity::prelude::*;
/// #         #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #         #[sea_orm(table_name = "fruit")]
/// #         pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub cake_id: i32 }
/// #         #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #         pub enum Relation {
/// #             #[sea_orm(belongs_to = "super::cake::Entity", from = "Column::CakeId",
/// #                       to = "super::cake::Column::Id")]
/// #             Cake,
/// #         }
/// #         impl Related<super::cake::Entity> for Entity {
/// #             fn to() -> RelationDef { Relation::Cake.def() }
/// #         }
/// #         impl ActiveModelBehavior for ActiveModel {}
/// #     }
/// # }
/// # use entities::{cake, fruit};
/// use dogpile::minutes;
/// use sea_orm::{EntityTrait, LoaderTrait};
///
/// let cakes = cake::Entity::find().all(&db).await?;
/// let fruits = cakes.load_many(fruit::Entity, &db.cached().ttl(minutes(1)).tag("menu")).await?;
/// # Ok(()) }
/// ```
impl CachedConnection {
    /// How long a result is fresh.
    ///
    /// Default: as the rules say, or the region.
    #[must_use]
    pub fn ttl(self, ttl: Duration) -> Self {
        self.reading(|reads| reads.ttl(ttl))
    }

    /// How long past that the old result is served while one caller fetches the next.
    ///
    /// Default: as the rules say, or the region.
    #[must_use]
    pub fn stale_for(self, stale_for: Duration) -> Self {
        self.reading(|reads| reads.stale_for(stale_for))
    }

    /// How old a result is served in place of the database's error.
    ///
    /// Default: the region's.
    #[must_use]
    pub fn serve_stale_on_error(self, max_age: Duration) -> Self {
        self.reading(|reads| reads.serve_stale_on_error(max_age))
    }

    /// How long the answer that there is no row is fresh.
    ///
    /// Default: as the rules say, or as any other result.
    #[must_use]
    pub fn none_ttl(self, ttl: Duration) -> Self {
        self.reading(|reads| reads.none_ttl(ttl))
    }

    /// Adds a tag to those of the tables, the rules and the reads.
    ///
    /// Default: none.
    #[must_use]
    pub fn tag(self, tag: impl Into<Tag>) -> Self {
        self.reading(|reads| reads.tag(tag))
    }

    /// Adds several tags to those of the tables, the rules and the reads.
    ///
    /// Default: none.
    #[must_use]
    pub fn tags(self, tags: impl IntoIterator<Item = impl Into<Tag>>) -> Self {
        self.reading(|reads| reads.tags(tags))
    }

    /// Keeps results apart from those of other scopes: a tenant, a role, a time zone.
    ///
    /// **Whatever decides which rows a caller may see, beside the SQL and its parameters, belongs
    /// here.** It comes before the scopes of the reads themselves.
    ///
    /// Default: none.
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.reading(|reads| reads.scope(scope))
    }

    /// Says which halves of the cache reads use.
    ///
    /// Default: [`Mode::Normal`].
    #[must_use]
    pub fn mode(self, mode: Mode) -> Self {
        self.reading(|reads| reads.mode(mode))
    }

    fn reading(self, set: impl FnOnce(CachedQuery<()>) -> CachedQuery<()>) -> Self {
        Self { reads: self.reads.with(set), ..self }
    }
}
