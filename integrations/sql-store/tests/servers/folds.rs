//! Folding: tokens go into their registers, and no version that anybody reads changes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dogpile::backend::{BackendExt, Stamp, TagVersion};
use dogpile::{Backend, hours, millis};
use dogpile_sql_store::SqlStore;
use sqlx::AssertSqlSafe;
use tokio::time::{sleep, timeout};

use crate::support::{Database, MariaDbDatabase, PostgresDatabase, on_each_database, patient};

on_each_database! {
    a_fold_changes_no_version_and_leaves_no_token
    i1_no_reader_sees_a_fold_while_tokens_come
    i2_bumps_and_folds_at_once_show_each_version_once
    tokens_of_a_register_that_is_absent_are_removed
    a_register_that_has_ended_is_folded_as_one_that_lives
    a_store_folds_by_itself
}

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

async fn version(store: &SqlStore, register: &str) -> TagVersion {
    store.version(register).await.unwrap().unwrap()
}

/// Adds a token as a transaction does.
async fn token<D: Database>(database: &D, name: &str, TagVersion(token): TagVersion) {
    let halves = token.to_be_bytes();
    let half = |from: usize| i64::from_be_bytes(halves[from..from + 8].try_into().unwrap());
    let (name, high, low) = (D::bytes(name.as_bytes()), half(0), half(8));
    database.run(&format!("INSERT INTO dogpile_token VALUES ({name}, {high}, {low})")).await;
}

async fn tokens<D: Database>(database: &D) -> i64 {
    database.number("SELECT count(*) FROM dogpile_token").await
}

async fn a_fold_changes_no_version_and_leaves_no_token<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    let names: Vec<String> = (0..70).map(|n| format!("r{n}")).collect();
    let stamps: Vec<_> = names.iter().map(|name| stamp(name)).collect();
    store.bump(&stamps, hours(1)).await.unwrap();
    let rows: Vec<String> = (0..1_400_i64)
        .map(|n| {
            let name = D::bytes(names[usize::try_from(n % 70).unwrap()].as_bytes());
            format!("({name}, {}, {})", n - 700, i64::MAX - n * n)
        })
        .collect();
    database.run(&format!("INSERT INTO dogpile_token VALUES {}", rows.join(","))).await;
    // More than one part of one register.
    let many: Vec<String> =
        (0..9_000).map(|n| format!("({}, {n}, {n})", D::bytes(b"r0"))).collect();
    database.run(&format!("INSERT INTO dogpile_token VALUES {}", many.join(","))).await;
    let asked: Vec<&str> = names.iter().map(String::as_str).collect();
    let before = store.read(&[], &asked).await.unwrap().versions;
    let folded = store.fold().await.unwrap();
    assert_eq!((folded.registers, folded.tokens), (70, 10_400));
    assert_eq!(tokens(&database).await, 0);
    assert_eq!(store.read(&[], &asked).await.unwrap().versions, before);
    assert_eq!(store.fold().await.unwrap(), Default::default());
}

/// Tokens come one after the other, so that every version that may be seen is known, and in which
/// order.
async fn i1_no_reader_sees_a_fold_while_tokens_come<D: Database>() {
    const TOKENS: usize = 150;
    let database = D::start().await;
    let store = database.store().await;
    store.bump(&[stamp("r")], hours(1)).await.unwrap();
    let drawn: Vec<TagVersion> = (0..TOKENS).map(|_| TagVersion::random()).collect();
    let mut versions = vec![version(&store, "r").await];
    for token in &drawn {
        versions.push(TagVersion(versions.last().unwrap().0 ^ token.0));
    }
    let (done, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let write = async {
        for drawn in drawn {
            token(&database, "r", drawn).await;
            written.fetch_add(1, Ordering::SeqCst);
        }
        done.store(true, Ordering::SeqCst);
    };
    let fold = async {
        while !done.load(Ordering::SeqCst) {
            // SQLite has one writer: it may be refused.
            let _ = store.fold().await;
        }
    };
    let read = async {
        let mut last = 0;
        while !done.load(Ordering::SeqCst) {
            let least = written.load(Ordering::SeqCst);
            let seen = version(&store, "r").await;
            let place = versions.iter().position(|known| *known == seen);
            let place = place.expect("a version that nobody made: a fold was seen");
            assert!(place >= least.max(last), "{place} after {last}, with {least} committed");
            last = place;
        }
    };
    tokio::join!(write, fold, read);
    store.fold().await.unwrap();
    assert_eq!(version(&store, "r").await, versions[TOKENS]);
    assert_eq!(tokens(&database).await, 0);
}

/// Bumps write the register that a fold turns: neither takes the other's work away.
async fn i2_bumps_and_folds_at_once_show_each_version_once<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    let done = AtomicBool::new(false);
    let bump = async {
        let mut seen = Vec::new();
        for n in 0..60 {
            store.bump(&[stamp("r")], hours(1)).await.unwrap();
            let bumped = version(&store, "r").await;
            assert!(!seen.contains(&bumped), "bump {n} showed an earlier version");
            seen.push(bumped);
            token(&database, "r", TagVersion::random()).await;
            let turned = version(&store, "r").await;
            assert!(!seen.contains(&turned), "token {n} showed an earlier version");
            seen.push(turned);
        }
        done.store(true, Ordering::SeqCst);
    };
    let fold = async {
        while !done.load(Ordering::SeqCst) {
            let _ = store.fold().await;
        }
    };
    tokio::join!(bump, fold);
}

async fn tokens_of_a_register_that_is_absent_are_removed<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    token(&database, "r", TagVersion(7)).await;
    let folded = store.fold().await.unwrap();
    assert_eq!((folded.registers, folded.tokens, tokens(&database).await), (1, 1, 0));
    assert_eq!(store.version("r").await.unwrap(), None);
}

/// A clock that goes back brings a register to life again: without its tokens, with the version that
/// somebody has seen before them.
async fn a_register_that_has_ended_is_folded_as_one_that_lives<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    store.bump(&[stamp("r")], hours(1)).await.unwrap();
    let before = version(&store, "r").await;
    token(&database, "r", TagVersion(7)).await;
    database.run("UPDATE dogpile_register SET ends = 1").await;
    assert_eq!(store.version("r").await.unwrap(), None);
    store.fold().await.unwrap();
    database.run("UPDATE dogpile_register SET ends = 9000000000000").await;
    assert_eq!(version(&store, "r").await, TagVersion(before.0 ^ 7));
}

async fn a_store_folds_by_itself<D: Database>() {
    let database = D::start().await;
    let store = patient(&database.url()).fold(millis(20)).connect().await.unwrap();
    store.bump(&[stamp("r")], hours(1)).await.unwrap();
    token(&database, "r", TagVersion(7)).await;
    timeout(hours(1) / 60, async {
        while tokens(&database).await > 0 {
            sleep(millis(10)).await;
        }
    })
    .await
    .expect("nobody folds");
}

/// Tokens of a transaction that has not committed, and a fold of those that have.
async fn a_fold_waits_for_no_writer<D: Database>(database: D)
where
    for<'c> &'c mut <D::Driver as sqlx::Database>::Connection:
        sqlx::Executor<'c, Database = D::Driver>,
{
    let store = database.store().await;
    store.bump(&[stamp("r")], hours(1)).await.unwrap();
    let before = version(&store, "r").await;
    token(&database, "r", TagVersion(7)).await;
    let pool = database.pool(1).await;
    let mut writer = pool.begin().await.unwrap();
    let insert = format!("INSERT INTO dogpile_token VALUES ({}, 0, 8)", D::bytes(b"r"));
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut *writer).await.unwrap();
    let folded = timeout(hours(1) / 60, store.fold()).await.expect("a fold waits").unwrap();
    assert_eq!(folded.tokens, 1);
    assert_eq!(version(&store, "r").await, TagVersion(before.0 ^ 7));
    writer.commit().await.unwrap();
    assert_eq!(version(&store, "r").await, TagVersion(before.0 ^ 7 ^ 8));
    assert_eq!(store.fold().await.unwrap().tokens, 1);
    assert_eq!(version(&store, "r").await, TagVersion(before.0 ^ 7 ^ 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fold_waits_for_no_writer_of_postgres() {
    a_fold_waits_for_no_writer(PostgresDatabase::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fold_waits_for_no_writer_of_mariadb() {
    a_fold_waits_for_no_writer(MariaDbDatabase::start().await).await;
}
