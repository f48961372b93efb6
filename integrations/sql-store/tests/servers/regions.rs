//! Regions on the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile::config::Schemes;
use dogpile::{Backend, Region, minutes, secs};
use tokio::task::JoinSet;

use crate::support::{Database, on_each_database, patient};

on_each_database! {
    what_one_creates_the_other_is_served_until_it_is_invalidated
    a_crowd_of_two_handles_has_one_creator
    a_url_in_a_configuration_is_connected
}

/// A region of its own handle: another process, as it were.
fn region<D: Database>(database: &D) -> Region {
    let store = patient(&database.url()).open().unwrap();
    Region::builder("shop").ttl(minutes(5)).op_timeout(secs(30)).backend(store).build().unwrap()
}

#[derive(Default)]
struct Creator(AtomicUsize);

impl Creator {
    async fn ask(&self, region: &Region) -> usize {
        let create = async || Ok::<_, dogpile::Error>(self.0.fetch_add(1, Ordering::SeqCst));
        *region.entry("k").tag("t").get_or_create(create).await.unwrap()
    }
}

async fn what_one_creates_the_other_is_served_until_it_is_invalidated<D: Database>() {
    let database = D::start().await;
    let (one, two) = (region(&database), region(&database));
    let creator = Creator::default();
    // The very first call on a handle that was never connected is one like any other.
    assert_eq!(creator.ask(&one).await, 0);
    assert_eq!(creator.ask(&one).await, 0);
    assert_eq!(creator.ask(&two).await, 0);
    one.invalidate(["t"]).await.unwrap();
    assert_eq!(creator.ask(&two).await, 1);
    assert_eq!(creator.ask(&one).await, 1);
}

async fn a_crowd_of_two_handles_has_one_creator<D: Database>() {
    let database = D::start().await;
    let (one, two) = (region(&database), region(&database));
    let creator = Arc::new(Creator::default());
    let mut crowd = JoinSet::new();
    for n in 0..100 {
        let region = [&one, &two][n % 2].clone();
        let creator = Arc::clone(&creator);
        crowd.spawn(async move { creator.ask(&region).await });
    }
    assert!(crowd.join_all().await.into_iter().all(|value| value == 0));
}

async fn a_url_in_a_configuration_is_connected<D: Database>() {
    let database = D::start().await;
    let schemes = dogpile_sql_store::register(Schemes::new()).connect_timeout(secs(60));
    let url = database.url().parse().unwrap();
    let backend = schemes.connect(&url).await.unwrap();
    assert_eq!(backend.identity(), database.store().await.identity());
}
