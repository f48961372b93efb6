//! A pooler that shares sessions out: leases are rows, unless there is a way past it.

use dogpile::{Backend, Owner, hours, secs};
use dogpile_sql_store::{SqlStore, SqlStoreBuilder};
use dogpile_tests::services::PgBouncer;
use sqlx::ConnectOptions;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;

use crate::locks::Seen;
use crate::support::{Database, PostgresDatabase};

const ROWS: &str = "SELECT count(*) FROM dogpile_lease";

/// A store whose connections go through a pooler in transaction mode.
async fn behind(database: &PostgresDatabase, pooler: &PgBouncer) -> SqlStoreBuilder {
    let name = database.url();
    let url = pooler.url(name.rsplit('/').next().unwrap());
    // This pooler knows of no prepared statements.
    let options: PgConnectOptions = url.parse().unwrap();
    let options = options.statement_cache_capacity(0).disable_statement_logging();
    let pool = PoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    SqlStore::postgres(pool).acquire_timeout(secs(30)).connect_timeout(secs(30)).sweep(secs(0))
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_leases_are_rows() {
    let database = PostgresDatabase::start().await;
    let pooler = PgBouncer::start(database.server()).await.unwrap();
    let one = behind(&database, &pooler).await.connect().await.unwrap();
    let other = behind(&database, &pooler).await.open().unwrap();
    let (locks, others) = (one.locks().unwrap(), other.locks().unwrap());
    let owner = Owner::random();
    assert!(locks.try_acquire("l", owner, hours(1)).await.unwrap());
    assert!(!others.try_acquire("l", Owner::random(), hours(1)).await.unwrap());
    assert!(locks.renew("l", owner, hours(1)).await.unwrap());
    assert_eq!(database.number(ROWS).await, 1);
    assert_eq!(database.number(PostgresDatabase::HELD).await, 0);
    locks.release("l", owner).await.unwrap();
    assert!(others.try_acquire("l", Owner::random(), hours(1)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn past_a_pooler_leases_are_locks() {
    let database = PostgresDatabase::start().await;
    let pooler = PgBouncer::start(database.server()).await.unwrap();
    let store = behind(&database, &pooler).await.lock_url(database.url()).connect().await.unwrap();
    let locks = store.locks().unwrap();
    let owner = Owner::random();
    assert!(locks.try_acquire("l", owner, hours(1)).await.unwrap());
    assert_eq!(database.number(ROWS).await, 0);
    assert_eq!(database.number(PostgresDatabase::HELD).await, 1);
    locks.release("l", owner).await.unwrap();
    assert_eq!(database.number(PostgresDatabase::HELD).await, 0);
}
