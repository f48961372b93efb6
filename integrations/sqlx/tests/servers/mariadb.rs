//! MariaDB: time zone, default database, user variables, and settings of others.

use std::str::FromStr;

use dogpile::Reason;
use dogpile::observe::ReasonKind;
use dogpile_sqlx::{CachedConnection, CachedPool, QueryCacheExt};
use dogpile_tests::services::MariaDb;
use sqlx::MySql;
use sqlx::mysql::MySqlConnectOptions;

use crate::support::{bypasses, hits, pool, run, script};

const SCHEMA: &str = "
    CREATE TABLE event (id INT PRIMARY KEY, at TIMESTAMP NOT NULL);
    INSERT INTO event VALUES (1, FROM_UNIXTIME(1704067200));
    CREATE DATABASE other;
    CREATE TABLE other.event (id INT PRIMARY KEY, at TIMESTAMP NOT NULL);
    INSERT INTO other.event VALUES (2, FROM_UNIXTIME(1704067200))";
const TIMES: &str = "SELECT CAST(at AS CHAR) FROM event";
const IDS: &str = "SELECT id FROM event";

struct Live {
    _server: MariaDb,
    options: MySqlConnectOptions,
}

impl Live {
    async fn start() -> Self {
        let server = MariaDb::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        script(&sqlx::MySqlPool::connect(&url).await.unwrap(), SCHEMA).await;
        let options = MySqlConnectOptions::from_str(&url).unwrap();
        Self { _server: server, options }
    }

    async fn pool(&self, connections: u32) -> CachedPool<MySql> {
        pool(self.options.clone(), connections).await
    }
}

async fn time(connection: &mut CachedConnection<MySql>) -> String {
    sqlx::query_scalar(TIMES).cached().fetch_one(connection).await.unwrap()
}

async fn id(connection: &mut CachedConnection<MySql>) -> i32 {
    sqlx::query_scalar(IDS).cached().fetch_one(connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_zone_is_a_part_of_the_key() {
    let live = Live::start().await;
    let db = live.pool(2).await;
    let (mut one, mut other) = (db.acquire().await.unwrap(), db.acquire().await.unwrap());
    run(&mut one, "SET time_zone = '+09:00', foreign_key_checks = 0").await;
    for expected in [0, 2] {
        assert_eq!(time(&mut one).await, "2024-01-01 09:00:00");
        assert_eq!(time(&mut other).await, "2024-01-01 00:00:00");
        assert_eq!(hits(&db), expected);
    }
    drop((one, other));
    let _: String = sqlx::query_scalar(TIMES).cached().fetch_one(&db).await.unwrap();
    assert_eq!(bypasses(&db), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_setting_outlives_its_transaction() {
    let live = Live::start().await;
    let db = live.pool(1).await;
    let mut connection = db.acquire().await.unwrap();
    assert_eq!(time(&mut connection).await, "2024-01-01 00:00:00");
    let mut tx = connection.begin().await.unwrap();
    run(&mut tx, "SET LOCAL time_zone = '+09:00'").await;
    tx.rollback().await.unwrap();
    assert_eq!(time(&mut connection).await, "2024-01-01 09:00:00");
    assert_eq!((hits(&db), bypasses(&db)), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_database_is_a_part_of_the_key() {
    let live = Live::start().await;
    let db = live.pool(2).await;
    let (mut one, mut other) = (db.acquire().await.unwrap(), db.acquire().await.unwrap());
    sqlx::raw_sql("USE other").execute(&mut one).await.unwrap();
    for expected in [0, 2] {
        assert_eq!((id(&mut one).await, id(&mut other).await), (2, 1));
        assert_eq!(hits(&db), expected);
    }
    run(&mut other, "UPDATE other.event SET id = 3").await;
    assert_eq!(id(&mut one).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_keeps_a_connection_from_the_cache() {
    let live = Live::start().await;
    for set in [
        "SET @x = 1",
        "SET autocommit = 0",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
    ] {
        let db = live.pool(1).await;
        let mut connection = db.acquire().await.unwrap();
        assert_eq!(id(&mut connection).await, 1);
        run(&mut connection, set).await;
        assert_eq!((id(&mut connection).await, hits(&db), bypasses(&db)), (1, 0, 1), "{set}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_of_others_empties_the_cache_and_not_the_session() {
    let live = Live::start().await;
    let db = live.pool(1).await;
    let mut connection = db.acquire().await.unwrap();
    id(&mut connection).await;
    run(&mut connection, "SET GLOBAL div_precision_increment = 5").await;
    id(&mut connection).await;
    assert_eq!((id(&mut connection).await, hits(&db), bypasses(&db)), (1, 1, 0));
}

/// A server that only reads may be behind the last write that invalidated.
#[tokio::test(flavor = "multi_thread")]
async fn s187_what_a_replica_says_is_neither_stored_nor_served() {
    let live = Live::start().await;
    let replica = live.pool(2).await;
    script(replica.inner(), "SET GLOBAL read_only = 1").await;
    for _ in 0..2 {
        let ids: Vec<i32> = sqlx::query_scalar(IDS).cached().fetch_all(&replica).await.unwrap();
        assert_eq!(ids, [1]);
    }
    let stats = replica.region().stats();
    let bypasses = stats.count_of(ReasonKind::Bypass, Reason::new("replica"));
    assert_eq!((stats.lookups, bypasses, stats.stored), (2, 2, 0), "{stats}");
}
