//! What has ended is not read, and is removed some time.

use std::time::Duration;

use dogpile::backend::{Backend, BackendExt, Put, Stamp, TagVersion, Writer};
use dogpile::{Owner, hours, millis, secs};
use dogpile_sql_store::LockKind;
use sqlx::AssertSqlSafe;
use tokio::time::{sleep, timeout};

use crate::support::{
    Database, File, MariaDbDatabase, PostgresDatabase, on_each_database, patient,
};

on_each_database! {
    what_has_ended_is_not_read_though_it_is_there
    a_sweep_removes_what_has_ended_and_nothing_else
    a_store_sweeps_by_itself_until_it_is_dropped
}

/// So long that only a lock reaches it.
const LOCKED: Duration = secs(60);

async fn entries<D: Database>(database: &D) -> i64 {
    database.number("SELECT count(*) FROM dogpile_entry").await
}

async fn what_has_ended_is_not_read_though_it_is_there<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    store.put("ended", "v", Duration::ZERO).await.unwrap();
    store.put("lives", "v", hours(1)).await.unwrap();
    let read = store.read(&["ended", "lives"], &[]).await.unwrap().entries;
    assert_eq!(read, [None, Some("v".into())]);
    assert_eq!(entries(&database).await, 2);
}

async fn a_sweep_removes_what_has_ended_and_nothing_else<D: Database>() {
    let database = D::start().await;
    let store = patient(&database.url()).locks(LockKind::Rows).connect().await.unwrap();
    // More than one part of a table, and both kinds in each of them.
    let names: Vec<String> = (0..1_500).map(|n| format!("k{n}")).collect();
    let life = |n: usize| if n.is_multiple_of(3) { hours(1) } else { Duration::ZERO };
    let put = |(n, key): (usize, &'_ String)| (key.clone(), life(n));
    let all: Vec<_> = names.iter().enumerate().map(put).collect();
    let puts: Vec<_> = all
        .iter()
        .map(|(key, life)| Put { key, bytes: vec![7; 100].into(), life: *life, fence: None })
        .collect();
    store.store(&puts, &[], hours(1)).await.unwrap();
    store.put("", "ended, first of all names", Duration::ZERO).await.unwrap();

    let stamp = |register| Stamp { register, version: TagVersion(7) };
    store.bump(&[stamp("lives"), stamp("ended")], hours(1)).await.unwrap();
    let taints = store.taints().unwrap();
    taints.place(&[stamp("tainted")], Writer::random(), hours(1)).await.unwrap();
    let ended = format!("UPDATE dogpile_register SET ends = 1 WHERE name = {}", D::bytes(b"ended"));
    database.run(&ended).await;
    let locks = store.locks().unwrap();
    locks.try_acquire("held", Owner::random(), hours(1)).await.unwrap();
    locks.try_acquire("ended", Owner::random(), Duration::ZERO).await.unwrap();

    let swept = store.sweep().await.unwrap();
    assert_eq!((swept.entries, swept.registers, swept.leases), (1_001, 1, 1));
    let keys: Vec<&str> = names.iter().map(String::as_str).collect();
    let answer = store.read(&keys, &["lives", "tainted"]).await.unwrap();
    assert!(
        answer.entries.iter().enumerate().all(|(n, found)| found.is_some() == n.is_multiple_of(3))
    );
    assert_eq!((answer.versions[0], answer.tainted), (Some(TagVersion(7)), vec![1]));
    assert!(!locks.try_acquire("held", Owner::random(), hours(1)).await.unwrap());
    assert_eq!(store.sweep().await.unwrap(), Default::default());
}

async fn a_store_sweeps_by_itself_until_it_is_dropped<D: Database>() {
    let database = D::start().await;
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let store = patient(&database.url()).sweep(millis(20)).connect().await.unwrap();
    store.put("ended", "v", Duration::ZERO).await.unwrap();
    timeout(LOCKED, async {
        while entries(&database).await > 0 {
            sleep(millis(10)).await;
        }
    })
    .await
    .expect("nobody sweeps");
    // One that would not look for a long time.
    let idle = patient(&database.url()).sweep(hours(1)).connect().await.unwrap();
    drop((store, idle));
    timeout(LOCKED, async {
        while tokio::runtime::Handle::current().metrics().num_alive_tasks() > before {
            sleep(millis(10)).await;
        }
    })
    .await
    .expect("a store that is gone still has a task");
}

/// A sweep whose rows are removed and not committed yet.
async fn a_hit_waits_for_no_sweep<D: Database>(database: D)
where
    for<'c> &'c mut <D::Driver as sqlx::Database>::Connection:
        sqlx::Executor<'c, Database = D::Driver>,
{
    let store = database.store().await;
    for key in ["lives", "ended"] {
        store.put(key, "v", hours(1)).await.unwrap();
    }
    let pool = database.pool(1).await;
    let mut sweep = pool.begin().await.unwrap();
    let delete = format!("DELETE FROM dogpile_entry WHERE name = {}", D::bytes(b"ended"));
    sqlx::raw_sql(AssertSqlSafe(delete)).execute(&mut *sweep).await.unwrap();
    let hit = timeout(LOCKED, store.read(&["lives", "ended"], &[])).await;
    assert_eq!(hit.expect("a hit waits").unwrap().entries.len(), 2);
    sweep.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_waits_for_no_sweep_of_sqlite() {
    a_hit_waits_for_no_sweep(File::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_waits_for_no_sweep_of_postgres() {
    a_hit_waits_for_no_sweep(PostgresDatabase::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_waits_for_no_sweep_of_mariadb() {
    a_hit_waits_for_no_sweep(MariaDbDatabase::start().await).await;
}

/// A row that somebody has locked is left to the next sweep, which then waits for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_of_postgres_walks_all_blocks_and_waits_for_nobody() {
    let database = PostgresDatabase::start().await;
    let store = database.store().await;
    // Three parts of a thousand blocks.
    let rows = "INSERT INTO dogpile_entry SELECT convert_to(n::text, 'UTF8'), \
                convert_to(repeat('v', 1900), 'UTF8'), 1 FROM generate_series(1, 9000) AS n";
    database.run(rows).await;
    store.put("lives", "v", hours(1)).await.unwrap();
    let pool = database.pool(1).await;
    let mut holder = pool.begin().await.unwrap();
    let lock = "SELECT 1 FROM dogpile_entry WHERE name = '5000'::bytea FOR UPDATE";
    sqlx::query(lock).execute(&mut *holder).await.unwrap();
    let swept = timeout(LOCKED, store.sweep()).await.expect("a sweep waits").unwrap();
    assert_eq!(swept.entries, 8_999);
    holder.rollback().await.unwrap();
    assert_eq!(store.sweep().await.unwrap().entries, 1);
    assert_eq!(entries(&database).await, 1);
}
