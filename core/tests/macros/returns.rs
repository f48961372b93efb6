//! What functions may return.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile::{Region, Shared, cached};

use crate::support::{Runs, region};

static SHOP: LazyLock<Region> = LazyLock::new(region);

#[derive(Debug, PartialEq)]
enum Failure {
    Own,
    Cache,
}

impl From<dogpile::Error> for Failure {
    fn from(_: dogpile::Error) -> Self {
        Self::Cache
    }
}

#[cached(region = SHOP)]
async fn fails_at_first(id: u8) -> Result<u8, Failure> {
    static RUNS: Runs = Runs::new();
    if RUNS.add() < 2 { Err(Failure::Own) } else { Ok(id) }
}

#[tokio::test]
async fn an_error_is_the_functions_own_and_is_not_cached() {
    assert_eq!(fails_at_first(1).await, Err(Failure::Own));
    assert_eq!(fails_at_first(1).await, Ok(1));
    assert_eq!(fails_at_first(1).await, Ok(1));
}

#[cached(region = SHOP)]
async fn shared(id: u8) -> Result<Shared<Vec<u8>>, Failure> {
    if id == 0 {
        return Err(Failure::Own);
    }
    Ok(vec![id])
}

#[tokio::test]
async fn a_shared_value_is_not_copied() {
    assert!(shared(1).await.unwrap().ptr_eq(&shared(1).await.unwrap()));
    assert_eq!(shared(0).await.unwrap_err(), Failure::Own);
    assert_eq!(shared::original(2).await.unwrap(), vec![2]);
}

#[cached(region = SHOP)]
async fn plain(id: u8) -> usize {
    static RUNS: Runs = Runs::new();
    usize::from(id) * 100 + RUNS.add()
}

#[cached(region = SHOP)]
async fn plain_shared(id: u8) -> Shared<String> {
    id.to_string()
}

#[tokio::test]
async fn a_function_need_not_be_able_to_fail() {
    assert_eq!(plain(1).await, 101);
    assert_eq!(plain(1).await, 101);
    assert_eq!(plain::refresh(1).await, 102);
    assert_eq!(plain(1).await, 102);
    assert!(plain_shared(1).await.ptr_eq(&plain_shared(1).await));
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

#[cached(region = SHOP)]
async fn panics_three_times() -> u8 {
    // Whoever waits is in the flight before its leader panics.
    tokio::task::yield_now().await;
    assert!(PANICS.fetch_add(1, Ordering::SeqCst) >= 3, "one of three");
    7
}

#[tokio::test]
async fn who_waited_in_vain_for_others_runs_a_function_that_cannot_fail_itself() {
    let calls: Vec<_> = (0..5).map(|_| tokio::spawn(panics_three_times())).collect();
    let mut values = Vec::new();
    for call in calls {
        values.extend(call.await.ok());
    }
    assert_eq!(values, [7, 7]);
    assert_eq!(SHOP.stats().unlocked, 2);
}

type AnyResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

mod alias {
    pub(super) type Result<T> = super::AnyResult<T>;
}

#[cached(region = SHOP)]
async fn by_alias(text: &str) -> alias::Result<u8> {
    Ok(text.parse()?)
}

#[tokio::test]
async fn a_result_with_one_parameter_is_a_result() {
    assert_eq!(by_alias("7").await.unwrap(), 7);
    assert!(by_alias("seven").await.is_err());
    assert_eq!(by_alias::get("7").await.as_deref(), Some(&7));
}
