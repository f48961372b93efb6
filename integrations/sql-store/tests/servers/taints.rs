//! Writers of one register who do something at once.

use dogpile::backend::{Stamp, TagVersion, Writer};
use dogpile::{Backend, hours};
use tokio::task::JoinSet;

use crate::support::{Database, on_each_database};

on_each_database! {
    writers_that_renew_at_once_all_last
}

const WRITERS: usize = 16;

async fn writers_that_renew_at_once_all_last<D: Database>() {
    let database = D::start().await;
    let (store, other) = (database.store().await, database.store().await);
    let writers: Vec<Writer> = (0..WRITERS).map(|_| Writer::random()).collect();
    for writer in &writers {
        let stamp = Stamp { register: "r", version: TagVersion::random() };
        store.taints().unwrap().place(&[stamp], *writer, hours(1)).await.unwrap();
    }
    let placed = database.number("SELECT tainted FROM dogpile_register").await;
    let mut renewing = JoinSet::new();
    for (n, writer) in writers.into_iter().enumerate() {
        let taints = [&store, &other][n % 2].taints().unwrap();
        renewing.spawn(async move { taints.renew(&["r"], writer, hours(10)).await.unwrap() });
    }
    assert!(renewing.join_all().await.into_iter().all(|renewed| renewed));
    // The ends in the row, as bytes: none of them is one of those that were placed.
    let later = |n: usize| {
        let end = n * 24 + 17;
        format!("substr(writers, {end}, 8) > {}", D::bytes(&placed.to_be_bytes()))
    };
    let all = (0..WRITERS).map(later).collect::<Vec<_>>().join(" AND ");
    let lasting = format!("SELECT count(*) FROM dogpile_register WHERE {all}");
    assert_eq!(database.number(&lasting).await, 1, "a renewal was lost to another writer's");
}
