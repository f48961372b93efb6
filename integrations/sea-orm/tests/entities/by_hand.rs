//! Invalidation by hand: on connections, in transactions, and from the hooks of an entity.

use dogpile_sea_orm::{SelectCacheExt, hooks};
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, Set, TransactionTrait};

use crate::fixture::{Shop, hit, miss, on_every_server, warm};
use crate::transactions::tags;

/// The tags again, with a hook that says what SQL cannot know.
mod hooked {
    use dogpile::Tag;
    use dogpile_sea_orm::hooks;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tag")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        pub(crate) name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn after_save<C: ConnectionTrait>(
            model: Model,
            db: &C,
            _insert: bool,
        ) -> Result<Model, DbErr> {
            hooks::invalidate(db, [Tag::new("cloud")]).await?;
            Ok(model)
        }

        async fn after_delete<C: ConnectionTrait>(self, db: &C) -> Result<Self, DbErr> {
            hooks::invalidate_tables(db, ["author"]).await?;
            Ok(self)
        }
    }
}

on_every_server!(
    a_connection_invalidates_by_hand,
    a_hook_invalidates_at_once_outside_of_a_transaction,
    a_hook_inside_of_a_transaction_waits_for_the_commit,
    a_hook_on_a_savepoint_goes_with_it,
    a_hook_on_a_plain_connection_does_nothing,
);

/// A read of another table, that depends on the cloud of tags.
async fn is_kept(shop: &Shop) -> bool {
    let authors = || crate::fixture::entities::author::Entity::find().cached().tag("cloud");
    let (rows, taken) = shop.taken(authors().all(&shop.db)).await;
    rows.unwrap();
    let (again, more) = shop.taken(authors().all(&shop.db)).await;
    again.unwrap();
    assert_eq!(more, 0);
    taken == 0
}

async fn a_connection_invalidates_by_hand(shop: &Shop) {
    is_kept(shop).await;
    warm!(shop, |db| tags().all(db).await);
    shop.db.invalidate(["cloud"]).await.unwrap();
    assert!(!is_kept(shop).await);
    hit!(shop, |db| tags().all(db).await);
    shop.db.invalidate_tables(["tag"]).await.unwrap();
    miss!(shop, |db| tags().all(db).await);
    assert!(is_kept(shop).await);
}

fn new(name: &str) -> hooked::ActiveModel {
    hooked::ActiveModel { name: Set(name.into()), ..Default::default() }
}

async fn a_hook_invalidates_at_once_outside_of_a_transaction(shop: &Shop) {
    is_kept(shop).await;
    let made = new("cyan").insert(&shop.db).await.unwrap();
    assert!(!is_kept(shop).await);
    made.delete(&shop.db).await.unwrap();
    assert!(!is_kept(shop).await);
    let (sent, mut received) = tokio::sync::oneshot::channel();
    assert!(hooks::on_commit(&shop.db, move || sent.send(()).unwrap()).await.unwrap());
    received.try_recv().unwrap();
}

async fn a_hook_inside_of_a_transaction_waits_for_the_commit(shop: &Shop) {
    is_kept(shop).await;
    let tx = shop.db.begin().await.unwrap();
    new("cyan").insert(&tx).await.unwrap();
    assert!(is_kept(shop).await, "invalidated before the commit");
    tx.rollback().await.unwrap();
    assert!(is_kept(shop).await, "invalidated by a rollback");
    let tx = shop.db.begin().await.unwrap();
    new("cyan").insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!is_kept(shop).await);
}

async fn a_hook_on_a_savepoint_goes_with_it(shop: &Shop) {
    is_kept(shop).await;
    let tx = shop.db.begin().await.unwrap();
    let undone = tx.begin().await.unwrap();
    new("cyan").insert(&undone).await.unwrap();
    undone.rollback().await.unwrap();
    tx.commit().await.unwrap();
    assert!(is_kept(shop).await);
    let tx = shop.db.begin().await.unwrap();
    let kept = tx.begin().await.unwrap();
    new("cyan").insert(&kept).await.unwrap();
    kept.commit().await.unwrap();
    tx.commit().await.unwrap();
    assert!(!is_kept(shop).await);
}

async fn a_hook_on_a_plain_connection_does_nothing(shop: &Shop) {
    is_kept(shop).await;
    new("cyan").insert(&shop.truth).await.unwrap();
    let tx: DatabaseTransaction = shop.truth.begin().await.unwrap();
    new("teal").insert(&tx).await.unwrap();
    assert!(!hooks::invalidate(&tx, ["cloud"]).await.unwrap());
    assert!(!hooks::on_commit(&tx, || panic!("called back")).await.unwrap());
    tx.commit().await.unwrap();
    assert!(is_kept(shop).await);
    // And a question that one of them did not answer is no other's.
    shop.db.get_database_backend();
    assert!(!hooks::invalidate_tables(&shop.truth, ["author"]).await.unwrap());
    assert!(is_kept(shop).await);
}
