//! `SchemaBuilder::sync` on a cached connection: its changes invalidate by themselves.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, Schema, Set, TransactionTrait};

use crate::fixture::entities::tag;
use crate::fixture::{Shop, miss, on_every_server, same, warm};
use crate::transactions::tags;

/// The tags in the next version of the program.
mod next {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tag")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        #[sea_orm(unique)]
        pub(crate) name: String,
        #[sea_orm(default_value = 7)]
        pub(crate) paint: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

on_every_server!(s034_a_sync_is_seen, tables_are_made_through_a_cached_connection);

async fn s034_a_sync_is_seen(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let schema = Schema::new(shop.db.get_database_backend());
    schema.builder().register(next::Entity).sync(&shop.db).await.unwrap();
    let paints = || next::Entity::find().order_by_asc(next::Column::Id);
    let after = miss!(shop, |db| paints().all(db).await);
    assert_eq!(after[0].paint, 7);
    same!(shop, |db| tags().all(db).await);
    let more = next::ActiveModel { name: Set("cyan".into()), paint: Set(8), ..Default::default() };
    more.insert(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| paints().all(db).await).len(), 4);
}

async fn tables_are_made_through_a_cached_connection(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    shop.db.execute_unprepared("DROP TABLE post_tag").await.unwrap();
    shop.db.execute_unprepared("DROP TABLE tag").await.unwrap();
    assert!(tags().all(&shop.db).await.is_err(), "a table that is gone was read");
    let schema = Schema::new(shop.db.get_database_backend());
    let tx = shop.db.begin().await.unwrap();
    schema.builder().register(tag::Entity).sync(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(same!(shop, |db| tags().all(db).await).0.is_empty());
}
