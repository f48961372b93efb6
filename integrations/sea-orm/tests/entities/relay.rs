//! Writers that this connection does not know of, and a relay that tells of them.

use std::time::Duration;

use dogpile::{Freshness, Region, TagSpace, minutes};
use dogpile_migrations::{Database, Migrations};
use dogpile_sea_orm::CachedConnection;
use sea_orm::{DbBackend, TransactionTrait};

use crate::fixture::{Shop, on_every_server, within};
use crate::transactions::{rename, tags};

on_every_server!(
    s181_a_write_of_another_program_reaches_cached_entities,
    what_another_process_notes_is_heard,
    a_relay_without_tables_says_the_mend,
);

/// The tables of the log, and what of the application's is watched.
async fn migrate(shop: &Shop, watched: Option<&str>) -> Migrations {
    async fn on<DB: Database>(pool: &sqlx::Pool<DB>, watched: Option<&str>) -> Migrations {
        let migrations = Migrations::new().prefix("log_");
        migrations.up(pool).await.unwrap();
        if let Some(table) = watched {
            migrations.watch(pool, table).await.unwrap();
        }
        migrations
    }
    let inner = shop.db.inner();
    match inner.get_database_backend() {
        DbBackend::Postgres => on(inner.get_postgres_connection_pool(), watched).await,
        DbBackend::MySql => on(inner.get_mysql_connection_pool(), watched).await,
        _ => on(inner.get_sqlite_connection_pool(), watched).await,
    }
}

/// What another process has: the same database, and nothing else.
fn another(shop: &Shop, freshness: Freshness) -> CachedConnection {
    let region = Region::builder("another").ttl(minutes(5)).tag_space(TagSpace::new(1_000));
    let region = region.freshness(freshness).build().unwrap();
    CachedConnection::new(shop.db.inner().clone(), region).unwrap()
}

/// Tries again until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let tries = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within(what, tries).await;
}

/// Reads until it is a hit. A relay takes connections of the pool, so that counting those tells nothing.
async fn settled(shop: &Shop) {
    let is_hit = async || {
        let before = shop.db.region().stats().hits;
        tags().all(&shop.db).await.unwrap();
        shop.db.region().stats().hits > before
    };
    until("it is a hit", is_hit).await;
}

async fn is_called(shop: &Shop, name: &str) {
    let is_so = async || tags().all(&shop.db).await.unwrap()[0].name == name;
    until("the new name is served", is_so).await;
}

async fn s181_a_write_of_another_program_reaches_cached_entities(shop: &Shop) {
    let migrations = migrate(shop, Some("tag")).await;
    let relay = shop.db.start_relay(&migrations).await.unwrap();
    until("the table was noted when it was watched", async || relay.stats().rows > 0).await;
    let other = another(shop, Freshness::Ttl);
    for name in ["pink", "teal"] {
        settled(shop).await;
        rename(&other, name).await;
        is_called(shop, name).await;
    }
    assert_eq!(shop.db.writes_past(), 0, "it was not the net that saw it");
    relay.stop().await;
}

/// By row and in tables that nobody watches, because the writer says so itself.
async fn what_another_process_notes_is_heard(shop: &Shop) {
    let migrations = migrate(shop, None).await;
    let relay = shop.db.start_relay(&migrations).await.unwrap();
    until("it works", async || relay.stats().flushes > 0).await;
    let other = another(shop, Freshness::Durable).with_migrations(&migrations).unwrap();
    for name in ["pink", "teal"] {
        settled(shop).await;
        let transaction = other.begin().await.unwrap();
        rename(&transaction, name).await;
        transaction.commit().await.unwrap();
        is_called(shop, name).await;
    }
    settled(shop).await;
    assert_eq!(other.region().stats().degraded, 0);
    relay.stop().await;
}

async fn a_relay_without_tables_says_the_mend(shop: &Shop) {
    let refused = shop.db.start_relay(&Migrations::new()).await.unwrap_err().to_string();
    assert!(refused.contains("dogpile-migrate up"), "{refused}");
}
