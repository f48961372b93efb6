//! Transactions inside transactions.

use sea_orm::TransactionTrait;

use crate::fixture::{Shop, hit, miss, on_every_server, warm};
use crate::transactions::{name_inside, rename, tags};

on_every_server!(
    s143_a_savepoint_rolled_back,
    s143_a_savepoint_dropped,
    s144_a_savepoint_committed_in_a_transaction_rolled_back,
    s144_a_savepoint_committed_in_a_transaction_committed,
    s145_the_outer_write_outlives_the_savepoint,
    s146_three_levels_and_the_innermost_is_undone,
    what_a_savepoint_was_told_to_invalidate_goes_with_it,
    what_is_told_around_a_savepoint_stays_when_it_goes,
    callbacks_of_a_savepoint_wait_for_the_transaction,
);

async fn s143_a_savepoint_rolled_back(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    let savepoint = tx.begin().await.unwrap();
    rename(&savepoint, "pink").await;
    assert_eq!(name_inside(&savepoint).await, "pink");
    savepoint.rollback().await.unwrap();
    assert_eq!(name_inside(&tx).await, "red");
    tx.commit().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
}

async fn s143_a_savepoint_dropped(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    rename(&savepoint, "pink").await;
    drop(savepoint);
    assert_eq!(name_inside(&tx).await, "red");
    tx.commit().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
}

async fn s144_a_savepoint_committed_in_a_transaction_rolled_back(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    rename(&savepoint, "pink").await;
    savepoint.commit().await.unwrap();
    assert_eq!(name_inside(&tx).await, "pink");
    hit!(shop, |db| tags().all(db).await);
    tx.rollback().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
}

async fn s144_a_savepoint_committed_in_a_transaction_committed(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    rename(&savepoint, "pink").await;
    savepoint.commit().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
    tx.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn s145_the_outer_write_outlives_the_savepoint(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    let savepoint = tx.begin().await.unwrap();
    rename(&savepoint, "teal").await;
    savepoint.rollback().await.unwrap();
    assert_eq!(name_inside(&tx).await, "pink");
    tx.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn s146_three_levels_and_the_innermost_is_undone(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let outer = shop.db.begin().await.unwrap();
    assert_eq!(name_inside(&outer).await, "red");
    let middle = outer.begin().await.unwrap();
    rename(&middle, "pink").await;
    let inner = middle.begin().await.unwrap();
    rename(&inner, "teal").await;
    assert_eq!(name_inside(&inner).await, "teal");
    inner.rollback().await.unwrap();
    assert_eq!(name_inside(&middle).await, "pink");
    middle.commit().await.unwrap();
    assert_eq!(name_inside(&outer).await, "pink");
    outer.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn what_a_savepoint_was_told_to_invalidate_goes_with_it(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    savepoint.invalidate_tables(["tag"]).await.unwrap();
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
}

async fn what_is_told_around_a_savepoint_stays_when_it_goes(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    let savepoint = tx.begin().await.unwrap();
    // Through the handle of the transaction, while the savepoint is open.
    tx.invalidate_tables(["tag"]).await.unwrap();
    savepoint.rollback().await.unwrap();
    hit!(shop, |db| tags().all(db).await);
    tx.commit().await.unwrap();
    miss!(shop, |db| tags().all(db).await);
}

async fn callbacks_of_a_savepoint_wait_for_the_transaction(shop: &Shop) {
    let (sent, mut received) = tokio::sync::oneshot::channel();
    let tx = shop.db.begin().await.unwrap();
    let kept = tx.begin().await.unwrap();
    kept.on_commit(move || sent.send(()).unwrap()).await.unwrap();
    kept.commit().await.unwrap();
    let undone = tx.begin().await.unwrap();
    undone.on_commit(|| panic!("called back")).await.unwrap();
    undone.rollback().await.unwrap();
    assert!(received.try_recv().is_err(), "called before the transaction has committed");
    tx.commit().await.unwrap();
    received.await.unwrap();
}
