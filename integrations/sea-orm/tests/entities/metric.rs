//! What the metric callback of the user hears.

use std::mem::take;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dogpile_sea_orm::{CachedConnection, SelectCacheExt};
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use sea_orm::entity::prelude::*;
use sea_orm::metric::Info;
use sea_orm::{
    IntoActiveModel, PaginatorTrait, Set, Statement, StreamTrait, TransactionSession,
    TransactionTrait,
};

use crate::fixture::entities::tag;
use crate::fixture::{Shop, on_every_server};
use crate::transactions::{rename, tags};

on_every_server!(
    it_hears_what_that_of_sea_orm_hears,
    it_does_not_hear_of_hits,
    it_hears_once_what_several_wait_for,
    it_hears_of_a_stream_when_that_ends,
    it_hears_of_errors_of_the_database_alone,
    it_hears_what_goes_round_the_connection,
);

/// The statements that were heard, and whether they failed.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(String, bool)>>>);

impl Heard {
    fn callback(&self) -> impl Fn(&Info<'_>) + Send + Sync + 'static {
        let Self(heard) = self.clone();
        move |info| {
            assert!(info.elapsed > Duration::ZERO);
            heard.lock().unwrap().push((info.statement.to_string(), info.failed));
        }
    }

    /// Those since the last time.
    fn take(&self) -> Vec<(String, bool)> {
        take(&mut *self.0.lock().unwrap())
    }

    /// How many, since the last time.
    fn count(&self) -> usize {
        self.take().len()
    }
}

fn listened(shop: &Shop) -> (CachedConnection, Heard) {
    let heard = Heard::default();
    (shop.db.with_metric_callback(heard.callback()), heard)
}

/// Some of all that an application does, each read for the first time.
async fn work<C>(db: &C)
where
    C: ConnectionTrait + StreamTrait + TransactionTrait,
{
    tags().all(db).await.unwrap();
    tag::Entity::find_by_id(2).one(db).await.unwrap();
    tags().count(db).await.unwrap();
    let white = tag::ActiveModel { name: Set("white".into()), ..Default::default() };
    let mut white = white.insert(db).await.unwrap().into_active_model();
    white.name = Set("black".into());
    white.update(db).await.unwrap().delete(db).await.unwrap();
    tags().stream(db).await.unwrap().try_collect::<Vec<_>>().await.unwrap();
    db.execute_unprepared("UPDATE tag SET name = name").await.unwrap();
    let tx = db.begin().await.unwrap();
    rename(&tx, "pink").await;
    tags().all(&tx).await.unwrap();
    let inside = tx.begin().await.unwrap();
    rename(&inside, "teal").await;
    inside.rollback().await.unwrap();
    rename(&tx, "red").await;
    tx.commit().await.unwrap();
    let nothing = Statement::from_string(ConnectionTrait::get_database_backend(db), "SELECT nope");
    db.query_all_raw(nothing.clone()).await.unwrap_err();
    db.query_one_raw(nothing.clone()).await.unwrap_err();
    db.execute_raw(nothing).await.unwrap_err();
}

async fn it_hears_what_that_of_sea_orm_hears(shop: &Shop) {
    let (db, heard) = listened(shop);
    let mut own = shop.truth.clone();
    let heard_by_own = Heard::default();
    own.set_metric_callback(heard_by_own.callback());
    work(&own).await;
    let mut expected = heard_by_own.take();
    work(&db).await;
    // The keys that the database has given out.
    let mut said = heard.take();
    for (statement, _) in expected.iter_mut().chain(&mut said) {
        *statement = statement.replace(" 5", " 4");
    }
    assert_eq!(said, expected);
    assert!(said.len() >= 12, "{said:?}");
    assert_eq!(said.iter().filter(|(_, failed)| *failed).count(), 3);
}

async fn it_does_not_hear_of_hits(shop: &Shop) {
    let (db, heard) = listened(shop);
    for expected in [1, 0, 0] {
        tags().all(&db).await.unwrap();
        assert_eq!(heard.count(), expected, "plain");
        tags().cached().all(&db).await.unwrap();
        assert_eq!(heard.count(), expected, "marked");
        tags().cached().one(&db).await.unwrap();
        assert_eq!(heard.count(), expected, "one");
        tags().cached().count(&db).await.unwrap();
        assert_eq!(heard.count(), expected, "counted");
        tags().cached().stream(&db).await.unwrap().try_collect::<Vec<_>>().await.unwrap();
        assert_eq!(heard.count(), 0, "streamed what is there");
    }
    let tx = db.begin().await.unwrap();
    for expected in [1, 0] {
        tags().cached().all(&tx).await.unwrap();
        assert_eq!(heard.count(), expected, "what the transaction remembers");
    }
}

async fn it_hears_once_what_several_wait_for(shop: &Shop) {
    let (db, heard) = listened(shop);
    // The catalog is known then, and who the server is.
    tag::Entity::find_by_id(1).cached().one(&db).await.unwrap();
    heard.take();
    join_all((0..8).map(|_| async { tags().cached().all(&db).await.unwrap() })).await;
    assert_eq!(heard.count(), 1);
}

async fn it_hears_of_a_stream_when_that_ends(shop: &Shop) {
    let (db, heard) = listened(shop);
    let mut plain = tags().stream(&db).await.unwrap();
    plain.try_next().await.unwrap().unwrap();
    assert_eq!(heard.count(), 0);
    drop(plain);
    assert_eq!(heard.count(), 1, "dropped half way");
    let mut marked = tags().cached().stream(&db).await.unwrap();
    while marked.try_next().await.unwrap().is_some() {}
    drop(marked);
    assert_eq!(heard.count(), 1, "read to its end");
}

async fn it_hears_of_errors_of_the_database_alone(shop: &Shop) {
    let (db, heard) = listened(shop);
    let nothing = Statement::from_string(shop.backend(), "SELECT nope FROM tag");
    let rows = db.stream_raw(nothing.clone()).await.unwrap();
    rows.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(heard.take(), [("SELECT nope FROM tag".to_owned(), true)]);
    db.close_by_ref().await.unwrap();
    db.query_all_raw(nothing.clone()).await.unwrap_err();
    db.execute_raw(nothing).await.unwrap_err();
    tags().cached().all(&db).await.unwrap_err();
    assert_eq!(heard.count(), 0, "there was no connection to send it on");
}

async fn it_hears_what_goes_round_the_connection(shop: &Shop) {
    let (db, heard) = listened(shop);
    rename(db.inner(), "pink").await;
    assert_eq!((heard.count(), db.writes_past()), (1, 1));
    db.outside(async |inner| rename(inner, "teal").await).await;
    assert_eq!((heard.count(), db.writes_past()), (1, 1));
    rename(&db.explicit(), "cyan").await;
    assert_eq!((heard.count(), db.writes_past()), (1, 1));
    // Each view has its own.
    rename(&shop.db, "red").await;
    assert_eq!(heard.count(), 0);
}
