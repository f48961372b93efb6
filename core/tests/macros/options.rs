//! The options, one by one.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dogpile::{Error, Key, ManualClock, Region, Shared, cached, hours, minutes, secs};

use crate::support::{Runs, builder, region};

static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
static TIMED: LazyLock<Region> = LazyLock::new(|| builder().clock(CLOCK.clone()).build().unwrap());
static SHOP: LazyLock<Region> = LazyLock::new(region);

fn life_of(id: u64) -> Duration {
    minutes(id)
}

#[cached(region = TIMED, ttl = life_of(*id), namespace = "ttl")]
async fn lives_for_its_id(id: u64) -> Result<u64, Error> {
    static RUNS: Runs = Runs::new();
    Ok(RUNS.add() as u64)
}

#[cached(region = TIMED, ttl = secs(10), stale_for = hours(1))]
async fn stale_for_an_hour() -> Result<usize, Error> {
    static RUNS: Runs = Runs::new();
    static FAILING: AtomicBool = AtomicBool::new(false);
    if FAILING.swap(true, Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    Ok(RUNS.add())
}

#[tokio::test]
async fn ttl_may_depend_on_the_arguments_and_stale_values_are_served() {
    assert_eq!(lives_for_its_id(1).await.unwrap(), 1);
    assert_eq!(lives_for_its_id(3).await.unwrap(), 2);
    assert_eq!(stale_for_an_hour().await.unwrap(), 1);
    CLOCK.advance(minutes(2));
    assert_eq!(lives_for_its_id(1).await.unwrap(), 3);
    assert_eq!(lives_for_its_id(3).await.unwrap(), 2);
    let first = tokio::spawn(stale_for_an_hour());
    while TIMED.stats().flights == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stale_for_an_hour().await.unwrap(), 1);
    first.abort();
}

static TAGGED_RUNS: Runs = Runs::new();

#[cached(region = SHOP, tag = "rates", tags = [format!("from:{from}"), format!("to:{}", to.name)])]
async fn tagged(from: u8, to: Currency) -> Result<usize, Error> {
    Ok(TAGGED_RUNS.add())
}

#[derive(Clone)]
struct Currency {
    name: &'static str,
}

impl dogpile::KeyPart for Currency {
    fn write(&self, writer: &mut dogpile::KeyWriter) {
        self.name.write(writer);
    }
}

#[tokio::test]
async fn tags_come_from_the_arguments_and_end_every_value_that_has_them() {
    const USD: Currency = Currency { name: "USD" };
    for (tag, runs) in [("rates", 2), ("from:1", 3), ("to:USD", 4), ("from:2", 4), ("to:EUR", 4)] {
        tagged(1, USD).await.unwrap();
        SHOP.invalidate([tag]).await.unwrap();
        assert_eq!(tagged::get(&1, &USD).await.is_none(), runs > TAGGED_RUNS.count(), "{tag}");
        tagged(1, USD).await.unwrap();
        assert_eq!(TAGGED_RUNS.count(), runs, "{tag}");
    }
    tagged::set(&1, &USD, 77).await.unwrap();
    assert_eq!(tagged(1, USD).await.unwrap(), 77);
    SHOP.invalidate(["to:USD"]).await.unwrap();
    assert_eq!(tagged(1, USD).await.unwrap(), 5);
}

#[cached(region = SHOP, tags = ["a", "b"])]
async fn constant_tags(_id: u8) -> Result<usize, Error> {
    static RUNS: Runs = Runs::new();
    Ok(RUNS.add())
}

#[tokio::test]
async fn tags_that_never_change_work_as_well() {
    assert_eq!(constant_tags(1).await.unwrap(), 1);
    SHOP.invalidate(["b"]).await.unwrap();
    assert_eq!(constant_tags(1).await.unwrap(), 2);
    assert_eq!(constant_tags(1).await.unwrap(), 2);
}

static FOUND_RUNS: Runs = Runs::new();

#[cached(region = SHOP, should_cache = |_key, found| found.is_some())]
async fn find(id: u8) -> Result<Option<u8>, Error> {
    FOUND_RUNS.add();
    Ok((id > 10).then_some(id))
}

#[tokio::test]
async fn should_cache_keeps_values_out_and_refresh_asks_it_too() {
    assert_eq!(find(1).await.unwrap(), None);
    assert_eq!(find::refresh(1).await.unwrap(), None);
    assert_eq!(find(1).await.unwrap(), None);
    assert_eq!(FOUND_RUNS.count(), 3);
    assert_eq!(find(11).await.unwrap(), Some(11));
    assert_eq!(find(11).await.unwrap(), Some(11));
    assert_eq!(FOUND_RUNS.count(), 4);
}

fn only_the_key_of_two(key: &Key, _: &u8) -> bool {
    *key == by_path::key(&2)
}

static BY_PATH_RUNS: Runs = Runs::new();

#[cached(region = SHOP, should_cache = only_the_key_of_two)]
async fn by_path(id: u8) -> Result<u8, Error> {
    BY_PATH_RUNS.add();
    Ok(id)
}

#[tokio::test]
async fn should_cache_is_told_the_key() {
    for id in [1, 1, 2, 2] {
        assert_eq!(by_path(id).await.unwrap(), id);
    }
    assert_eq!(BY_PATH_RUNS.count(), 3);
}

#[cached(region = SHOP)]
async fn nothing_is_a_value(_id: u8) -> Result<Option<u8>, Error> {
    static RUNS: Runs = Runs::new();
    Ok((RUNS.add() > 1).then_some(1))
}

#[tokio::test]
async fn none_is_cached_like_any_value() {
    assert_eq!(nothing_is_a_value(1).await.unwrap(), None);
    assert_eq!(nothing_is_a_value(1).await.unwrap(), None);
}

/// No serde, no `Clone`.
#[derive(Debug)]
struct Compiled(String);

static COMPILES: Runs = Runs::new();

#[cached(
    region = SHOP,
    in_process = |template| Some(template.0.len()),
    should_cache = |_, template| template.0 != "never",
)]
async fn compile(source: &str) -> Result<Shared<Compiled>, Error> {
    COMPILES.add();
    Ok(Compiled(source.to_owned()))
}

#[cached(region = SHOP, in_process)]
async fn unweighed(source: &str) -> Result<Shared<Compiled>, Error> {
    Ok(Compiled(source.to_owned()))
}

#[tokio::test]
async fn values_in_this_process_need_neither_serde_nor_clone() {
    let first = compile("home").await.unwrap();
    assert!(first.ptr_eq(&compile("home").await.unwrap()));
    assert!(first.ptr_eq(&compile::get("home").await.unwrap()));
    assert!(!first.ptr_eq(&compile::refresh("home").await.unwrap()));
    compile("never").await.unwrap();
    assert!(compile::get("never").await.is_none());
    assert_eq!(COMPILES.count(), 3);
    compile::set("home", Compiled(String::from("set"))).await.unwrap();
    assert_eq!(compile("home").await.unwrap().0, "set");
    assert!(unweighed("a").await.unwrap().ptr_eq(&unweighed("a").await.unwrap()));
}

static GATE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(0);

#[cached(region = SHOP, detached)]
async fn outlives(id: u8) -> Result<u8, Error> {
    let _open = GATE.acquire().await.unwrap();
    Ok(id)
}

#[cached(region = SHOP, detached, should_cache = |_, id| *id == 1)]
async fn outlives_if_wanted(id: u8) -> Result<u8, Error> {
    let _open = GATE.acquire().await.unwrap();
    Ok(id)
}

#[tokio::test]
async fn a_detached_creation_outlives_its_caller() {
    let callers = [tokio::spawn(outlives(1)), tokio::spawn(outlives_if_wanted(1))];
    while SHOP.stats().flights < 2 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    for caller in callers {
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
    }
    GATE.add_permits(1);
    while SHOP.stats().flights > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(outlives::get(&1).await.as_deref(), Some(&1));
    assert_eq!(outlives_if_wanted::get(&1).await.as_deref(), Some(&1));
}

static SLOW: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(0);

#[cached(region = SHOP, in_process)]
async fn slow() -> Result<Shared<Compiled>, Error> {
    let _open = SLOW.acquire().await.unwrap();
    Ok(Compiled(String::from("created")))
}

#[tokio::test]
async fn a_value_that_was_set_is_not_replaced_by_a_creation_that_began_before() {
    let creation = tokio::spawn(slow());
    while SHOP.stats().flights == 0 {
        tokio::task::yield_now().await;
    }
    slow::set(Compiled(String::from("set"))).await.unwrap();
    SLOW.add_permits(1);
    assert_eq!(creation.await.unwrap().unwrap().0, "created");
    assert_eq!(slow::get().await.unwrap().0, "set");
}
