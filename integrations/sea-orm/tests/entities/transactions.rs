//! Reads inside and beside transactions, and what each end of one leaves behind.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, QueryOrder, QuerySelect, Set,
    TransactionError, TransactionTrait,
};

use dogpile_sea_orm::{CachedTransaction, SelectCacheExt};

use crate::fixture::entities::{author, tag};
use crate::fixture::{Server, Shop, hit, miss, on_every_server, same, warm};

on_every_server!(
    s135_a_read_inside_leaves_nothing_stale,
    s137_a_rollback_keeps_the_entry,
    s138_a_transaction_sees_what_it_writes_and_others_do_not,
    s141_a_read_that_is_repeated_inside_stays_right,
    s147_an_error_inside_and_a_rollback_keep_the_entry,
    s150_a_transaction_of_text_shows_nobody_what_is_not_committed,
    s151_a_transaction_that_is_dropped_keeps_the_entry,
    s152_a_snapshot_is_not_published,
    s153_what_is_not_committed_is_not_published,
    s154_a_transaction_that_only_reads,
    s156_a_locking_read_is_never_cached,
    s158_callbacks_run_once_the_cache_is_right,
    s160_a_rollback_invalidates_nothing_and_calls_nobody_back,
    a_closure_that_fails_rolls_back,
);

pub(crate) fn tags() -> Select<tag::Entity> {
    tag::Entity::find().order_by_asc(tag::Column::Id)
}

pub(crate) async fn rename(db: &impl ConnectionTrait, name: &str) {
    let update = tag::Entity::update_many().col_expr(tag::Column::Name, Expr::value(name));
    update.filter(tag::Column::Id.eq(1)).exec(db).await.unwrap();
}

/// What the first tag is called inside, by a plain read and by a cached one.
pub(crate) async fn name_inside(tx: &CachedTransaction) -> String {
    let plain = tags().all(tx).await.unwrap().remove(0).name;
    for _ in 0..2 {
        assert_eq!(tags().cached().all(tx).await.unwrap()[0].name, plain, "stale inside");
    }
    plain
}

async fn s135_a_read_inside_leaves_nothing_stale(shop: &Shop) {
    let tx = shop.db.begin().await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    tx.commit().await.unwrap();
    miss!(shop, |db| tags().all(db).await);
    hit!(shop, |db| tags().all(db).await);
}

async fn s137_a_rollback_keeps_the_entry(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    assert_eq!(name_inside(&tx).await, "pink");
    tx.rollback().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
}

async fn s138_a_transaction_sees_what_it_writes_and_others_do_not(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    rename(&tx, "pink").await;
    assert_eq!(name_inside(&tx).await, "pink");
    // Beside it: what is committed, cached or not.
    assert_eq!(hit!(shop, |db| tags().all(db).await)[0].name, "red");
    let other = same!(shop, |db| tags().limit(1).all(db).await).0;
    assert_eq!(other[0].name, "red");
    tx.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    assert_eq!(miss!(shop, |db| tags().limit(1).all(db).await)[0].name, "pink");
}

async fn s141_a_read_that_is_repeated_inside_stays_right(shop: &Shop) {
    let tx = shop.db.begin().await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    assert_eq!(name_inside(&tx).await, "red");
    // A write of another table, then one of this.
    let author =
        author::ActiveModel { id: Set(2), name: Set("Bruno".into()), ..Default::default() };
    author.update(&tx).await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    rename(&tx, "pink").await;
    assert_eq!(name_inside(&tx).await, "pink");
    tx.commit().await.unwrap();
}

async fn s147_an_error_inside_and_a_rollback_keep_the_entry(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    let twice = tag::ActiveModel { name: Set("red".into()), ..Default::default() };
    tag::Entity::insert(twice).exec(&tx).await.unwrap_err();
    tx.rollback().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
}

async fn s150_a_transaction_of_text_shows_nobody_what_is_not_committed(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let held = shop.db.begin().await.unwrap();
    held.execute_unprepared("SAVEPOINT mine").await.unwrap();
    rename(&held, "pink").await;
    assert_eq!(name_inside(&held).await, "pink");
    held.execute_unprepared("ROLLBACK TO SAVEPOINT mine").await.unwrap();
    assert_eq!(name_inside(&held).await, "red");
    same!(shop, |db| tags().all(db).await);
    held.commit().await.unwrap();
    same!(shop, |db| tags().all(db).await);
}

async fn s151_a_transaction_that_is_dropped_keeps_the_entry(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    drop(tx);
    hit!(shop, |db| tags().all(db).await);
    rename(&shop.db, "teal").await;
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "teal");
}

async fn s152_a_snapshot_is_not_published(shop: &Shop) {
    if shop.is(DbBackend::Sqlite) {
        return;
    }
    let level = Some(IsolationLevel::RepeatableRead);
    let tx = shop.db.begin_with_config(level, None).await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    rename(&shop.db, "pink").await;
    assert_eq!(name_inside(&tx).await, "red", "not a snapshot");
    tx.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn s153_what_is_not_committed_is_not_published(shop: &Shop) {
    if !shop.is(DbBackend::MySql) {
        return;
    }
    let writer: DatabaseTransaction = shop.truth.begin().await.unwrap();
    rename(&writer, "pink").await;
    let level = Some(IsolationLevel::ReadUncommitted);
    let tx = shop.db.begin_with_config(level, None).await.unwrap();
    assert_eq!(name_inside(&tx).await, "pink", "it reads what is not committed");
    tx.commit().await.unwrap();
    writer.rollback().await.unwrap();
    assert_eq!(same!(shop, |db| tags().all(db).await).0[0].name, "red");
}

async fn s154_a_transaction_that_only_reads(shop: &Shop) {
    if shop.is(DbBackend::Sqlite) {
        return;
    }
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin_with_config(None, Some(AccessMode::ReadOnly)).await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    let update = tag::Entity::update_many().col_expr(tag::Column::Name, Expr::value("pink"));
    update.exec(&tx).await.unwrap_err();
    tx.rollback().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
}

async fn s156_a_locking_read_is_never_cached(shop: &Shop) {
    if shop.is(DbBackend::Sqlite) {
        return;
    }
    for _ in 0..2 {
        miss!(shop, |db| tags().lock_exclusive().all(db).await);
        miss!(shop, |db| tags()
            .lock_with_behavior(LockType::Update, LockBehavior::Nowait)
            .all(db)
            .await);
    }
    // A plain read has an entry of its own.
    warm!(shop, |db| tags().all(db).await);
    miss!(shop, |db| tags().lock_exclusive().all(db).await);
}

async fn s158_callbacks_run_once_the_cache_is_right(shop: &Shop) {
    let old = warm!(shop, |db| tags().all(db).await);
    let (sent, received) = tokio::sync::oneshot::channel();
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    let region = shop.db.region().clone();
    let before = region.stats().invalidated_tags;
    tx.on_commit(move || sent.send(region.stats().invalidated_tags - before).unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_ne!(received.await.unwrap(), 0, "called before the cache was invalidated");
    assert_ne!(miss!(shop, |db| tags().all(db).await), old);
}

async fn s160_a_rollback_invalidates_nothing_and_calls_nobody_back(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let before = shop.db.region().stats().invalidated_tags;
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    tx.invalidate_tables(["tag"]).await.unwrap();
    tx.invalidate(["mine"]).await.unwrap();
    tx.on_commit(|| panic!("called back")).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(shop.db.region().stats().invalidated_tags, before);
    hit!(shop, |db| tags().all(db).await);
}

async fn a_closure_that_fails_rolls_back(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let failed = shop
        .db
        .transaction::<_, (), DbErr>(|tx| {
            Box::pin(async move {
                rename(tx, "pink").await;
                Err(DbErr::Custom("no".into()))
            })
        })
        .await;
    assert!(matches!(failed, Err(TransactionError::Transaction(_))));
    hit!(shop, |db| tags().all(db).await);
    let done = shop.db.transaction_async(async |tx| {
        rename(tx, "pink").await;
        Ok::<_, DbErr>(())
    });
    done.await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

/// Two databases, a transaction of each: the one inside commits, the one around it does not.
#[tokio::test(flavor = "multi_thread")]
async fn s155_each_database_has_its_own_transaction() {
    let (one, two) = (Server::Sqlite.shop().await, Server::Sqlite.shop().await);
    for shop in [&one, &two] {
        warm!(shop, |db| tags().all(db).await);
    }
    let outer = one.db.begin().await.unwrap();
    rename(&outer, "pink").await;
    let inner = two.db.begin().await.unwrap();
    rename(&inner, "teal").await;
    inner.commit().await.unwrap();
    outer.rollback().await.unwrap();
    hit!(one, |db| tags().all(db).await);
    assert_eq!(miss!(two, |db| tags().all(db).await)[0].name, "teal");
}

/// Its only connection is in a transaction: reads from the cache do without, and nothing waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_one_connection_never_deadlocks() {
    let shop = Server::Sqlite.shop_of(1).await;
    crate::fixture::within("the transaction", async {
        warm!(shop, |db| tags().all(db).await);
        let tx = shop.db.begin().await.unwrap();
        hit!(shop, |db| tags().all(db).await);
        rename(&tx, "pink").await;
        let inner = tx.begin().await.unwrap();
        tx.invalidate_tables(["tag"]).await.unwrap();
        assert_eq!(name_inside(&inner).await, "pink");
        hit!(shop, |db| tags().all(db).await);
        inner.commit().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    })
    .await;
}
