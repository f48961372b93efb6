//! What others see of a transaction, and what is left of it when nothing, or a great deal, was written.

use std::sync::{Arc, Mutex};

use dogpile::observe::{Event, Observer};
use dogpile::{Region, TagSpace, minutes};
use dogpile_sea_orm::{CachedConnection, SelectCacheExt};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DbBackend, QuerySelect, TransactionTrait};

use crate::fixture::entities::author;
use crate::fixture::{Shop, hit, miss, on_every_server, warm};
use crate::transactions::{name_inside, rename, tags};

on_every_server!(
    s134_an_optimistic_lock_is_retried_with_what_the_database_says,
    s136_a_read_inside_that_is_rolled_back_leaves_nothing,
    s139_another_client_sees_what_is_committed,
    s140_what_another_client_read_meanwhile_does_not_outlive_the_commit,
    s142_an_untouched_table_stays_right_in_a_dirty_transaction,
    s157_a_locking_read_and_a_plain_one_have_keys_of_their_own,
    s159_a_thousand_writes_are_one_invalidation,
    s160_a_rollback_tells_nobody,
);

/// A wrapper of its own around the same database, as another part of an application has it.
async fn another(shop: &Shop) -> Client<'_> {
    let db = CachedConnection::new(shop.db.inner().clone(), shop.db.region().clone()).unwrap();
    // It asks once which database that is.
    authors().all(&db).await.unwrap();
    Client { db, shop }
}

/// Another client of a [`Shop`], for the macros that read twice.
struct Client<'s> {
    db: CachedConnection,
    shop: &'s Shop,
}

impl std::ops::Deref for Client<'_> {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        self.shop
    }
}

fn authors() -> Select<author::Entity> {
    author::Entity::find().order_by_id_asc()
}

/// Writes if the version is still the one that was read; says whether it was.
async fn rename_author(db: &CachedConnection, read: &author::Model, name: &str) -> bool {
    let update = author::Entity::update_many()
        .col_expr(author::Column::Name, Expr::value(name))
        .col_expr(author::Column::Version, Expr::value(read.version + 1))
        .filter(author::Column::Id.eq(read.id))
        .filter(author::Column::Version.eq(read.version));
    update.exec(db).await.unwrap().rows_affected == 1
}

/// A row from the cache may be behind a writer of whom nobody has told: the lock finds out.
async fn s134_an_optimistic_lock_is_retried_with_what_the_database_says(shop: &Shop) {
    let ada = || author::Entity::find_by_id(1);
    let read = warm!(shop, |db| ada().one(db).await).unwrap();
    let elsewhere = author::Entity::update_many().col_expr(author::Column::Version, Expr::value(7));
    elsewhere.filter(author::Column::Id.eq(1)).exec(&shop.truth).await.unwrap();
    let kept = ada().one(&shop.db).await.unwrap().unwrap();
    assert_eq!(kept, read, "not from the cache: nothing is tested");
    assert!(!rename_author(&shop.db, &kept, "lost").await);
    let fresh = ada().uncached().one(&shop.db).await.unwrap().unwrap();
    assert_eq!(fresh.version, 7);
    assert!(rename_author(&shop.db, &fresh, "Ada L.").await);
    assert_eq!(miss!(shop, |db| ada().one(db).await).unwrap().version, 8);
}

async fn s136_a_read_inside_that_is_rolled_back_leaves_nothing(shop: &Shop) {
    let tx = shop.db.begin().await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    tx.rollback().await.unwrap();
    miss!(shop, |db| tags().all(db).await);
    hit!(shop, |db| tags().all(db).await);
}

async fn s139_another_client_sees_what_is_committed(shop: &Shop) {
    let other = another(shop).await;
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    assert_eq!(name_inside(&tx).await, "pink");
    assert_eq!(hit!(other, |db| tags().all(db).await)[0].name, "red");
    // What it reads now is right, and stays so if nothing is committed.
    miss!(other, |db| tags().limit(2).all(db).await);
    hit!(other, |db| tags().limit(2).all(db).await);
    tx.rollback().await.unwrap();
    hit!(other, |db| tags().limit(2).all(db).await);
}

async fn s140_what_another_client_read_meanwhile_does_not_outlive_the_commit(shop: &Shop) {
    let other = another(shop).await;
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    assert_eq!(warm!(other, |db| tags().all(db).await)[0].name, "red");
    tx.commit().await.unwrap();
    assert_eq!(miss!(other, |db| tags().all(db).await)[0].name, "pink");
    hit!(shop, |db| tags().all(db).await);
}

async fn s142_an_untouched_table_stays_right_in_a_dirty_transaction(shop: &Shop) {
    let truth = warm!(shop, |db| authors().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    for _ in 0..2 {
        assert_eq!(authors().all(&tx).await.unwrap(), truth);
        assert_eq!(authors().cached().all(&tx).await.unwrap(), truth);
    }
    tx.commit().await.unwrap();
    hit!(shop, |db| authors().all(db).await);
}

async fn s157_a_locking_read_and_a_plain_one_have_keys_of_their_own(shop: &Shop) {
    if shop.is(DbBackend::Sqlite) {
        return;
    }
    miss!(shop, |db| tags().lock_exclusive().all(db).await);
    // The locking read has left nothing for this one, nor does it find what this one leaves.
    miss!(shop, |db| tags().all(db).await);
    hit!(shop, |db| tags().all(db).await);
    miss!(shop, |db| tags().lock_exclusive().all(db).await);
    miss!(shop, |db| tags().lock_shared().all(db).await);
    hit!(shop, |db| tags().all(db).await);
}

/// Counts how often a region tells of an invalidation, whatever the number of its tags.
#[derive(Debug, Clone, Default)]
struct Told(Arc<Mutex<usize>>);

impl Told {
    fn times(&self) -> usize {
        *self.0.lock().unwrap()
    }
}

impl Observer for Told {
    fn on_event(&self, _: &str, event: &Event) {
        if matches!(event, Event::Invalidated { .. }) {
            *self.0.lock().unwrap() += 1;
        }
    }
}

/// The same database, cached in a region that tells.
fn told(shop: &Shop) -> (CachedConnection, Told) {
    let told = Told::default();
    let region = Region::builder("told").ttl(minutes(5)).observer(told.clone());
    let region = region.tag_space(TagSpace::new(1_000)).build().unwrap();
    (CachedConnection::new(shop.db.inner().clone(), region).unwrap(), told)
}

async fn s159_a_thousand_writes_are_one_invalidation(shop: &Shop) {
    let (db, told) = told(shop);
    let tx = db.begin().await.unwrap();
    for version in 0..1_000 {
        let count = author::Entity::update_many();
        let count = count.col_expr(author::Column::Version, Expr::value(version));
        count.filter(author::Column::Id.eq(1)).exec(&tx).await.unwrap();
    }
    assert_eq!(told.times(), 0);
    tx.commit().await.unwrap();
    assert_eq!(told.times(), 1);
    // However often it was written, it is one table and one row.
    assert!(db.region().stats().invalidated_tags <= 8, "{:#}", db.region().stats());
}

async fn s160_a_rollback_tells_nobody(shop: &Shop) {
    let (db, told) = told(shop);
    let tx = db.begin().await.unwrap();
    rename(&tx, "pink").await;
    let savepoint = tx.begin().await.unwrap();
    author::Entity::delete_many().exec(&savepoint).await.unwrap();
    savepoint.commit().await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(told.times(), 0);
    rename(&db, "pink").await;
    assert_eq!(told.times(), 1, "and would have heard of it");
}
