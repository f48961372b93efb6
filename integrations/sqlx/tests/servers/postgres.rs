//! PostgreSQL: tenants, roles, `search_path`, time zone, and transactions that take settings back.

use std::str::FromStr;

use dogpile_sqlx::{CachedConnection, CachedPool, QueryCacheExt};
use dogpile_tests::services::Postgres as Server;
use sqlx::Postgres;
use sqlx::postgres::PgConnectOptions;

use crate::support::{bypasses, hits, pool, run, script};

const SCHEMA: &str = "
    CREATE TABLE doc (id INT PRIMARY KEY, tenant TEXT NOT NULL, at TIMESTAMPTZ NOT NULL);
    INSERT INTO doc VALUES (1, 'a', '2024-01-01 00:00Z'), (2, 'b', '2024-01-02 00:00Z');
    ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
    CREATE POLICY mine ON doc USING (tenant = current_setting('app.tenant', true)
        OR current_user = 'everybody');
    CREATE FUNCTION act_for(name TEXT) RETURNS TEXT LANGUAGE sql
        AS $$ SELECT set_config('app.tenant', name, false) $$;
    CREATE SCHEMA one; CREATE SCHEMA two;
    CREATE TABLE one.item AS SELECT 1 AS id;
    CREATE TABLE two.item AS SELECT 2 AS id;
    CREATE ROLE app LOGIN; CREATE ROLE everybody; GRANT everybody TO app;
    GRANT USAGE ON SCHEMA one, two TO app, everybody;
    GRANT ALL ON doc, one.item, two.item TO app, everybody";
const DOCS: &str = "SELECT id FROM doc ORDER BY id";
const ITEMS: &str = "SELECT id FROM item ORDER BY id";
const TIMES: &str = "SELECT at::text FROM doc WHERE id = 1";

/// A database whose tables are read by a role that is bound by their policies.
struct Live {
    _server: Server,
    options: PgConnectOptions,
}

impl Live {
    async fn start() -> Self {
        let server = Server::start().await.unwrap();
        let url = server.create_database().await.unwrap();
        script(&sqlx::PgPool::connect(&url).await.unwrap(), SCHEMA).await;
        let options = PgConnectOptions::from_str(&url).unwrap().username("app");
        Self { _server: server, options }
    }

    async fn pool(&self, connections: u32) -> CachedPool<Postgres> {
        pool(self.options.clone(), connections).await
    }
}

async fn read(connection: &mut CachedConnection<Postgres>, sql: &'static str) -> Vec<i32> {
    sqlx::query_scalar(sql).cached().fetch_all(connection).await.unwrap()
}

async fn read_pool(pool: &CachedPool<Postgres>, sql: &'static str) -> Vec<i32> {
    sqlx::query_scalar(sql).cached().fetch_all(pool).await.unwrap()
}

async fn text(connection: &mut CachedConnection<Postgres>) -> String {
    sqlx::query_scalar(TIMES).cached().fetch_one(connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_never_see_each_others_rows() {
    let live = Live::start().await;
    let db = live.pool(2).await;
    for round in 0..4_u64 {
        for (set, mine) in [("SET app.tenant = 'a'", 1), ("SET app.tenant TO 'b'", 2)] {
            let (mut one, mut other) = (db.acquire().await.unwrap(), db.acquire().await.unwrap());
            run(&mut one, set).await;
            run(&mut other, set).await;
            assert_eq!(read(&mut one, DOCS).await, [mine]);
            assert_eq!(read(&mut other, DOCS).await, [mine]);
        }
        assert_eq!((hits(&db), bypasses(&db)), (round * 4 + 2, 0));
    }
    // A connection whose tenant nobody knows, and the pool, which may take any.
    let mut unknown = db.acquire().await.unwrap();
    assert_eq!(read(&mut unknown, DOCS).await, [2]);
    drop(unknown);
    assert_eq!(read_pool(&db, DOCS).await, [2]);
    assert_eq!(bypasses(&db), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_an_argument_is_known() {
    let live = Live::start().await;
    let db = live.pool(1).await;
    let mut connection = db.acquire().await.unwrap();
    for (round, (tenant, mine)) in [("a", 1), ("b", 2), ("a", 1), ("b", 2)].into_iter().enumerate()
    {
        let set = "SELECT set_config('app.tenant', $1, false)";
        sqlx::query(set).bind(tenant).execute(&mut connection).await.unwrap();
        assert_eq!(read(&mut connection, DOCS).await, [mine]);
        assert_eq!(hits(&db), round.saturating_sub(1) as u64);
    }
    run(&mut connection, "RESET app.tenant").await;
    assert_eq!(read(&mut connection, DOCS).await, [0; 0]);
    drop(connection);
    assert_eq!((read_pool(&db, DOCS).await, bypasses(&db)), (vec![], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_for_one_transaction_leaves_nothing_behind() {
    let live = Live::start().await;
    let db = live.pool(1).await;
    assert_eq!(read_pool(&db, DOCS).await, [0; 0]);
    for end in ["commit", "rollback", "drop"] {
        let mut tx = db.begin().await.unwrap();
        let set = "SELECT set_config('app.tenant', $1, true)";
        assert_eq!(read(&mut tx, DOCS).await, [0; 0]);
        sqlx::query(set).bind("a").execute(&mut *tx).await.unwrap();
        assert_eq!(read(&mut tx, DOCS).await, [1], "the transaction's memory knows of it");
        match end {
            "commit" => tx.commit().await.unwrap(),
            "rollback" => tx.rollback().await.unwrap(),
            _ => drop(tx),
        }
        let before = hits(&db);
        assert_eq!((read_pool(&db, DOCS).await, hits(&db)), (vec![], before + 1), "{end}");
    }
    assert_eq!(bypasses(&db), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_may_set_what_nobody_sees() {
    let live = Live::start().await;
    let db = live.pool(2).await;
    let (mut one, mut other) = (db.acquire().await.unwrap(), db.acquire().await.unwrap());
    run(&mut one, "SELECT act_for('a')").await;
    run(&mut other, "SELECT act_for('b')").await;
    for _ in 0..2 {
        assert_eq!((read(&mut one, DOCS).await, read(&mut other, DOCS).await), (vec![1], vec![2]));
    }
    assert_eq!((hits(&db), bypasses(&db)), (0, 4));
    run(&mut one, "DISCARD ALL").await;
    // The driver does not know that the statements it has prepared are gone too.
    let again = "SELECT id FROM doc ORDER BY 1";
    assert_eq!(read(&mut one, again).await, [0; 0]);
    assert_eq!((read(&mut one, again).await, hits(&db)), (vec![], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_a_part_of_the_key() {
    let live = Live::start().await;
    let db = live.pool(1).await;
    let mut connection = db.acquire().await.unwrap();
    for _ in 0..2 {
        run(&mut connection, "SET ROLE everybody").await;
        assert_eq!(read(&mut connection, DOCS).await, [1, 2]);
        run(&mut connection, "RESET ALL").await;
        assert_eq!(read(&mut connection, DOCS).await, [1, 2], "RESET ALL leaves the role");
        sqlx::query("SET ROLE nobody").execute(&mut connection).await.unwrap_err();
        assert_eq!(read(&mut connection, DOCS).await, [1, 2], "what fails changes nothing");
        run(&mut connection, "RESET ROLE").await;
        assert_eq!(read(&mut connection, DOCS).await, [0; 0]);
    }
    assert_eq!((hits(&db), bypasses(&db)), (6, 0), "all but the first read of each role");
}

#[tokio::test(flavor = "multi_thread")]
async fn s049_s051_a_table_is_that_of_the_search_path() {
    let live = Live::start().await;
    let db = live.pool(2).await;
    let (mut one, mut two) = (db.acquire().await.unwrap(), db.acquire().await.unwrap());
    run(&mut one, "SET search_path TO one, public").await;
    run(&mut two, "SET search_path = 'two'").await;
    for expected in [0, 2] {
        assert_eq!((read(&mut one, ITEMS).await, read(&mut two, ITEMS).await), (vec![1], vec![2]));
        assert_eq!(hits(&db), expected);
    }
    run(&mut two, "UPDATE one.item SET id = 3").await;
    assert_eq!(read(&mut one, ITEMS).await, [3], "the same table by another name");
    let qualified = "SELECT id FROM two.item";
    assert_eq!(read(&mut one, qualified).await, [2]);
    run(&mut one, "UPDATE one.item SET id = 4").await;
    let before = hits(&db);
    assert_eq!((read(&mut two, qualified).await, hits(&db)), (vec![2], before), "other settings");
    assert_eq!((read(&mut one, qualified).await, hits(&db)), (vec![2], before + 1), "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_zone_is_a_part_of_the_key() {
    let live = Live::start().await;
    let db = live.pool(1).await;
    let mut connection = db.acquire().await.unwrap();
    run(&mut connection, "SELECT set_config('app.tenant', 'a', false)").await;
    let sets = ["SET TIME ZONE 'UTC'", "SET timezone TO 'Asia/Tokyo'", "SET TIME ZONE DEFAULT"];
    let texts = ["2024-01-01 00:00:00+00", "2024-01-01 09:00:00+09", "2024-01-01 00:00:00+00"];
    for round in 0..2 {
        for (set, expected) in sets.into_iter().zip(texts) {
            sqlx::query(set).execute(&mut connection).await.unwrap();
            assert_eq!(text(&mut connection).await, expected);
        }
        assert_eq!(hits(&db), round * 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_transaction_sets_goes_with_it() {
    let live = Live::start().await;
    let db = live.pool(2).await;
    let mut connection = db.acquire().await.unwrap();
    run(&mut connection, "SET app.tenant = 'a'").await;
    assert_eq!(read(&mut connection, DOCS).await, [1]);
    let mut tx = connection.begin().await.unwrap();
    run(&mut tx, "SET app.tenant = 'b'").await;
    assert_eq!(read(&mut tx, DOCS).await, [2]);
    tx.rollback().await.unwrap();
    assert_eq!((read(&mut connection, DOCS).await, hits(&db)), (vec![1], 1), "ROLLBACK");
    let mut tx = connection.begin().await.unwrap();
    run(&mut tx, "SET LOCAL app.tenant = 'b'").await;
    tx.commit().await.unwrap();
    assert_eq!((read(&mut connection, DOCS).await, hits(&db)), (vec![1], 2), "SET LOCAL");
    let mut tx = connection.begin().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    run(&mut savepoint, "SET app.tenant = 'b'").await;
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((read(&mut connection, DOCS).await, hits(&db)), (vec![1], 3), "ROLLBACK TO");
    let mut tx = connection.begin().await.unwrap();
    run(&mut tx, "SET app.tenant = 'b'").await;
    tx.commit().await.unwrap();
    assert_eq!(bypasses(&db), 0);
    assert_eq!((read(&mut connection, DOCS).await, hits(&db)), (vec![2], 3), "COMMIT");
    assert_eq!(bypasses(&db), 1, "it may have failed");
}

/// The server answers the COMMIT of a transaction that has failed as if all were well.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_rolls_back_takes_settings_with_it() {
    let live = Live::start().await;
    let db = live.pool(1).await;
    let mut connection = db.acquire().await.unwrap();
    run(&mut connection, "SET app.tenant = 'a'").await;
    let mut tx = connection.begin().await.unwrap();
    run(&mut tx, "SET app.tenant = 'b'").await;
    sqlx::query("SELECT 1 / 0").execute(&mut *tx).await.unwrap_err();
    tx.commit().await.unwrap();
    assert_eq!(read(&mut connection, DOCS).await, [1]);
    run(&mut connection, "SET app.tenant = 'b'").await;
    assert_eq!(read(&mut connection, DOCS).await, [2]);
    assert_eq!(bypasses(&db), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_on_the_pool_keeps_it_from_the_cache_until_it_is_reset() {
    let live = Live::start().await;
    for connections in [1, 2] {
        let db = live.pool(connections).await;
        read_pool(&db, DOCS).await;
        sqlx::query("SET statement_timeout = '1min'").execute(&db).await.unwrap();
        assert_eq!((read_pool(&db, DOCS).await, hits(&db)), (vec![], 1));
        sqlx::query("SET app.tenant = 'a'").execute(&db).await.unwrap();
        read_pool(&db, DOCS).await;
        read_pool(&db, DOCS).await;
        assert_eq!((hits(&db), bypasses(&db)), (1, 2));
        sqlx::query("RESET app.tenant").execute(&db).await.unwrap();
        read_pool(&db, DOCS).await;
        let only = u64::from(connections == 1);
        assert_eq!((hits(&db), bypasses(&db)), (1 + only, 3 - only));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_reader_of_a_pool_may_have_set_something() {
    let live = Live::start().await;
    let (one, other) = (live.pool(1).await, live.pool(1).await);
    let mut first = one.acquire().await.unwrap();
    run(&mut first, "SET TIME ZONE 'Asia/Tokyo'").await;
    run(&mut first, "SET app.tenant = 'a'").await;
    assert_eq!(text(&mut first).await, "2024-01-01 09:00:00+09");
    drop(first);
    let explain = |db: CachedPool<Postgres>| async move {
        sqlx::query_scalar::<_, String>(TIMES).cached().explain(&db).await.to_string()
    };
    let (_, clean) = (explain(one).await, explain(other).await);
    assert!(!clean.contains("Tokyo"), "{clean}");
}
