//! A store that was begun under a lease and ends after it was lost.

use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{BackendExt, Fence, Put, Stored};
use dogpile::{Backend, Owner, hours, millis, secs};
use dogpile_sql_store::{LockKind, SqlStore};
use sqlx::AssertSqlSafe;
use tokio::time::{sleep, timeout};

use crate::support::{Database, MariaDbDatabase, PostgresDatabase, patient};

/// Holds up stores of `late` after their lease was looked at, and says what waits for what.
struct Gate {
    make: &'static [&'static str],
    close: &'static str,
    open: &'static str,
    /// How many stores are held up.
    held: &'static str,
    /// How many statements wait for a row.
    waiting: &'static str,
}

const POSTGRES: Gate = Gate {
    make: &[
        "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF NEW.bytes = 'late'::bytea THEN PERFORM pg_advisory_xact_lock(1); END IF; \
         RETURN NEW; END $$",
        "CREATE TRIGGER gate BEFORE INSERT ON dogpile_entry FOR EACH ROW EXECUTE FUNCTION gate()",
    ],
    close: "SELECT pg_advisory_lock(1)",
    open: "SELECT pg_advisory_unlock(1)",
    held: "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
    waiting: "SELECT count(*) FROM pg_stat_activity WHERE wait_event IN ('transactionid', 'tuple')",
};

const MARIADB: Gate = Gate {
    make: &["CREATE TRIGGER gate BEFORE INSERT ON dogpile_entry FOR EACH ROW \
             IF NEW.bytes = 'late' THEN SET @gate = GET_LOCK('gate', 30), @open = RELEASE_LOCK('gate'); \
             END IF"],
    close: "DO GET_LOCK('gate', 0)",
    open: "DO RELEASE_LOCK('gate')",
    held: "SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock'",
    // `innodb_trx` is not brought up to date as long as somebody looks at it all the time.
    waiting: "SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status \
              WHERE variable_name = 'innodb_row_lock_current_waits'",
};

const LEASE: &str = "l";

async fn put(store: &SqlStore, bytes: &'static str, owner: Owner) -> Stored {
    let fence = Some(Fence { lease: LEASE, owner });
    let put = Put { key: "k", bytes: bytes.into(), life: hours(1), fence };
    store.store(&[put], &[], hours(1)).await.unwrap()[0]
}

/// Gives the lease back and stores as the next one to have it.
async fn next(store: SqlStore, owner: Owner) {
    let (locks, next) = (store.locks().unwrap(), Owner::random());
    locks.release(LEASE, owner).await.unwrap();
    assert!(locks.try_acquire(LEASE, next, hours(1)).await.unwrap());
    assert_eq!(put(&store, "next", next).await, Stored::Yes);
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waited = timeout(secs(60), async {
        while !is_so().await {
            sleep(millis(10)).await;
        }
    });
    waited.await.unwrap_or_else(|_: _| panic!("in vain: {what}"));
}

async fn a_late_store_ends_before_the_next_one_begins<D: Database>(database: D, gate: Gate)
where
    for<'c> &'c mut <D::Driver as sqlx::Database>::Connection:
        sqlx::Executor<'c, Database = D::Driver>,
{
    // Rows: locks give no lease back before its store is done.
    let rows = patient(&database.url()).locks(LockKind::Rows);
    let store = Arc::new(rows.connect().await.unwrap());
    for sql in gate.make {
        database.run(sql).await;
    }
    let mut keeper = database.pool(1).await.acquire().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(gate.close)).execute(&mut *keeper).await.unwrap();
    let owner = Owner::random();
    store.locks().unwrap().try_acquire(LEASE, owner, hours(1)).await.unwrap();
    let late = Arc::clone(&store);
    let late = tokio::spawn(async move { put(&late, "late", owner).await });
    until("the late store looks at its lease", async || database.number(gate.held).await == 1)
        .await;
    let rows = patient(&database.url()).locks(LockKind::Rows);
    let next = tokio::spawn(next(rows.connect().await.unwrap(), owner));
    until("the next one waits, or is done", async || {
        next.is_finished() || database.number(gate.waiting).await > 0
    })
    .await;
    sqlx::raw_sql(AssertSqlSafe(gate.open)).execute(&mut *keeper).await.unwrap();
    timeout(Duration::from_secs(60), next).await.unwrap().unwrap();
    late.await.unwrap();
    assert_eq!(
        store.get("k").await.unwrap().unwrap(),
        "next",
        "a late store overwrote its successor"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_store_of_postgres_ends_before_the_next_one_begins() {
    a_late_store_ends_before_the_next_one_begins(PostgresDatabase::start().await, POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_store_of_mariadb_ends_before_the_next_one_begins() {
    a_late_store_ends_before_the_next_one_begins(MariaDbDatabase::start().await, MARIADB).await;
}
