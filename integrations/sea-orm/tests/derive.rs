//! Rules that are derived.
#![expect(unreachable_pub, reason = "as entities are written")]

use std::time::Duration;

use dogpile::{hours, minutes, secs};
use dogpile_query::Dialect;
use dogpile_sea_orm::{Analyzer, CachedEntity, Caching, Policy, Rule};

/// A model with relations has a second struct beside it, to which sea-orm hands the derives on.
mod cake {
    use dogpile_sea_orm::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "cake")]
    #[cached_entity(ttl = "1h 30m", stale_for = dogpile::hours(2), none_ttl = "10s", tags("menu", "prices"))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(has_many)]
        pub fruits: HasMany<super::fruit::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod fruit {
    use dogpile_sea_orm::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "fruit")]
    #[cached_entity(explicit, needs_scope, tag = format!("{}s", "fruit"), crate = dogpile_sea_orm)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub cake_id: i32,
        #[sea_orm(belongs_to, from = "cake_id", to = "id")]
        pub cake: BelongsTo<super::cake::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Without options, in the older form.
mod sugar {
    use dogpile_sea_orm::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "sugar")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entity that is written out.
mod token {
    use dogpile_sea_orm::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[derive(Copy, Clone, Default, Debug, DeriveEntity, CachedEntity)]
    #[cached_entity(deny)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "token"
        }
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveModel, DeriveActiveModel)]
    pub struct Model {
        pub id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Id,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = i32;

        fn auto_increment() -> bool {
            true
        }
    }

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            ColumnType::Integer.def()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the rule of an entity says of reads of its table: whether, how long, and under which tags.
fn ruling<E: CachedEntity>() -> (Caching, [Option<Duration>; 3], String, bool) {
    let rule: Rule = E::rule();
    let table = E::default().table_name();
    let policy = Policy::only([table; 0]).rule(table, rule);
    let read = Analyzer::new(Dialect::Sqlite).analyze(&format!("SELECT * FROM {table}"));
    let ruling = policy.judge(&read);
    let lives = [ruling.ttl(), ruling.stale_for(), ruling.none_ttl()];
    (ruling.caching(), lives, ruling.tags().to_string(), ruling.needs_scope())
}

#[test]
fn a_derived_rule_says_what_its_options_say() {
    let lives = [Some(minutes(90)), Some(hours(2)), Some(secs(10))];
    assert_eq!(ruling::<cake::Entity>(), (Caching::Always, lives, "menu, prices".into(), false));
    assert_eq!(ruling::<fruit::Entity>(), (Caching::Marked, [None; 3], "fruits".into(), true));
}

#[test]
fn a_derived_rule_without_options_is_that_of_the_trait() {
    assert_eq!(ruling::<sugar::Entity>(), (Caching::Always, [None; 3], String::new(), false));
}

#[test]
fn an_entity_that_is_written_out_carries_its_rule_itself() {
    assert_eq!(ruling::<token::Entity>().0, Caching::Never);
}
