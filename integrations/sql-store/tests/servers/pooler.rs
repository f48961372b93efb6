//! A pooler that shares sessions out: leases are rows, unless there is a way past it.

use dogpile::{Backend, Owner, hours, millis, secs};
use dogpile_sql_store::{LockKind, SqlStore, SqlStoreBuilder};
use dogpile_tests::services::PgBouncer;
use sqlx::ConnectOptions;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;

use crate::locks::Seen;
use crate::log::Warnings;
use crate::support::{Database, PostgresDatabase, patient};

const ROWS: &str = "SELECT count(*) FROM dogpile_lease";

/// A store whose connections go through a pooler in transaction mode.
async fn behind(database: &PostgresDatabase, pooler: &PgBouncer) -> SqlStoreBuilder {
    let name = database.url();
    let url = pooler.url(name.rsplit('/').next().unwrap());
    // Its sessions keep what one connection has prepared, as long as it is the only one.
    let options: PgConnectOptions = url.parse().unwrap();
    let options = options.disable_statement_logging();
    let pool = PoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    SqlStore::postgres(pool).acquire_timeout(secs(30)).connect_timeout(secs(30)).sweep(secs(0))
}

/// While it is found out that there is a pooler, another of its sessions may answer, where nothing is
/// prepared.
async fn connected(database: &PostgresDatabase, pooler: &PgBouncer) -> SqlStore {
    let mut last = None;
    for _ in 0..400 {
        match behind(database, pooler).await.connect().await {
            Ok(store) => return store,
            Err(error) => last = Some(error),
        }
    }
    panic!("there is no way to the database: {last:?}")
}

/// What a call answers in the end: on a session where nothing of it is prepared it answers with an
/// error, and may be made again.
async fn repeated<T>(call: impl AsyncFn() -> dogpile::Result<T>) -> T {
    for _ in 0..400 {
        if let Ok(answer) = call().await {
            return answer;
        }
    }
    panic!("every session has answered with an error")
}

async fn behind_a_pooler_leases_are_rows(sessions: u32) {
    let (warnings, _listening) = Warnings::listen();
    let database = PostgresDatabase::start().await;
    let pooler = PgBouncer::start(database.server(), sessions).await.unwrap();
    let store = connected(&database, &pooler).await;
    let other = patient(&database.url()).locks(LockKind::Rows).connect().await.unwrap();
    let (locks, others) = (store.locks().unwrap(), other.locks().unwrap());
    let owner = Owner::random();
    // Until it is known that there are no locks to be had, asking fails.
    let mut acquired = locks.try_acquire("l", owner, hours(1)).await;
    for _ in 0..100 {
        if acquired.is_ok() {
            break;
        }
        tokio::time::sleep(millis(50)).await;
        acquired = locks.try_acquire("l", owner, hours(1)).await;
    }
    assert!(acquired.unwrap());
    assert!(!others.try_acquire("l", Owner::random(), hours(1)).await.unwrap());
    let renewed = repeated(async || locks.renew("l", owner, hours(1)).await).await;
    assert!(renewed);
    assert_eq!(database.number(ROWS).await, 1);
    assert_eq!(database.number(PostgresDatabase::HELD).await, 0);
    repeated(async || locks.release("l", owner).await).await;
    assert!(others.try_acquire("l", Owner::random(), hours(1)).await.unwrap());
    assert_ne!(warnings.with("leases are rows from now on"), 0, "{warnings:?}");
}

#[tokio::test]
async fn behind_a_pooler_of_many_sessions_leases_are_rows() {
    // This PgBouncer knows nothing of prepared statements: it depends on which of its sessions answers
    // whether what one connection has prepared is there, or stands in the way of another's.
    let tries = tokio::task::LocalSet::new();
    let any = tries.run_until(async {
        for _ in 0..10 {
            if tokio::task::spawn_local(behind_a_pooler_leases_are_rows(5)).await.is_ok() {
                return true;
            }
        }
        false
    });
    assert!(any.await, "ten times it was not so");
}

/// Here the second connection has to wait for the first one.
#[tokio::test]
async fn behind_a_pooler_of_one_session_leases_are_rows() {
    behind_a_pooler_leases_are_rows(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn past_a_pooler_leases_are_locks() {
    let database = PostgresDatabase::start().await;
    let pooler = PgBouncer::start(database.server(), 5).await.unwrap();
    let store = behind(&database, &pooler).await.lock_url(database.url()).connect().await.unwrap();
    let locks = store.locks().unwrap();
    let owner = Owner::random();
    assert!(locks.try_acquire("l", owner, hours(1)).await.unwrap());
    assert_eq!(database.number(ROWS).await, 0);
    assert_eq!(database.number(PostgresDatabase::HELD).await, 1);
    locks.release("l", owner).await.unwrap();
    assert_eq!(database.number(PostgresDatabase::HELD).await, 0);
}
