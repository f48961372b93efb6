//! Handles of transactions in every order in which Rust lets them go.

use futures_util::TryStreamExt;
use sea_orm::entity::prelude::*;
use sea_orm::{StreamTrait, TransactionTrait};

use crate::fixture::entities::tag;
use crate::fixture::{Shop, hit, miss, on_every_server, warm, within};
use crate::transactions::{name_inside, rename, tags};

on_every_server!(
    a_child_is_dropped_while_its_parent_lives,
    a_parent_is_dropped_before_its_child,
    a_parent_commits_before_its_child,
    a_child_is_dropped_while_a_stream_of_it_runs,
    a_handle_is_dropped_while_another_uses_the_connection,
    a_handle_may_go_to_another_task,
);

async fn a_child_is_dropped_while_its_parent_lives(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let parent = shop.db.begin().await.unwrap();
    rename(&parent, "pink").await;
    let child = parent.begin().await.unwrap();
    rename(&child, "teal").await;
    let grandchild = child.begin().await.unwrap();
    rename(&grandchild, "cyan").await;
    // Out of their order: the one around first.
    drop(child);
    assert!(tags().all(&grandchild).await.is_err(), "its savepoint is gone");
    drop(grandchild);
    assert_eq!(name_inside(&parent).await, "pink");
    hit!(shop, |db| tags().all(db).await);
    parent.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}

async fn a_parent_is_dropped_before_its_child(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let parent = shop.db.begin().await.unwrap();
    let child = parent.begin().await.unwrap();
    rename(&child, "pink").await;
    drop(parent);
    assert!(child.commit().await.is_err(), "there is nothing left to commit");
    hit!(shop, |db| tags().all(db).await);
    within("the next transaction", check(shop)).await;
}

/// The connections are fit for use, and what is written is seen.
async fn check(shop: &Shop) {
    for name in ["one", "two"] {
        let tx = shop.db.begin().await.unwrap();
        rename(&tx, name).await;
        tx.commit().await.unwrap();
        assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, name);
        hit!(shop, |db| tags().all(db).await);
    }
}

async fn a_parent_commits_before_its_child(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let parent = shop.db.begin().await.unwrap();
    rename(&parent, "pink").await;
    let child = parent.begin().await.unwrap();
    rename(&child, "teal").await;
    parent.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    assert!(child.commit().await.is_err(), "it was rolled back with its parent's end");
    within("the next transaction", check(shop)).await;
}

async fn a_child_is_dropped_while_a_stream_of_it_runs(shop: &Shop) {
    let parent = shop.db.begin().await.unwrap();
    let child = parent.begin().await.unwrap();
    rename(&child, "pink").await;
    let mut rows = tag::Entity::find().stream(&child).await.unwrap();
    assert!(rows.try_next().await.unwrap().is_some());
    drop(rows);
    drop(child);
    assert_eq!(name_inside(&parent).await, "red");
    parent.commit().await.unwrap();
    within("the next transaction", check(shop)).await;
}

async fn a_handle_is_dropped_while_another_uses_the_connection(shop: &Shop) {
    let parent = shop.db.begin().await.unwrap();
    let child = parent.begin().await.unwrap();
    rename(&child, "pink").await;
    let statement =
        sea_orm::QueryTrait::build(&tags(), ConnectionTrait::get_database_backend(&shop.db));
    let mut rows = parent.stream_raw(statement).await.unwrap();
    assert!(rows.try_next().await.unwrap().is_some());
    // The parent's stream has the connection: the child is rolled back once it is free.
    drop(child);
    drop(rows);
    assert_eq!(name_inside(&parent).await, "red");
    rename(&parent, "teal").await;
    parent.commit().await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "teal");
}

async fn a_handle_may_go_to_another_task(shop: &Shop) {
    warm!(shop, |db| tags().all(db).await);
    let tx = shop.db.begin().await.unwrap();
    let task = tokio::spawn(async move {
        rename(&tx, "pink").await;
        tx.commit().await.unwrap();
    });
    within("the task", task).await.unwrap();
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
}
