//! Rules that entities carry themselves.

use dogpile_query::{Rule, TableName};
use sea_orm::EntityTrait;

use crate::connection::CachedConnection;

/// An entity that says how its table is cached.
///
/// The derive of the same name stands beside `DeriveEntityModel`, or on an `Entity` that is written out:
///
/// ```
/// # #[cfg(feature = "sqlx-sqlite")]
/// # fn connect(db: dogpile_sea_orm::CachedConnection) {
/// mod cake {
///     use dogpile_sea_orm::CachedEntity;
///     use sea_orm::entity::prelude::*;
///
///     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
///     #[sea_orm(table_name = "cake")]
///     #[cached_entity(ttl = "30m", stale_for = "2h", tags("menu"))]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i32,
///     }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// }
///
/// let db = db.with_entity::<cake::Entity>();
/// # }
/// ```
///
/// # Options of the derive
///
/// | option | means |
/// |---|---|
/// | `ttl = "30m"` | [`Rule::ttl`]; any expression of a `Duration` will do |
/// | `stale_for = "2h"` | [`Rule::stale_for`] |
/// | `none_ttl = "10s"` | [`Rule::none_ttl`] |
/// | `tag = "menu"`, `tags("menu", "prices")` | [`Rule::tag`] |
/// | `needs_scope` | [`Rule::needs_scope`] |
/// | `explicit` | [`Rule::explicit`] in the place of [`Rule::allow`] |
/// | `deny` | [`Rule::deny`]; stands alone |
/// | `crate = path` | where this crate is, if it is not `dogpile_sea_orm` |
///
/// What they cannot say, such as a [scope](Rule::scope), is said by hand:
///
/// ```
/// # mod cake {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "cake")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32 }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # #[cfg(feature = "sqlx-sqlite")]
/// # mod rules {
/// # use super::cake;
/// # fn tenant() -> Option<u32> { None }
/// use dogpile_sea_orm::{CachedEntity, Rule};
///
/// impl CachedEntity for cake::Entity {
///     fn rule() -> Rule {
///         Rule::allow().scope("tenant", tenant)
///     }
/// }
/// # }
/// # fn main() {}
/// ```
pub trait CachedEntity: EntityTrait {
    /// How reads of the entity's table are cached.
    ///
    /// Default: [`Rule::allow`].
    fn rule() -> Rule {
        Rule::allow()
    }
}

impl CachedConnection {
    /// The same connection, with the entity's own rule for its table, beside the rules it has.
    ///
    /// An entity whose table has no schema has a rule for the table of that name in every schema.
    ///
    /// Default: what the [policy](Self::with_policy) says.
    #[must_use]
    pub fn with_entity<E: CachedEntity>(&self) -> Self {
        let entity = E::default();
        let table = TableName::new(entity.schema_name(), entity.table_name());
        self.with_policy(self.policy().clone().rule(table, E::rule()))
    }
}
