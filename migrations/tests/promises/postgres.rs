//! What only PostgreSQL knows.

use dogpile_migrations::{Error, Migrations};

use crate::ours;
use crate::server::{Pg, Server};

#[tokio::test]
async fn tables_are_logged_as_the_setting_says_and_a_difference_is_refused() {
    let server = Pg::start().await;
    let pool = server.pool().await;
    for logged in [false, true] {
        let (right, wrong) = (ours().logged(logged), ours().logged(!logged));
        right.up(&pool).await.unwrap();
        let unlogged = r"select count(*) from pg_class where relname like 'p\_%' and relkind = 'r'
             and relpersistence = 'u'";
        assert_eq!(Pg::count(&pool, unlogged).await, if logged { 0 } else { 4 });
        right.check(&pool).await.unwrap();
        for error in [wrong.check(&pool).await.unwrap_err(), wrong.up(&pool).await.unwrap_err()] {
            assert!(matches!(error, Error::Logged { .. }), "{error}");
        }
        Pg::run(&pool, "alter table p_lease set logged").await;
        Pg::run(&pool, "alter table p_register set logged").await;
        assert_eq!(right.check(&pool).await.is_ok(), logged, "a mixture");
        wrong.down(&pool).await.unwrap();
    }
}

#[tokio::test]
async fn a_user_who_may_create_nothing_passes_where_nothing_is_left_to_do() {
    let server = Pg::start().await;
    let pool = server.pool().await;
    let migrations = ours().schema("cache");
    Pg::run(&pool, "create role guest; create schema cache; grant usage on schema cache to guest")
        .await;
    Pg::run(&pool, "set role guest").await;
    assert!(matches!(migrations.up(&pool).await, Err(Error::Database { .. })));
    Pg::run(&pool, "reset role; grant create on schema cache to guest; set role guest").await;
    // May create tables in the schema, and no schema.
    assert_eq!(migrations.up(&pool).await.unwrap(), ["0001_store", "0002_log"]);
    Pg::run(&pool, "reset role; revoke create on schema cache from guest; set role guest").await;
    assert!(migrations.up(&pool).await.unwrap().is_empty());
    migrations.check(&pool).await.unwrap();
}

#[tokio::test]
async fn the_tables_are_those_of_the_search_path() {
    let server = Pg::start().await;
    let pool = server.pool().await;
    ours().schema("cache").up(&pool).await.unwrap();
    Pg::run(&pool, "set search_path = public, cache").await;
    ours().check(&pool).await.unwrap();
    assert!(ours().up(&pool).await.unwrap().is_empty());
    Pg::run(&pool, "set search_path = public").await;
    assert!(ours().check(&pool).await.is_err());
}

#[tokio::test]
async fn a_write_to_a_partition_is_one_of_the_watched_table_whatever_the_search_path_is() {
    let server = Pg::start().await;
    let pool = server.pool().await;
    let migrations = Migrations::new().schema("cache");
    migrations.up(&pool).await.unwrap();
    Pg::run(
        &pool,
        "create schema shop; create table shop.\"Sale\" (at int, id int) partition by range (at);
         create table shop.early partition of shop.\"Sale\" for values from (0) to (10);
         create role writer; grant usage on schema shop to writer;
         grant all on all tables in schema shop to writer",
    )
    .await;
    migrations.watch(&pool, "shop.Sale").await.unwrap();
    let noted =
        "select count(*) from cache.dogpile_log where schema_name = 'shop' and table_name = 'Sale'";
    for (n, write) in [
        "insert into shop.\"Sale\" values (1, 1)",
        "insert into shop.early values (2, 2)",
        "update shop.early set id = 3",
        "truncate shop.early",
        "set role writer; set search_path = shop; insert into early values (3, 3)",
    ]
    .into_iter()
    .enumerate()
    {
        Pg::run(&pool, write).await;
        Pg::run(&pool, "reset role; reset search_path").await;
        let expected = i64::try_from(n).unwrap() + 2;
        assert_eq!(Pg::count(&pool, noted).await, expected, "{write}");
    }
    let names = migrations.watched(&pool).await.unwrap();
    assert_eq!(names.iter().map(ToString::to_string).collect::<Vec<_>>(), ["shop.Sale"]);
    migrations.unwatch(&pool, "shop.Sale").await.unwrap();
    Pg::run(&pool, "insert into shop.early values (4, 4)").await;
    assert_eq!(Pg::count(&pool, noted).await, 6);
}
