//! What migrations promise, on real servers of all three databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod postgres;
mod server;
mod watch;

use std::time::Duration;

use dogpile_migrations::{Database, Dialect, Error, Migrations, State};
use futures_util::future::join_all;
use tokio::time::timeout;

use crate::server::{Lite, Maria, Pg, Server};
use crate::watch::{
    a_table_that_was_renamed_is_watched_again_and_unwatched,
    a_watched_table_notes_what_is_committed, down_leaves_no_trigger_behind,
    only_a_table_that_is_there_is_watched,
};

/// Declares a test for each database.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        mod on_postgres {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name::<Pg>().await; })*
        }
        mod on_mariadb {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name::<Maria>().await; })*
        }
        mod on_sqlite {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name::<Lite>().await; })*
        }
    };
}

promises!(
    up_creates_all_tables_and_the_second_time_does_nothing,
    eight_at_once_apply_each_migration_once,
    up_waits_for_the_lock_and_a_wait_given_up_leaves_nothing_behind,
    down_takes_all_tables_away_and_up_brings_them_back,
    a_check_says_in_one_line_what_is_missing_and_the_command,
    a_table_dropped_by_hand_is_missed_and_mended,
    prefixes_are_apart,
    a_schema_is_used_and_left,
    what_print_gives_is_what_up_does,
    wrong_names_never_reach_the_database,
    a_watched_table_notes_what_is_committed,
    a_table_that_was_renamed_is_watched_again_and_unwatched,
    down_leaves_no_trigger_behind,
    only_a_table_that_is_there_is_watched,
);

/// Where the tests put the tables.
fn ours() -> Migrations {
    Migrations::new().prefix("p_")
}

/// The tables of all versions, with that of the migrations.
const TABLES: i64 = 8;

async fn up_creates_all_tables_and_the_second_time_does_nothing<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    assert_eq!(ours().up(&pool).await.unwrap(), ["0001_store", "0002_log"]);
    let (name, bytes, owner) = ("x'6e'", "x'6200'", "x'00112233445566778899aabbccddee00'");
    let literal = |text: &str| match S::Db::DIALECT {
        Dialect::Postgres => text.replace("x'", "'\\x"),
        _ => text.into(),
    };
    let (low, high) = (i64::MIN + 1, i64::MAX);
    for row in [
        format!("p_entry (name, bytes, ends) values ({name}, {bytes}, {high})"),
        format!("p_register (name, high, low, ends) values ({name}, {high}, {low}, 1)"),
        format!("p_token (name, high, low) values ({name}, {high}, {low})"),
        format!("p_lease (name, owner, ends) values ({name}, {owner}, 1)"),
    ] {
        S::run(&pool, &format!("insert into {}", literal(&row))).await;
    }
    assert!(ours().up(&pool).await.unwrap().is_empty());
    ours().check(&pool).await.unwrap();
    for (table, bytes) in [("p_entry", "bytes"), ("p_lease", "owner")] {
        let sql =
            format!("select cast(length({bytes}) as {}) from {table}", integer(S::Db::DIALECT));
        assert_eq!(S::count(&pool, &sql).await, if table == "p_entry" { 2 } else { 16 });
    }
    let fresh = format!(
        "select count(*) from p_register where tainted = 0 and writers = {}",
        literal("x''")
    );
    assert_eq!(S::count(&pool, &fresh).await, 1);
    assert_eq!(S::count(&pool, "select count(*) from p_token").await, 1);
}

const fn integer(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "int8",
        Dialect::MySql => "signed",
        Dialect::Sqlite => "integer",
    }
}

async fn eight_at_once_apply_each_migration_once<S: Server>() {
    let server = S::start().await;
    let pools = join_all((0..8).map(|_| server.pool())).await;
    let migrations = ours().schema("cache");
    for _ in 0..3 {
        let done = join_all(pools.iter().map(|pool| migrations.up(pool))).await;
        let applied: Vec<_> = done.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(applied, ["0001_store", "0002_log"]);
        migrations.check(&pools[0]).await.unwrap();
        let gone = join_all(pools.iter().map(|pool| migrations.down(pool))).await;
        let gone: Vec<_> = gone.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(gone, ["0002_log", "0001_store"]);
    }
}

async fn up_waits_for_the_lock_and_a_wait_given_up_leaves_nothing_behind<S: Server>() {
    let server = S::start().await;
    let (holder, pool) = (server.pool().await, server.pool().await);
    let [lock, unlock] = S::LOCK;
    S::run(&holder, lock).await;
    let migrations = ours();
    // However slow the machine is: it cannot be done before the lock is given back.
    let waited = timeout(Duration::from_millis(300), migrations.up(&pool)).await;
    assert!(waited.is_err(), "{waited:?}");
    S::run(&holder, unlock).await;
    assert_eq!(migrations.up(&pool).await.unwrap(), ["0001_store", "0002_log"]);
}

async fn down_takes_all_tables_away_and_up_brings_them_back<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    // The application's own.
    S::run(&pool, "create table _sqlx_migrations (version bigint primary key)").await;
    for _ in 0..2 {
        assert!(ours().down(&pool).await.unwrap().is_empty());
        assert_eq!(ours().up(&pool).await.unwrap(), ["0001_store", "0002_log"]);
        assert_eq!(S::tables(&pool).await, TABLES);
        assert!(ours().status(&pool).await.unwrap().is_complete());
        assert_eq!(ours().down(&pool).await.unwrap(), ["0002_log", "0001_store"]);
        assert_eq!(S::tables(&pool).await, 0);
        let status = ours().status(&pool).await.unwrap();
        assert_eq!(status.steps[0].state, State::Pending);
    }
    assert_eq!(S::count(&pool, "select count(*) from _sqlx_migrations").await, 0);
}

async fn a_check_says_in_one_line_what_is_missing_and_the_command<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    let error = ours().schema("cache").logged(true).check(&pool).await.unwrap_err();
    assert!(matches!(error, Error::NotReady { .. }));
    assert_eq!(
        error.to_string(),
        "dogpile's tables are not ready: migration 0001_store was not applied and \
         migration 0002_log was not applied; run \
         `dogpile-migrate up URL --schema cache --prefix p_ --logged`, or call `Migrations::up`"
    );
    assert_eq!(S::tables(&pool).await, 0, "a check only reads");
}

async fn a_table_dropped_by_hand_is_missed_and_mended<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    ours().up(&pool).await.unwrap();
    S::run(&pool, "drop table p_token").await;
    let error = ours().check(&pool).await.unwrap_err().to_string();
    assert!(error.contains("the tables p_token are missing; run `dogpile-migrate up"), "{error}");
    let status = ours().status(&pool).await.unwrap();
    assert_eq!(status.to_string(), "0001_store  damaged, without p_token\n0002_log  applied");
    assert_eq!(ours().up(&pool).await.unwrap(), ["0001_store"]);
    ours().check(&pool).await.unwrap();
    // The list of migrations itself, and with it what was applied.
    S::run(&pool, "drop table p_migration").await;
    assert!(ours().check(&pool).await.is_err());
    assert_eq!(ours().up(&pool).await.unwrap(), ["0001_store", "0002_log"]);
    ours().check(&pool).await.unwrap();
    S::run(&pool, "drop table p_migration").await;
    assert_eq!(ours().down(&pool).await.unwrap(), ["0002_log", "0001_store"]);
    assert_eq!(S::tables(&pool).await, 0);
}

async fn prefixes_are_apart<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    let (one, two) = (ours(), Migrations::new().prefix("p_2_"));
    one.up(&pool).await.unwrap();
    assert!(two.check(&pool).await.is_err());
    two.up(&pool).await.unwrap();
    assert_eq!(S::tables(&pool).await, 2 * TABLES);
    one.down(&pool).await.unwrap();
    assert!(one.check(&pool).await.is_err());
    two.check(&pool).await.unwrap();
    assert_eq!(S::tables(&pool).await, TABLES);
}

async fn a_schema_is_used_and_left<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    let migrations = ours().schema("cache");
    for _ in 0..2 {
        assert_eq!(migrations.up(&pool).await.unwrap(), ["0001_store", "0002_log"]);
        assert_eq!(S::count(&pool, "select count(*) from cache.p_entry").await, 0);
        assert!(ours().check(&pool).await.is_err(), "the main schema is empty");
        migrations.check(&pool).await.unwrap();
        migrations.down(&pool).await.unwrap();
        assert_eq!(S::tables(&pool).await, 0);
        S::run(&pool, "create table cache.mine (id int); drop table cache.mine").await;
    }
}

async fn what_print_gives_is_what_up_does<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    let migrations = ours().schema("cache");
    for _ in 0..2 {
        S::run(&pool, &migrations.print(S::Db::DIALECT).unwrap()).await;
        migrations.check(&pool).await.unwrap();
        assert!(migrations.up(&pool).await.unwrap().is_empty());
    }
    for _ in 0..2 {
        S::run(&pool, &migrations.print_down(S::Db::DIALECT).unwrap()).await;
        assert_eq!(S::tables(&pool).await, 0);
    }
}

async fn wrong_names_never_reach_the_database<S: Server>() {
    let server = S::start().await;
    let pool = server.pool().await;
    S::run(&pool, "create table p_victim (id int)").await;
    let evil = "x\"; drop table p_victim; --";
    for migrations in [Migrations::new().prefix(evil), Migrations::new().schema(evil)] {
        let refused = |error| matches!(error, Error::Setting { .. });
        assert!(refused(migrations.up(&pool).await.unwrap_err()));
        assert!(refused(migrations.down(&pool).await.unwrap_err()));
        assert!(refused(migrations.check(&pool).await.unwrap_err()));
        assert!(refused(migrations.status(&pool).await.unwrap_err()));
        assert!(refused(migrations.watched(&pool).await.unwrap_err()));
    }
    let error = ours().watch(&pool, evil).await.unwrap_err();
    assert!(matches!(error, Error::Setting { setting: "table", .. }), "{error}");
    assert_eq!(S::tables(&pool).await, 1);
}
