//! What went round the cached connection.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::fixture::{Server, Shop, hit, miss, on_every_server, warm, within};
use crate::transactions::{rename, tags};

on_every_server!(
    a_write_round_the_connection_is_seen_and_counted,
    what_goes_through_the_connection_is_not_caught,
);

async fn a_write_round_the_connection_is_seen_and_counted(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    tags().all(shop.db.inner()).await.unwrap();
    assert_eq!(shop.db.writes_past(), 0, "a read is no write");
    hit!(shop, |db| tags().all(db).await);
    rename(shop.db.inner(), "pink").await;
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    assert_eq!(shop.db.writes_past(), 1);
    assert_eq!(shop.db.explicit().writes_past(), 1, "all views share the net");
}

async fn what_goes_through_the_connection_is_not_caught(shop: &Shop) {
    rename(&shop.db, "pink").await;
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "teal").await;
    tx.commit().await.unwrap();
    shop.db.execute_unprepared("UPDATE tag SET name = 'cyan' WHERE id = 1").await.unwrap();
    assert_eq!(shop.db.writes_past(), 0);
}

/// A transaction that goes round the connection commits after its write was heard of.
#[tokio::test]
async fn a_write_that_commits_late_is_seen_when_it_is_invalidated_again() {
    let shop = Server::Sqlite.shop().await;
    let tx = shop.db.inner().begin().await.unwrap();
    rename(&tx, "pink").await;
    // What is not committed yet cannot be seen: the old name is kept.
    assert_eq!(warm!(shop, |db| tags().all(db).await)[0].name, "red");
    tx.commit().await.unwrap();
    let before = shop.db.region().stats().invalidated_tags;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
    within("the second invalidation", async {
        while shop.db.region().stats().invalidated_tags == before {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}
