//! Results row by row, from the cache and past it.

use dogpile::{Region, TagSpace, minutes};
use dogpile_sea_orm::{CachedConnection, Policy, SelectCacheExt};
use futures_util::TryStreamExt;
use sea_orm::entity::prelude::*;
use sea_orm::{
    DbBackend, FromQueryResult, QueryOrder, QuerySelect, Set, Statement, StreamTrait,
    TransactionTrait,
};

use crate::fixture::entities::{author, post, tag};
use crate::fixture::{Shop, hit, miss, on_every_server, same, warm};
use crate::transactions::{rename, tags};

on_every_server!(
    a_stream_fills_the_cache_and_is_served_from_it,
    a_marked_stream_is_served_with_models,
    every_select_that_sea_orm_streams_is_streamed,
    a_stream_that_is_dropped_half_way_is_not_stored,
    a_write_while_a_stream_is_read_leaves_nothing_stale,
    what_is_too_large_is_streamed_past,
    an_error_in_the_middle_is_where_it_was_and_stores_nothing,
    the_rules_of_reads_are_those_of_streams,
    a_stream_in_a_transaction_is_its_own,
);

/// All tags, one by one.
async fn streamed(db: &(impl ConnectionTrait + StreamTrait)) -> Result<Vec<tag::Model>, DbErr> {
    tags().stream(db).await?.try_collect().await
}

/// All tags, one by one, of a select that is marked; and how many connections were taken.
async fn marked(shop: &Shop, db: &CachedConnection) -> (Vec<tag::Model>, usize) {
    let rows = async { tags().cached().stream(db).await.unwrap().try_collect().await.unwrap() };
    shop.taken(rows).await
}

/// Whether there is an entry of the tags, as plain reads and streams have it.
async fn is_held(db: &CachedConnection) -> bool {
    let explained = db.explain(&tags()).await;
    explained.entry().unwrap_or_else(|| panic!("{explained}")).held.is_some()
}

async fn a_stream_fills_the_cache_and_is_served_from_it(shop: &Shop) {
    assert!(!is_held(&shop.db).await);
    miss!(shop, |db| streamed(db).await);
    assert!(is_held(&shop.db).await);
    hit!(shop, |db| streamed(db).await);
    hit!(shop, |db| tags().all(db).await);
    rename(&shop.db, "pink").await;
    // What a list has left there a stream finds.
    assert_eq!(miss!(shop, |db| tags().all(db).await)[0].name, "pink");
    assert_eq!(hit!(shop, |db| streamed(db).await)[0].name, "pink");
}

async fn a_marked_stream_is_served_with_models(shop: &Shop) {
    let db = shop.db.explicit();
    let (first, taken) = marked(shop, &db).await;
    assert_ne!(taken, 0);
    assert_eq!(first, tags().all(&shop.truth).await.unwrap());
    assert!(tags().cached().explain(&db).await.entry().unwrap().held.is_some());
    assert_eq!(marked(shop, &db).await, (first, 0));
    let (all, taken) = shop.taken(async { tags().cached().all(&db).await.unwrap() }).await;
    assert_eq!((all.len(), taken), (3, 0), "the same entry");
    rename(&db, "pink").await;
    tags().cached().all(&db).await.unwrap();
    let (rows, taken) = marked(shop, &db).await;
    assert_eq!((rows[0].name.as_str(), taken), ("pink", 0));
}

#[derive(Debug, Clone, PartialEq, FromQueryResult)]
struct Name {
    name: String,
}

async fn every_select_that_sea_orm_streams_is_streamed(shop: &Shop) {
    /// Twice through the cache, once past it; and the second time without a connection.
    macro_rules! twice {
        ($select:expr) => {{
            let truth: Vec<_> =
                $select.stream(&shop.truth).await.unwrap().try_collect().await.unwrap();
            assert!(!truth.is_empty());
            for is_hit in [false, true] {
                let rows = async {
                    let rows = $select.cached().stream(&shop.db).await.unwrap();
                    rows.try_collect::<Vec<_>>().await.unwrap()
                };
                let (rows, taken) = shop.taken(rows).await;
                assert_eq!((rows, taken == 0), (truth.clone(), is_hit));
            }
        }};
    }
    let posts = || post::Entity::find().order_by_asc(post::Column::Id);
    twice!(posts());
    twice!(posts().find_also_related(author::Entity));
    twice!(posts().inner_join(author::Entity).select_also(author::Entity));
    twice!(author::Entity::find().order_by_asc(author::Column::Id).into_model::<Name>());
    twice!(tags().select_only().column(tag::Column::Name).into_tuple::<String>());
    let sql = "SELECT name FROM tag ORDER BY id";
    let raw = || Statement::from_string(shop.backend(), sql);
    twice!(Name::find_by_statement(raw()));
}

async fn a_stream_that_is_dropped_half_way_is_not_stored(shop: &Shop) {
    // More often than there are connections.
    for _ in 0..6 {
        let mut plain = tags().stream(&shop.db).await.unwrap();
        assert_eq!(plain.try_next().await.unwrap().unwrap().name, "red");
        drop(plain);
        let mut marked = tags().cached().stream(&shop.db).await.unwrap();
        assert_eq!(marked.try_next().await.unwrap().unwrap().name, "red");
    }
    assert_eq!(shop.db.region().stats().stored, 0);
    assert!(!is_held(&shop.db).await);
    miss!(shop, |db| streamed(db).await);
    // Nor does it do harm to what is there.
    let mut rows = tags().stream(&shop.db).await.unwrap();
    rows.try_next().await.unwrap().unwrap();
    drop(rows);
    hit!(shop, |db| streamed(db).await);
}

async fn a_write_while_a_stream_is_read_leaves_nothing_stale(shop: &Shop) {
    let mut rows = tags().stream(&shop.db).await.unwrap();
    rows.try_next().await.unwrap().unwrap();
    let mut models = tags().cached().stream(&shop.db).await.unwrap();
    models.try_next().await.unwrap().unwrap();
    rename(&shop.db, "pink").await;
    rows.try_collect::<Vec<_>>().await.unwrap();
    models.try_collect::<Vec<_>>().await.unwrap();
    assert!(!is_held(&shop.db).await);
    assert_eq!(miss!(shop, |db| streamed(db).await)[0].name, "pink");
    assert_eq!(marked(shop, &shop.db).await.0[0].name, "pink");
}

async fn what_is_too_large_is_streamed_past(shop: &Shop) {
    let posts = (0..100).map(|_| post::ActiveModel {
        author_id: Set(1),
        title: Set("a title that is as long as titles are".repeat(4)),
        visible: Set(true),
        ..Default::default()
    });
    post::Entity::insert_many(posts).exec(&shop.truth).await.unwrap();
    let region = Region::builder("small").ttl(minutes(5)).max_value(4_000);
    let region = region.tag_space(TagSpace::new(1_000)).build().unwrap();
    let db = CachedConnection::new(shop.db.inner().clone(), region).unwrap();
    for _ in 0..2 {
        let rows = post::Entity::find().stream(&db).await.unwrap();
        assert_eq!(rows.try_collect::<Vec<_>>().await.unwrap().len(), 103);
        let rows = post::Entity::find().cached().stream(&db).await.unwrap();
        assert_eq!(rows.try_collect::<Vec<_>>().await.unwrap().len(), 103);
    }
    let stats = db.region().stats();
    assert_eq!((stats.stored, stats.hits, stats.misses), (0, 0, 4));
    // What is small is kept.
    streamed(&db).await.unwrap();
    marked(shop, &db).await;
    let (_, taken) = shop.taken(async { streamed(&db).await.unwrap() }).await;
    assert_eq!((taken, marked(shop, &db).await.1), (0, 0));
}

/// What fails at the third tag.
const BREAKS: [&str; 3] = [
    "SELECT name, CASE id WHEN 3 THEN abs(-9223372036854775807 - 1) ELSE 1 END AS one FROM tag",
    "SELECT name, 1 / (3 - id) AS one FROM tag",
    "SELECT name, CASE id WHEN 3 THEN 18446744073709551615 + id ELSE 1 END AS one FROM tag",
];

async fn an_error_in_the_middle_is_where_it_was_and_stores_nothing(shop: &Shop) {
    let sql = match shop.backend() {
        DbBackend::Sqlite => BREAKS[0],
        DbBackend::Postgres => BREAKS[1],
        _ => BREAKS[2],
    };
    let raw = || Name::find_by_statement(Statement::from_string(shop.backend(), sql));
    assert!(shop.db.explain_raw(Statement::from_string(shop.backend(), sql)).await.is_cached());
    let truth = until_it_breaks(raw().stream(&shop.truth).await.unwrap()).await;
    assert!(truth.1.is_some());
    for _ in 0..2 {
        let plain = until_it_breaks(raw().stream(&shop.db).await.unwrap()).await;
        assert_eq!(plain, truth);
        let marked = until_it_breaks(raw().cached().stream(&shop.db).await.unwrap()).await;
        assert_eq!(marked, truth);
    }
    assert_eq!(shop.db.region().stats().stored, 0);
    same!(shop, |db| streamed(db).await);
}

/// What a stream gave, and the error that it ended with.
async fn until_it_breaks(
    rows: impl futures_util::Stream<Item = Result<Name, DbErr>>,
) -> (Vec<Name>, Option<DbErr>) {
    let mut rows = std::pin::pin!(rows);
    let mut given = Vec::new();
    loop {
        match rows.try_next().await {
            Ok(Some(row)) => given.push(row),
            Ok(None) => return (given, None),
            Err(error) => return (given, Some(error)),
        }
    }
}

async fn the_rules_of_reads_are_those_of_streams(shop: &Shop) {
    let denied = shop.db.with_policy(Policy::all().except(["tag"]));
    assert_eq!(denied.explain(&tags()).await.reason(), Some("denied_table"));
    let explicit = shop.db.explicit();
    assert_eq!(explicit.explain(&tags()).await.reason(), Some("not_marked"));
    for db in [&denied, &explicit, &shop.db.uncached(), &explicit.cached().uncached()] {
        for _ in 0..2 {
            let (_, taken) = shop.taken(async { streamed(db).await.unwrap() }).await;
            assert_ne!(taken, 0);
        }
    }
    assert_ne!(marked(shop, &denied).await.1, 0);
    assert_eq!(shop.db.region().stats().stored, 0);
    // What the connection says, and what the text says.
    let sql = "/* dogpile: on */ SELECT name FROM tag ORDER BY id";
    let hinted = || Name::find_by_statement(Statement::from_string(shop.backend(), sql));
    for is_hit in [false, true] {
        let rows = async { streamed(&explicit.cached()).await.unwrap() };
        assert_eq!(shop.taken(rows).await.1 == 0, is_hit);
        let rows = async {
            let rows = hinted().stream(&explicit).await.unwrap();
            rows.try_collect::<Vec<_>>().await.unwrap()
        };
        assert_eq!(shop.taken(rows).await.1 == 0, is_hit);
    }
}

async fn a_stream_in_a_transaction_is_its_own(shop: &Shop) {
    warm!(shop, |db| streamed(db).await);
    marked(shop, &shop.db).await;
    let stored = shop.db.region().stats().stored;
    let tx = shop.db.begin().await.unwrap();
    rename(&tx, "pink").await;
    assert_eq!(streamed(&tx).await.unwrap()[0].name, "pink");
    let rows = tags().cached().stream(&tx).await.unwrap();
    assert_eq!(rows.try_collect::<Vec<_>>().await.unwrap()[0].name, "pink");
    let mut half = tags().cached().stream(&tx).await.unwrap();
    half.try_next().await.unwrap().unwrap();
    drop(half);
    assert_eq!(hit!(shop, |db| streamed(db).await)[0].name, "red");
    tx.rollback().await.unwrap();
    assert_eq!(hit!(shop, |db| streamed(db).await)[0].name, "red");
    assert_eq!(marked(shop, &shop.db).await.1, 0);
    assert_eq!(shop.db.region().stats().stored, stored);
}
