//! What stands beside a function.

use std::sync::LazyLock;

use dogpile::{Error, Region, cached};

use crate::support::{Runs, region};

static SHOP: LazyLock<Region> = LazyLock::new(region);
static RUNS: Runs = Runs::new();

/// How much one currency is worth in another.
#[cached(region = SHOP)]
async fn rate(from: String, to: &str) -> Result<String, Error> {
    Ok(format!("{from}/{to} {}", RUNS.add()))
}

fn eur() -> String {
    String::from("EUR")
}

#[tokio::test]
async fn the_function_and_its_helpers_share_one_value() {
    assert!(rate::get(&eur(), "USD").await.is_none());
    assert_eq!(rate(eur(), "USD").await.unwrap(), "EUR/USD 1");
    assert_eq!(rate(eur(), "USD").await.unwrap(), "EUR/USD 1");
    assert_eq!(rate::get(&eur(), "USD").await.unwrap(), "EUR/USD 1".to_owned());

    rate::invalidate(&eur(), "USD").await.unwrap();
    assert!(rate::get(&eur(), "USD").await.is_none());
    assert_eq!(rate(eur(), "USD").await.unwrap(), "EUR/USD 2");

    rate::set(&eur(), "USD", String::from("set")).await.unwrap();
    assert_eq!(rate(eur(), "USD").await.unwrap(), "set");

    assert_eq!(rate::original(eur(), "USD").await.unwrap(), "EUR/USD 3");
    assert_eq!(rate(eur(), "USD").await.unwrap(), "set");

    assert_eq!(rate::refresh(eur(), "USD").await.unwrap(), "EUR/USD 4");
    assert_eq!(rate(eur(), "USD").await.unwrap(), "EUR/USD 4");

    let found = SHOP.entry(rate::key(&eur(), "USD")).get::<String>().await;
    assert_eq!(found.unwrap(), "EUR/USD 4".to_owned());
    assert!(rate::get(&eur(), "GBP").await.is_none());
    assert_eq!(RUNS.count(), 4);
}

static SLOW: Runs = Runs::new();

#[cached(region = SHOP)]
async fn slow(id: u8) -> Result<usize, Error> {
    // All others are in the flight by the time it lands.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    Ok(SLOW.add() + usize::from(id))
}

#[tokio::test]
async fn a_thousand_calls_are_one_creation_and_a_thousand_refreshes_are_two() {
    let calls: Vec<_> = (0..1000).map(|_| tokio::spawn(slow(7))).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), 7 + 1);
    }
    // The first runs alone: what it reads may be older than what the others have changed since. All
    // of those share the next one.
    let refreshes: Vec<_> = (0..1000).map(|_| tokio::spawn(slow::refresh(7))).collect();
    for (i, refresh) in refreshes.into_iter().enumerate() {
        assert_eq!(refresh.await.unwrap().unwrap(), if i == 0 { 7 + 2 } else { 7 + 3 });
    }
    assert_eq!(SLOW.count(), 3);
}

#[cached(region = SHOP)]
async fn fails_later(_id: u8) -> Result<u8, Error> {
    static RUNS: Runs = Runs::new();
    if RUNS.add() == 1 {
        return Ok(1);
    }
    Err(Error::new(dogpile::ErrorKind::Unavailable, "test", "down"))
}

#[tokio::test]
async fn a_refresh_that_fails_leaves_the_old_value() {
    assert_eq!(fails_later(1).await.unwrap(), 1);
    assert!(fails_later::refresh(1).await.is_err());
    assert_eq!(fails_later(1).await.unwrap(), 1);
}
