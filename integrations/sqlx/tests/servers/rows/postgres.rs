//! PostgreSQL's catalog.

use std::collections::BTreeSet;

use dogpile_sqlx::{CachedPool, QueryCacheExt};
use dogpile_tests::services::Postgres;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool, Postgres as Pg};

use super::{cached, depends, hits};

async fn database(server: &Postgres, schema: &'static str) -> CachedPool<Pg> {
    let pool = PgPool::connect(&server.create_database().await.unwrap()).await.unwrap();
    sqlx::raw_sql(schema).execute(&pool).await.unwrap();
    cached(pool)
}

const TABLES: &str = "
    CREATE TABLE plain (id int PRIMARY KEY, v bigint);
    CREATE TABLE small (id smallint, name varchar(5), v bigint, PRIMARY KEY (id, name));
    CREATE TABLE ids (id uuid PRIMARY KEY, v bigint);
    CREATE TABLE raw (id bytea PRIMARY KEY, v bigint);
    CREATE TABLE keyless (id int, v bigint);
    CREATE TABLE real_one (id float8 PRIMARY KEY, v bigint);
    CREATE TABLE padded (id char(5) PRIMARY KEY, v bigint);
    CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE folded (id text COLLATE loose PRIMARY KEY, v bigint);
    CREATE TABLE parent (id int PRIMARY KEY, v bigint);
    CREATE TABLE child (id int PRIMARY KEY, v bigint,
        parent int REFERENCES parent (id) ON DELETE CASCADE);
    CREATE TABLE leaf (id int PRIMARY KEY, v bigint, parent int REFERENCES parent (id));
    CREATE TABLE watched (id int PRIMARY KEY, v bigint);
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER g AFTER UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION nothing();
    CREATE TABLE ruled (id int PRIMARY KEY, v bigint);
    CREATE RULE r AS ON UPDATE TO ruled DO ALSO UPDATE plain SET v = 1;
    CREATE TABLE guarded (id int PRIMARY KEY, v bigint);
    ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
    CREATE TABLE parts (id int PRIMARY KEY, v bigint) PARTITION BY RANGE (id);
    CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (10);
    CREATE TABLE elder (id int PRIMARY KEY, v bigint);
    CREATE TABLE heir () INHERITS (elder);
    CREATE TABLE derived (a int, id int GENERATED ALWAYS AS (a + 1) STORED PRIMARY KEY, v bigint);
    CREATE VIEW seen AS SELECT * FROM plain;
    CREATE SCHEMA one; CREATE SCHEMA two;
    CREATE TABLE one.twin (id int PRIMARY KEY, v bigint);
    CREATE TABLE two.twin (id int PRIMARY KEY, v bigint);
    CREATE TABLE one.odd (id int PRIMARY KEY, v bigint);
    CREATE TABLE two.odd (id int, v bigint PRIMARY KEY);
    INSERT INTO plain VALUES (1, 10), (2, 20);
    INSERT INTO one.twin VALUES (1, 10), (2, 20);";

#[tokio::test]
async fn a_row_is_known_by_every_exact_type() {
    let server = Postgres::start().await.unwrap();
    let db = &database(&server, TABLES).await;
    let plain = "SELECT v FROM plain WHERE id = $1";
    for shown in [
        depends!(db, plain, 1_i16),
        depends!(db, plain, 1_i32),
        depends!(db, plain, 1_i64),
        depends!(db, "SELECT v FROM plain WHERE id = 1"),
    ] {
        assert_eq!(shown, "rows:plain, row:plain:1");
    }
    let small = "SELECT v FROM small WHERE name = $2 AND id = $1";
    let shown = depends!(db, small, 7_i64, "abc");
    assert!(shown.starts_with("rows:small, row:small:7,~"), "{shown}");
    assert_eq!(shown, depends!(db, "SELECT v FROM small WHERE name = 'abc' AND id = 7"));
    assert_ne!(shown, depends!(db, small, 7_i64, "abd"));
    // The column would hold less than that.
    assert_eq!(depends!(db, small, 7_i64, "abcdef"), "table:small");
    assert_eq!(depends!(db, small, 7_i64, "abc "), "table:small");
    let uuid = "SELECT v FROM ids WHERE id = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'";
    assert_eq!(depends!(db, uuid), "rows:ids, row:ids:a0eebc999c0b4ef8bb6d6bb9bd380a11");
    let raw = depends!(db, "SELECT v FROM raw WHERE id = $1", vec![1_u8]);
    assert!(raw.starts_with("rows:raw, row:raw:~"), "{raw}");
}

#[tokio::test]
async fn what_may_be_more_than_one_row_is_its_table() {
    let server = Postgres::start().await.unwrap();
    let db = &database(&server, TABLES).await;
    for table in
        ["keyless", "child", "watched", "ruled", "guarded", "parts", "elder", "derived", "odd"]
    {
        let sql = format!("SELECT v FROM {table} WHERE id = 1");
        assert_eq!(depends!(db, sql), format!("table:{table}"));
    }
    for (table, behind) in [("part", "parts"), ("heir", "elder"), ("seen", "plain")] {
        let both = BTreeSet::from([table, behind]).into_iter().map(|name| format!("table:{name}"));
        let sql = format!("SELECT v FROM {table} WHERE id = 1");
        assert_eq!(depends!(db, sql), both.collect::<Vec<_>>().join(", "));
    }
    for (table, key) in [("real_one", "1"), ("padded", "'1'"), ("folded", "'a'")] {
        let sql = format!("SELECT v FROM {table} WHERE id = {key}");
        assert_eq!(depends!(db, sql), format!("table:{table}"));
    }
    for table in ["parent", "leaf"] {
        let sql = format!("SELECT v FROM {table} WHERE id = 1");
        assert_eq!(depends!(db, sql), format!("rows:{table}, row:{table}:1"));
    }
    assert_eq!(depends!(db, "SELECT v FROM plain WHERE id = $1", None::<i32>), "table:plain");
}

#[tokio::test]
async fn a_table_is_meant_with_and_without_its_schema() {
    let server = Postgres::start().await.unwrap();
    let db = &database(&server, TABLES).await;
    let (two, one) = ("SELECT v FROM one.twin WHERE id = 2", "SELECT v FROM one.twin WHERE id = 1");
    assert_eq!(depends!(db, two), "rows:one.twin, rows:*.twin, row:one.twin:2, row:*.twin:2",);
    assert_eq!(depends!(db, "SELECT 1 FROM twin WHERE id = 2"), "rows:twin, row:twin:2");
    for write in ["UPDATE one.twin SET v = v + 1 WHERE id = 1", "DELETE FROM two.twin WHERE id = 2"]
    {
        let _ = (hits!(db, one), hits!(db, two));
        sqlx::query(write).execute(db).await.unwrap();
        assert_eq!(hits!(db, two), 1, "{write}");
    }
}

#[tokio::test]
async fn a_write_of_one_row_keeps_the_others() {
    let server = Postgres::start().await.unwrap();
    let db = &database(&server, TABLES).await;
    // sqlx prepares a text once, for the types of the first arguments that it came with.
    let read = "SELECT v FROM plain WHERE id = $1";
    let other = "SELECT v FROM plain WHERE id = $1 /* int4 */";
    for (write, keeps) in [
        ("UPDATE plain SET v = v + 1 WHERE id = 1", true),
        ("UPDATE plain SET v = v + 1 WHERE id = '1'", false),
        ("INSERT INTO plain (id, v) VALUES (7, 1) RETURNING v", true),
        ("INSERT INTO plain (id, v) VALUES (7, 2) ON CONFLICT (id) DO UPDATE SET v = 2", false),
        ("INSERT INTO plain VALUES (8, 1)", false),
        ("DELETE FROM plain WHERE id = 7", true),
        ("UPDATE plain SET v = 1 WHERE id IN (1, 3)", false),
        ("WITH gone AS (DELETE FROM plain WHERE id = 8 RETURNING v) SELECT v FROM gone", false),
    ] {
        let _ = (hits!(db, read, 1_i64), hits!(db, other, 2_i32), hits!(db, other, 7_i32));
        sqlx::query(AssertSqlSafe(write)).execute(db).await.unwrap();
        assert_eq!(hits!(db, other, 2_i32) == 1, keeps, "{write}");
        let _ = (hits!(db, read, 1_i64), hits!(db, other, 7_i32));
    }
    for width in 0..3 {
        let _ = (hits!(db, read, 1_i64), hits!(db, other, 2_i32));
        let write = format!("UPDATE plain SET v = v + 1 WHERE id = $1 /* {width} */");
        let write = sqlx::query(AssertSqlSafe(write));
        let write = match width {
            0 => write.bind(1_i16),
            1 => write.bind(1_i32),
            _ => write.bind(1_i64),
        };
        write.execute(db).await.unwrap();
        assert_eq!((hits!(db, read, 1_i64), hits!(db, other, 2_i32)), (0, 1));
    }
}

/// The rows of a parent that is deleted go with it, and maybe others by a trigger.
#[tokio::test]
async fn a_delete_that_cascades_is_of_any_row() {
    let server = Postgres::start().await.unwrap();
    let db = &database(&server, TABLES).await;
    sqlx::query("INSERT INTO parent VALUES (1, 1), (2, 2), (3, 3)").execute(db).await.unwrap();
    let read = "SELECT v FROM parent WHERE id = 2";
    let _ = hits!(db, read);
    sqlx::query("UPDATE parent SET v = 9 WHERE id = 1").execute(db).await.unwrap();
    assert_eq!(hits!(db, read), 1);
    sqlx::query("DELETE FROM parent WHERE id = 1").execute(db).await.unwrap();
    assert_eq!(hits!(db, read), 0);
}

#[tokio::test]
async fn a_key_that_changes_is_learnt_anew() {
    let server = Postgres::start().await.unwrap();
    let db = &database(&server, TABLES).await;
    let read = "SELECT v FROM plain WHERE id = 1";
    assert_eq!(depends!(db, read), "rows:plain, row:plain:1");
    sqlx::query("ALTER TABLE plain DROP CONSTRAINT plain_pkey").execute(db).await.unwrap();
    assert_eq!(depends!(db, read), "table:plain");
    sqlx::query("ALTER TABLE plain ADD PRIMARY KEY (v)").execute(db).await.unwrap();
    assert_eq!(depends!(db, read), "table:plain");
    assert_eq!(depends!(db, "SELECT v FROM plain WHERE v = 10"), "rows:plain, row:plain:10");
}

#[tokio::test]
async fn where_the_catalog_may_not_be_read_nothing_is_cached() {
    let server = Postgres::start().await.unwrap();
    let db = database(&server, TABLES).await;
    sqlx::raw_sql(
        "CREATE ROLE reader; GRANT SELECT, UPDATE ON plain TO reader;
         REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC",
    )
    .execute(db.inner())
    .await
    .unwrap();
    let options = PgPool::connect_options(db.inner()).as_ref().clone();
    let pool = PgPoolOptions::new()
        .after_connect(|connection, _| {
            Box::pin(async {
                sqlx::Executor::execute(connection, "SET ROLE reader").await.map(drop)
            })
        })
        .connect_with(options)
        .await
        .unwrap();
    let db = &cached(pool);
    let read = "SELECT v FROM plain WHERE id = $1";
    let query = || sqlx::query_scalar::<_, i64>(read).bind(2_i64).cached();
    assert_eq!(query().explain(db).await.reason(), Some("unknown_relations"));
    assert_eq!((hits!(db, read, 2_i64), hits!(db, read, 2_i64)), (0, 0));
    // Of a pool that takes statements at their word, all is invalidated all the same.
    let literal = &db.without_catalog();
    assert_eq!(depends!(literal, read, 1_i64), "table:plain");
    assert_eq!((hits!(literal, read, 2_i64), hits!(literal, read, 2_i64)), (0, 1));
    sqlx::query("UPDATE leaf SET v = 0").execute(db).await.unwrap_err();
    assert_eq!(hits!(literal, read, 2_i64), 0);
}
