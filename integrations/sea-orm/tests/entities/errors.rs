//! Errors are those of sea-orm's own connection: whatever has failed, and whoever asked.

use std::time::Duration;

use dogpile::{Invalidation, Region, TagSpace, minutes};
use dogpile_sea_orm::{CachedConnection, SelectCacheExt};
use dogpile_tests::services::{MariaDb, Postgres};
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use sea_orm::entity::prelude::*;
use sea_orm::{
    AccessMode, DatabaseConnection, IsolationLevel, PaginatorTrait, SqlxMySqlConnector,
    SqlxPostgresConnector, SqlxSqliteConnector, Statement, StreamTrait, TransactionError,
    TransactionTrait,
};
use sqlx::Database;
use sqlx::pool::PoolOptions;
use tempfile::TempDir;

use crate::fixture::within;
use crate::transactions::tags;

/// What a pool of one connection is to `url`, which is asked for nothing yet.
fn pool(url: &str, tests_idle: bool) -> DatabaseConnection {
    fn options<DB: Database>(tests_idle: bool) -> PoolOptions<DB> {
        let wait = Duration::from_secs(2);
        PoolOptions::new().max_connections(1).acquire_timeout(wait).test_before_acquire(tests_idle)
    }
    if url.starts_with("postgres") {
        let pool = options(tests_idle).connect_lazy(url).unwrap();
        SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
    } else if url.starts_with("mysql") {
        SqlxMySqlConnector::from_sqlx_mysql_pool(options(tests_idle).connect_lazy(url).unwrap())
    } else {
        SqlxSqliteConnector::from_sqlx_sqlite_pool(options(tests_idle).connect_lazy(url).unwrap())
    }
}

/// sea-orm's own connection, and a cached one, each with a pool of the same kind.
fn pair(url: &str, tests_idle: bool) -> (DatabaseConnection, CachedConnection) {
    let region = Region::builder("errors").ttl(minutes(5)).tag_space(TagSpace::new(1_000));
    let cached = CachedConnection::new(pool(url, tests_idle), region.build().unwrap()).unwrap();
    (pool(url, tests_idle), cached)
}

/// The ways to use a connection.
const WAYS: [&str; 9] = [
    "execute",
    "execute_unprepared",
    "query_one",
    "query_all",
    "stream",
    "begin",
    "begin_with_config",
    "transaction",
    "count",
];

/// What the connection says when it is used in this way.
async fn used<C>(db: &C, way: &str) -> Result<(), DbErr>
where
    C: ConnectionTrait + StreamTrait + TransactionTrait,
{
    let backend = ConnectionTrait::get_database_backend(db);
    let statement = |sql: &str| Statement::from_string(backend, sql);
    let update = "UPDATE tag SET name = name WHERE id = 0";
    let select = "SELECT id FROM tag";
    match way {
        "execute" => db.execute_raw(statement(update)).await.map(drop),
        "execute_unprepared" => db.execute_unprepared(update).await.map(drop),
        "query_one" => db.query_one_raw(statement(select)).await.map(drop),
        "query_all" => db.query_all_raw(statement(select)).await.map(drop),
        "stream" => {
            let rows = db.stream_raw(statement(select)).await;
            rows.map_err(|e| before(&e))?.try_collect::<Vec<_>>().await.map(drop)
        }
        "begin" => db.begin().await.map(drop),
        "begin_with_config" => {
            let (level, mode) = (IsolationLevel::Serializable, AccessMode::ReadOnly);
            db.begin_with_config(Some(level), Some(mode)).await.map(drop)
        }
        "transaction" => {
            let done = db.transaction::<_, (), DbErr>(|_| Box::pin(async { Ok(()) })).await;
            done.map_err(|error| match error {
                TransactionError::Connection(error) | TransactionError::Transaction(error) => error,
            })
        }
        _ => tags().count(db).await.map(drop),
    }
}

/// Marks an error that came in the place of a stream, not in one.
fn before(error: &DbErr) -> DbErr {
    DbErr::Custom(format!("no stream: {error:?}"))
}

/// What a marked select says that reads in this way.
async fn marked(db: &CachedConnection, way: &str) -> Option<Result<(), DbErr>> {
    Some(match way {
        "query_one" => tags().cached().one(db).await.map(drop),
        "query_all" => tags().cached().all(db).await.map(drop),
        "count" => tags().cached().count(db).await.map(drop),
        "stream" => match tags().cached().stream(db).await {
            Ok(rows) => rows.try_collect::<Vec<_>>().await.map(drop),
            Err(error) => Err(before(&error)),
        },
        _ => return None,
    })
}

/// Both say the same, in every way, which must be `kind`.
async fn agree(case: &str, kind: &str, (own, cached): &(DatabaseConnection, CachedConnection)) {
    let said = join_all(WAYS.map(|way| async move {
        (way, used(own, way).await, used(cached, way).await, marked(cached, way).await)
    }));
    for (way, own, cached, marked) in said.await {
        let own = format!("{:?}", own.unwrap_err());
        assert!(own.contains(kind), "{case}, {way}: {own}");
        assert_eq!(format!("{:?}", cached.unwrap_err()), own, "{case}, {way}");
        if let Some(marked) = marked {
            assert_eq!(format!("{:?}", marked.unwrap_err()), own, "{case}, marked {way}");
        }
    }
    // Not of the traits.
    let (own, cached) = (own.ping().await.unwrap_err(), cached.ping().await.unwrap_err());
    assert_eq!(format!("{cached:?}"), format!("{own:?}"), "{case}, ping");
}

/// What can be made on every server: `url` is a database, and `refused` is none that may be opened.
async fn agree_on(url: &str, refused: &str) {
    let both = pair(url, true);
    both.0
        .execute_unprepared("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT)")
        .await
        .unwrap();
    both.0.close_by_ref().await.unwrap();
    both.1.close_by_ref().await.unwrap();
    agree("closed", "ConnectionAcquire(ConnectionClosed)", &both).await;

    let both = pair(url, true);
    let held = (both.0.begin().await.unwrap(), both.1.begin().await.unwrap());
    agree("timed out", "ConnectionAcquire(Timeout)", &both).await;
    drop(held);

    agree("refused", "Conn(SqlxError(Database(", &pair(refused, true)).await;

    // What the server says of the statement itself.
    let both = pair(url, true);
    both.0.execute_unprepared("DROP TABLE tag").await.unwrap();
    for way in ["execute", "execute_unprepared", "query_one", "query_all", "stream", "count"] {
        let (own, cached) = (used(&both.0, way).await, used(&both.1, way).await);
        assert_eq!(
            format!("{:?}", cached.unwrap_err()),
            format!("{:?}", own.unwrap_err()),
            "{way}"
        );
    }
}

/// The server ends the session of a pool that does not look whether its connection still lives: the
/// statement fails, and not the taking of a connection.
async fn agree_on_lost_sessions(url: &str, ending: impl AsyncFn(&DatabaseConnection)) {
    let watcher = pool(url, true);
    watcher
        .execute_unprepared("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT)")
        .await
        .unwrap();
    let (own, cached) = pair(url, false);
    for way in WAYS {
        used(&own, way).await.unwrap();
        used(&cached, way).await.unwrap();
        cached.invalidate_tables(["tag"]).await.unwrap();
        ending(&watcher).await;
        let (own, cached) = (used(&own, way).await, used(&cached, way).await);
        // What is read of an ended session, and when, is the socket's affair.
        let kind = |said: Result<(), DbErr>| {
            let said = format!("{said:?}");
            said.split('(').take(2).collect::<Vec<_>>().join("(")
        };
        let own = kind(own);
        assert_ne!(own, "Ok(", "{way}");
        assert_eq!(kind(cached), own, "{way}");
    }
}

/// There is no server any more, and the connections in the pools are dead.
async fn agree_when_gone(url: &str, kill: impl FnOnce()) {
    let both = pair(url, true);
    for way in WAYS {
        used(&both.0, way).await.unwrap();
        used(&both.1, way).await.unwrap();
    }
    both.1.region().invalidate_all(Invalidation::Hard).await.unwrap();
    kill();
    agree("gone", "ConnectionAcquire(Timeout)", &both).await;
}

async fn end_postgres(watcher: &DatabaseConnection) {
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    watcher.execute_unprepared(end).await.unwrap();
}

async fn end_mariadb(watcher: &DatabaseConnection) {
    let others = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist
        WHERE db = database() AND id <> connection_id()";
    let others = Statement::from_string(watcher.get_database_backend(), others);
    within("the end of the sessions", async {
        loop {
            let left = watcher.query_all_raw(others.clone()).await.unwrap();
            for other in &left {
                let other: i64 = other.try_get_by_index(0).unwrap();
                // It may have gone by itself.
                drop(watcher.execute_unprepared(&format!("KILL {other}")).await);
            }
            if left.is_empty() {
                return;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_on_sqlite_are_sea_orms_own() {
    let folder = TempDir::new().unwrap();
    let url = |file: &str| format!("sqlite://{}", folder.path().join(file).display());
    agree_on(&url("shop.db?mode=rwc"), &url("nowhere/shop.db?mode=rwc")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_on_postgres_are_sea_orms_own() {
    let server = Postgres::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    agree_on(&url, &url.replace("postgres@", "stranger@")).await;
    agree_on_lost_sessions(&url, end_postgres).await;
    agree_when_gone(&url, || server.kill().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_on_mariadb_are_sea_orms_own() {
    let server = MariaDb::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    let user = "CREATE USER guest IDENTIFIED BY 'right'";
    pool(&url, true).execute_unprepared(user).await.unwrap();
    agree_on(&url, &url.replace("root@", "guest:wrong@")).await;
    agree_on_lost_sessions(&url, end_mariadb).await;
    agree_when_gone(&url, || server.kill().unwrap()).await;
}
