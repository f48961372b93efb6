//! Reads by primary key, and the writes that concern them.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ExprTrait, IntoActiveModel, Set};

use crate::fixture::entities::{author, tag};
use crate::fixture::{Shop, hit, miss, on_every_server, same, warm};

on_every_server!(
    s102_a_row_is_kept_when_another_is_updated,
    s116_an_expression_reaches_its_row_alone,
    s123_a_key_that_changes_reaches_both_rows,
    s134_an_optimistic_lock_sees_the_version_of_the_database,
    a_row_that_was_not_there_is_found_when_it_is,
);

async fn s102_a_row_is_kept_when_another_is_updated(shop: &Shop) {
    warm!(shop, |db| author::Entity::find_by_id(1).one(db).await);
    let two = warm!(shop, |db| author::Entity::find_by_id(2).one(db).await).unwrap();
    let mut two = two.into_active_model();
    two.name = Set("Bruno".into());
    two.update(&shop.db).await.unwrap();
    hit!(shop, |db| author::Entity::find_by_id(1).one(db).await);
    // Where there is no RETURNING the update has read it already.
    let two = same!(shop, |db| author::Entity::find_by_id(2).one(db).await).0;
    assert_eq!(two.unwrap().name, "Bruno");
}

async fn s116_an_expression_reaches_its_row_alone(shop: &Shop) {
    warm!(shop, |db| author::Entity::find_by_id(1).one(db).await);
    warm!(shop, |db| author::Entity::find_by_id(2).one(db).await);
    warm!(shop, |db| author::Entity::find().all(db).await);
    author::Entity::update_many()
        .col_expr(author::Column::Version, Expr::col(author::Column::Version).add(1))
        .filter(author::Column::Id.eq(2))
        .exec(&shop.db)
        .await
        .unwrap();
    hit!(shop, |db| author::Entity::find_by_id(1).one(db).await);
    let two = miss!(shop, |db| author::Entity::find_by_id(2).one(db).await);
    assert_eq!(two.unwrap().version, 2);
    miss!(shop, |db| author::Entity::find().all(db).await);
}

async fn s123_a_key_that_changes_reaches_both_rows(shop: &Shop) {
    for id in [3, 9] {
        warm!(shop, |db| tag::Entity::find_by_id(id).one(db).await);
    }
    tag::Entity::update_many()
        .col_expr(tag::Column::Id, Expr::value(9))
        .filter(tag::Column::Id.eq(3))
        .exec(&shop.db)
        .await
        .unwrap();
    assert!(miss!(shop, |db| tag::Entity::find_by_id(3).one(db).await).is_none());
    assert!(miss!(shop, |db| tag::Entity::find_by_id(9).one(db).await).is_some());
}

async fn s134_an_optimistic_lock_sees_the_version_of_the_database(shop: &Shop) {
    let old = warm!(shop, |db| author::Entity::find_by_id(1).one(db).await).unwrap();
    // Somebody past the cache was quicker.
    bump(&shop.truth, old.version).await;
    assert_eq!(bump(&shop.db, old.version).await, 0, "a conflict was not seen");
    // The write that found nothing has invalidated all the same, so who tries again sees it.
    let fresh = miss!(shop, |db| author::Entity::find_by_id(1).one(db).await).unwrap();
    assert_eq!(bump(&shop.db, fresh.version).await, 1);
    let last = miss!(shop, |db| author::Entity::find_by_id(1).one(db).await).unwrap();
    assert_eq!(last.version, 3);
}

/// Writes the author if nobody else did since `version`.
async fn bump(db: &impl ConnectionTrait, version: i32) -> u64 {
    let update = author::Entity::update_many()
        .col_expr(author::Column::Version, Expr::value(version + 1))
        .filter(author::Column::Id.eq(1))
        .filter(author::Column::Version.eq(version));
    update.exec(db).await.unwrap().rows_affected
}

async fn a_row_that_was_not_there_is_found_when_it_is(shop: &Shop) {
    assert!(warm!(shop, |db| tag::Entity::find_by_id(4).one(db).await).is_none());
    let tag = tag::ActiveModel { name: Set("white".into()), ..Default::default() };
    let made = tag.insert(&shop.db).await.unwrap();
    assert_eq!(same!(shop, |db| tag::Entity::find_by_id(4).one(db).await).0, Some(made));
}
