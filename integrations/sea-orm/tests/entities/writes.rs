//! Every way in which sea-orm writes.

use dogpile_sea_orm::SelectCacheExt;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{DbBackend, QueryOrder, Set, Statement};

use crate::fixture::entities::{author, post, post_tag, tag};
use crate::fixture::{Shop, hit, miss, on_every_server, same, warm};

on_every_server!(
    update_many_reaches_the_reads,
    delete_many_reaches_the_reads,
    a_deletion_that_cascades_reaches_reads_that_name_its_table,
    insert_many_reaches_the_reads,
    on_conflict_reaches_the_reads,
    a_write_that_returns_rows_is_a_write,
    raw_statements_reach_the_reads,
    an_active_model_saves_all_it_holds,
    a_write_elsewhere_keeps_the_entry,
    a_write_that_fails_leaves_nothing_stale,
    an_explicit_connection_caches_nothing_by_itself,
);

fn tags() -> Select<tag::Entity> {
    tag::Entity::find().order_by_asc(tag::Column::Id)
}

fn named(name: &str) -> tag::ActiveModel {
    tag::ActiveModel { name: Set(name.into()), ..Default::default() }
}

async fn update_many_reaches_the_reads(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    tag::Entity::update_many()
        .col_expr(tag::Column::Name, Expr::value("pink"))
        .filter(tag::Column::Name.eq("red"))
        .exec(&shop.db)
        .await
        .unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn delete_many_reaches_the_reads(shop: &Shop) {
    warm!(shop, |db| post_tag::Entity::find().count(db).await);
    let links = post_tag::Entity::delete_many().filter(post_tag::Column::PostId.eq(1));
    assert_eq!(links.exec(&shop.db).await.unwrap().rows_affected, 2);
    assert_eq!(miss!(shop, |db| post_tag::Entity::find().count(db).await), 1);
}

/// What a foreign key takes along is not in the SQL: the read says which table it depends on.
async fn a_deletion_that_cascades_reaches_reads_that_name_its_table(shop: &Shop) {
    let posts = || post::Entity::find().order_by_id_asc().cached().table("author");
    for _ in 0..2 {
        assert_eq!(posts().all(&shop.db).await.unwrap().len(), 3);
    }
    let author = author::Entity::delete_many().filter(author::Column::Name.eq("Ada"));
    assert_eq!(author.exec(&shop.db).await.unwrap().rows_affected, 1);
    let left = post::Entity::find().all(&shop.truth).await.unwrap();
    assert_eq!(posts().all(&shop.db).await.unwrap(), left);
}

async fn insert_many_reaches_the_reads(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    warm!(shop, |db| tags().count(db).await);
    tag::Entity::insert_many(["cyan", "teal"].map(named)).exec(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await).len(), 5);
    assert_eq!(miss!(shop, |db| tags().count(db).await), 5);
}

async fn on_conflict_reaches_the_reads(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let conflict =
        OnConflict::column(tag::Column::Name).update_column(tag::Column::Name).to_owned();
    let both = ["red", "cyan"].map(named);
    tag::Entity::insert_many(both).on_conflict(conflict).exec(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await).len(), 4);
    let insert = tag::Entity::insert(named("red")).on_conflict_do_nothing_on([tag::Column::Name]);
    insert.exec(&shop.db).await.unwrap();
    same!(shop, |db| tags().all(db).await);
}

async fn a_write_that_returns_rows_is_a_write(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let made = tag::Entity::insert(named("cyan")).exec_with_returning(&shop.db).await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await).last(), Some(&made));
    if shop.is(DbBackend::MySql) {
        return;
    }
    warm!(shop, |db| tags().all(db).await);
    let renamed = tag::Entity::update_many()
        .col_expr(tag::Column::Name, Expr::value("teal"))
        .filter(tag::Column::Id.eq(made.id))
        .exec_with_returning(&shop.db)
        .await
        .unwrap();
    assert_eq!(renamed.len(), 1);
    assert_eq!(miss!(shop, |db| tags().all(db).await).last(), renamed.last());
    let deleted = tag::Entity::delete_many()
        .filter(tag::Column::Id.eq(made.id))
        .exec_with_returning(&shop.db);
    assert_eq!(deleted.await.unwrap().len(), 1);
    assert_eq!(miss!(shop, |db| tags().all(db).await).len(), 3);
}

async fn raw_statements_reach_the_reads(shop: &Shop) {
    let backend = shop.db.get_database_backend();
    warm!(shop, |db| tags().all(db).await);
    let raw = Statement::from_string(backend, "UPDATE tag SET name = 'pink' WHERE id = 1");
    shop.db.execute_raw(raw).await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    warm!(shop, |db| tags().all(db).await);
    shop.db.execute_unprepared("DELETE FROM tag WHERE id = 3").await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await).len(), 2);
    if !shop.is(DbBackend::MySql) {
        warm!(shop, |db| tags().all(db).await);
        let sql = "INSERT INTO tag (name) VALUES ('cyan') RETURNING id";
        shop.db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        assert_eq!(miss!(shop, |db| tags().all(db).await).len(), 3);
    }
}

/// An author with a post with a tag, in one call, which is a transaction of several statements.
async fn an_active_model_saves_all_it_holds(shop: &Shop) {
    warm!(shop, |db| author::Entity::find().count(db).await);
    warm!(shop, |db| post::Entity::find().count(db).await);
    warm!(shop, |db| tags().all(db).await);
    warm!(shop, |db| post_tag::Entity::find().count(db).await);
    author::ActiveModel::builder()
        .set_name("Dora")
        .set_version(1)
        .add_post(
            post::ActiveModel::builder()
                .set_title("fourth")
                .set_visible(true)
                .add_tag(tag::ActiveModel::builder().set_name("cyan")),
        )
        .save(&shop.db)
        .await
        .unwrap();
    assert_eq!(miss!(shop, |db| author::Entity::find().count(db).await), 4);
    assert_eq!(miss!(shop, |db| post::Entity::find().count(db).await), 4);
    assert_eq!(miss!(shop, |db| tags().all(db).await).len(), 4);
    assert_eq!(miss!(shop, |db| post_tag::Entity::find().count(db).await), 4);
}

async fn a_write_elsewhere_keeps_the_entry(shop: &Shop) {
    warm!(shop, |db| author::Entity::find().all(db).await);
    tag::Entity::insert(named("cyan")).exec(&shop.db).await.unwrap();
    hit!(shop, |db| author::Entity::find().all(db).await);
}

async fn a_write_that_fails_leaves_nothing_stale(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    tag::Entity::insert(named("red")).exec(&shop.db).await.unwrap_err();
    same!(shop, |db| tags().all(db).await);
    warm!(shop, |db| tags().all(db).await);
}

async fn an_explicit_connection_caches_nothing_by_itself(shop: &Shop) {
    let db = shop.db.explicit();
    for _ in 0..2 {
        let (_, taken) = shop.taken(tags().all(&db)).await;
        assert_eq!(taken, 1);
    }
    // Its writes invalidate as ever.
    warm!(shop, |db| tags().all(db).await);
    tag::Entity::insert(named("cyan")).exec(&db).await.unwrap();
    miss!(shop, |db| tags().all(db).await);
}
