//! Writers that no wrapper knows of.
#![expect(clippy::future_not_send, reason = "a test runs where it was begun")]

mod durable;
mod killed;
mod lag;
mod order;
mod outbox;
mod place;
mod refused;
mod restarts;

use dogpile::backend::MemoryBackend;
use dogpile::minutes;
use dogpile_migrations::{Database, Dialect, Error, Migrations};
use dogpile_sqlx::{CachedPool, Relay};

use self::place::{Place, hits, named, region, relay, served, settled, shared, until};

/// Declares a test for each database.
macro_rules! on_each {
    ($($name:ident),* $(,)?) => {
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name::<crate::relay::place::Pg>().await; })*
        }
        mod on_mariadb {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name::<crate::relay::place::Maria>().await; })*
        }
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name::<crate::relay::place::Lite>().await; })*
        }
    };
}

use on_each;

on_each!(
    s181_a_write_from_outside_reaches_cached_readers,
    s182_one_that_is_rolled_back_leaves_what_is_cached,
    s186_any_number_of_writes_is_noted,
    each_process_reads_for_itself_where_nothing_is_shared,
    one_relay_works_and_another_goes_on_where_it_ends,
    one_that_is_stopped_lets_another_begin_at_once,
    missing_tables_are_said_with_the_command_that_brings_them,
    what_a_writer_did_not_invalidate_is_noted,
    what_a_foreign_key_changes_in_a_table_that_nobody_watches_is_seen,
    a_name_is_heard_whatever_its_letters_are,
);

async fn s181_a_write_from_outside_reaches_cached_readers<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    // In another region, too.
    let till = named("till").local(0).backend(backend.clone()).build().unwrap();
    let other = CachedPool::new(place.pool().await, till);
    let relay = relay(&db).start().await.unwrap();
    let outside = place.pool().await;
    for price in 2..12 {
        settled::<P>(&db, "cake").await;
        settled::<P>(&other, "cake").await;
        P::run(&outside, &format!("UPDATE cake SET price = {price}")).await;
        served::<P>(&db, "cake", price).await;
        served::<P>(&other, "cake", price).await;
    }
    until("they are counted", async || relay.stats().rows >= 10).await;
    let stats = relay.stats();
    assert_eq!((stats.flushes, stats.failures), (1, 0), "the first time of all, and no more");
    assert!(!relay.stats().longest_lag.is_zero(), "{stats:?}");
    relay.stop().await;
}

async fn s182_one_that_is_rolled_back_leaves_what_is_cached<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let relay = relay(&db).start().await.unwrap();
    let outside = place.pool().await;
    until("the tables were noted when they were watched", async || relay.stats().rows >= 2).await;
    settled::<P>(&db, "cake").await;
    P::hold(&outside, "cake", 9).await.rollback().await.unwrap();
    // What is written later is invalidated later.
    P::read(&db, "pie").await;
    P::run(&outside, "UPDATE pie SET price = 2").await;
    served::<P>(&db, "pie", 2).await;
    assert!(hits::<P>(&db, "cake").await, "what was rolled back was invalidated");
}

async fn s186_any_number_of_writes_is_noted<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let first = relay(&db).start().await.unwrap();
    until("it works", async || first.stats().rows >= 2).await;
    first.stop().await;
    settled::<P>(&db, "cake").await;
    settled::<P>(&db, "pie").await;
    // More than any batch; in PostgreSQL one row each, in MariaDB of one statement.
    let outside = place.pool().await;
    let many = "INSERT INTO cake WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 900) \
        SELECT n, n FROM n; DELETE FROM cake WHERE id > 1;";
    for _ in 0..3 {
        P::run(&outside, many).await;
    }
    P::run(&outside, &"UPDATE cake SET price = price + 1;".repeat(1_100)).await;
    P::run(&outside, "UPDATE pie SET price = 2").await;
    let second = relay(&db).start().await.unwrap();
    served::<P>(&db, "cake", 1_101).await;
    served::<P>(&db, "pie", 2).await;
    assert_eq!(second.stats().flushes, 0);
}

async fn each_process_reads_for_itself_where_nothing_is_shared<P: Place>() {
    let place = P::start().await;
    let process = async || CachedPool::new(place.pool().await, region().build().unwrap());
    let (one, two) = (process().await, process().await);
    let outside = place.pool().await;
    // Before there is a relay nobody is told.
    assert_eq!(P::read(&one, "cake").await, 1);
    P::run(&outside, "UPDATE cake SET price = 2").await;
    assert_eq!(P::read(&one, "cake").await, 1);
    let relays = [relay(&one).start().await.unwrap(), relay(&two).start().await.unwrap()];
    served::<P>(&one, "cake", 2).await;
    for price in 3..9 {
        settled::<P>(&one, "cake").await;
        settled::<P>(&two, "cake").await;
        P::run(&outside, &format!("UPDATE cake SET price = {price}")).await;
        served::<P>(&one, "cake", price).await;
        served::<P>(&two, "cake", price).await;
    }
    assert!(relays.iter().all(|relay| relay.stats().leads && relay.stats().flushes == 1));
}

async fn one_relay_works_and_another_goes_on_where_it_ends<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let mut works = relay(&db).start().await.unwrap();
    until("the first one works", async || works.stats().leads).await;
    let outside = place.pool().await;
    for price in 2..6 {
        let next = relay(&db).start().await.unwrap();
        settled::<P>(&db, "cake").await;
        P::run(&outside, &format!("UPDATE cake SET price = {price}")).await;
        served::<P>(&db, "cake", price).await;
        assert!(!next.stats().leads && next.stats().rows == 0, "two work at once");
        // Stopped or gone without a word.
        if price % 2 == 0 {
            works.stop().await;
        } else {
            drop(works);
        }
        works = next;
        until("the next one works", async || works.stats().leads).await;
    }
}

/// Long before its lease would be over.
async fn one_that_is_stopped_lets_another_begin_at_once<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    for _ in 0..2 {
        let works = relay(&db).lease(minutes(60)).start().await.unwrap();
        until("it works", async || works.stats().leads).await;
        works.stop().await;
    }
}

async fn missing_tables_are_said_with_the_command_that_brings_them<P: Place>() {
    let place = P::open().await;
    let pool = place.pool().await;
    let error = Relay::builder(&pool, &region().build().unwrap()).start().await.unwrap_err();
    assert!(matches!(error, Error::NotReady { .. }), "{error}");
    assert!(error.to_string().contains("`dogpile-migrate up URL`"), "{error}");
    Migrations::new().up(&pool).await.unwrap();
    let named = Relay::builder(&pool, &region().build().unwrap()).name("it's").start().await;
    assert!(matches!(named.unwrap_err(), Error::Setting { .. }));
}

/// The catalog tells capitals from small letters, where the SQL does not.
async fn a_name_is_heard_whatever_its_letters_are<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let outside = place.pool().await;
    let tart = match <P::Db as Database>::DIALECT {
        Dialect::Postgres => "\"Tart\"",
        Dialect::MySql | Dialect::Sqlite => "Tart",
    };
    let made =
        format!("CREATE TABLE {tart} (id BIGINT, price BIGINT); INSERT INTO {tart} VALUES (1, 1)");
    P::run(&outside, &made).await;
    Migrations::new().watch(&outside, "Tart").await.unwrap();
    let relay = relay(&db).start().await.unwrap();
    until("the tables were noted when they were watched", async || relay.stats().rows >= 3).await;
    settled::<P>(&db, tart).await;
    P::run(&outside, &format!("UPDATE {tart} SET price = 2")).await;
    served::<P>(&db, tart, 2).await;
}

/// The log is the outbox: what a writer does that dies before it has invalidated.
async fn what_a_writer_did_not_invalidate_is_noted<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let _relay = relay(&db).start().await.unwrap();
    settled::<P>(&db, "cake").await;
    // As good as killed after the COMMIT.
    let writer = db.without_invalidation();
    P::run(writer.inner(), "UPDATE cake SET price = 2").await;
    served::<P>(&db, "cake", 2).await;
}

/// A foreign key changes a table in the name of another, which in MariaDB no trigger sees.
async fn what_a_foreign_key_changes_in_a_table_that_nobody_watches_is_seen<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let outside = place.pool().await;
    let crumb = "CREATE TABLE crumb (id BIGINT PRIMARY KEY, price BIGINT, \
        FOREIGN KEY (id) REFERENCES cake (id) ON DELETE CASCADE)";
    P::run(&outside, crumb).await;
    P::run(&outside, "INSERT INTO crumb VALUES (1, 1)").await;
    let db = shared(&place, &backend).await;
    let relay = relay(&db).start().await.unwrap();
    until("it works", async || relay.stats().rows >= 2).await;
    settled::<P>(&db, "crumb").await;
    P::run(&outside, "DELETE FROM cake").await;
    until("it is gone", async || P::try_read(&db, "crumb").await.is_err()).await;
}
