//! Upgrades, with migrations that are not released yet.

use dogpile_tests::services::{MariaDb, Postgres};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{MySqlPool, PgPool, Pool};

use super::Database;
use crate::script::{Migration, STORE, Texts};
use crate::{Dialect, Error, Migrations, State};

static ONE: [Migration; 1] = [STORE];

const fn with_second(up: &'static str) -> [Migration; 2] {
    let down = "drop table if exists {table:remark}; drop table if exists {table:note};";
    let texts = Texts { up, down };
    let tables = &["note", "remark"];
    let (postgres, mysql, sqlite) = (texts, texts, texts);
    [
        STORE,
        Migration { version: 2, name: "notes", tables, durable: false, postgres, mysql, sqlite },
    ]
}

static TWO: [Migration; 2] = with_second(
    "create {unlogged}table if not exists {table:note} (id bigint primary key);
     create {unlogged}table if not exists {table:remark} (id bigint primary key);",
);

/// Fails after its first statement.
static BROKEN: [Migration; 2] = with_second(
    "create {unlogged}table if not exists {table:note} (id bigint primary key);
     create table {table:remark} (primary key);",
);

fn of(list: &'static [Migration]) -> Migrations {
    Migrations { list, ..Migrations::new() }
}

async fn an_upgrade_applies_what_is_new<D: Database>(pool: &Pool<D>) {
    let (old, new) = (of(&ONE), of(&TWO));
    assert_eq!(old.up(pool).await.unwrap(), ["0001_store"]);
    let error = new.check(pool).await.unwrap_err().to_string();
    assert!(error.contains("migration 0002_notes was not applied"), "{error}");
    let first = new.status(pool).await.unwrap().steps.remove(0).state;
    assert!(matches!(first, State::Applied { at } if at > 1_600_000_000_000), "{first:?}");

    assert_eq!(new.up(pool).await.unwrap(), ["0002_notes"]);
    new.check(pool).await.unwrap();
    assert_eq!(new.status(pool).await.unwrap().steps[0].state, first, "not applied again");

    // The old release still runs beside the new one, and may not drop what it does not know.
    old.check(pool).await.unwrap();
    assert!(old.up(pool).await.unwrap().is_empty());
    assert_eq!(old.status(pool).await.unwrap().newer, Some(2));
    let error = old.down(pool).await.unwrap_err();
    assert!(matches!(error, Error::Newer { found: 2, known: 1 }), "{error}");

    assert_eq!(new.down(pool).await.unwrap(), ["0002_notes", "0001_store"]);
    assert_eq!(new.up(pool).await.unwrap(), ["0001_store", "0002_notes"]);
    new.down(pool).await.unwrap();
}

async fn a_failed_upgrade_can_be_repeated<D: Database>(pool: &Pool<D>) {
    let (broken, mended) = (of(&BROKEN), of(&TWO));
    for _ in 0..2 {
        let error = broken.up(pool).await.unwrap_err();
        assert!(matches!(error, Error::Database { .. }), "{error}");
        let steps = mended.status(pool).await.unwrap().steps;
        // MySQL cannot take the first migration back, and has no reason to.
        let kept = matches!(steps[0].state, State::Applied { .. });
        assert_eq!(kept, D::DIALECT == Dialect::MySql);
        assert_eq!(steps[1].state, State::Pending);
    }
    let applied = mended.up(pool).await.unwrap();
    assert_eq!(applied.last().map(String::as_str), Some("0002_notes"));
    mended.check(pool).await.unwrap();
    mended.down(pool).await.unwrap();

    // What a failed upgrade left is taken back as well, though it was never noted.
    assert!(broken.up(pool).await.is_err());
    mended.down(pool).await.unwrap();
    let steps = mended.status(pool).await.unwrap().steps;
    assert!(steps.iter().all(|step| step.state == State::Pending));
}

async fn both<D: Database>(pool: &Pool<D>) {
    an_upgrade_applies_what_is_new(pool).await;
    a_failed_upgrade_can_be_repeated(pool).await;
}

#[tokio::test]
async fn upgrades_on_postgres() {
    let server = Postgres::start().await.unwrap();
    both(&PgPool::connect(&server.create_database().await.unwrap()).await.unwrap()).await;
}

#[tokio::test]
async fn upgrades_on_mariadb() {
    let server = MariaDb::start().await.unwrap();
    both(&MySqlPool::connect(&server.create_database().await.unwrap()).await.unwrap()).await;
}

#[tokio::test]
async fn upgrades_on_sqlite() {
    let pool = SqlitePoolOptions::new().max_connections(1).min_connections(1);
    both(&pool.connect("sqlite::memory:").await.unwrap()).await;
}

#[tokio::test]
async fn calls_can_be_spawned() {
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let applied = tokio::spawn(async move {
        Migrations::new().up(&pool).await.unwrap();
        Migrations::new().check(&pool).await.unwrap();
        Migrations::new().status(&pool).await.unwrap();
        Migrations::new().down(&pool).await.unwrap()
    });
    assert_eq!(applied.await.unwrap(), ["0002_log", "0001_store"]);
}
