//! The tables of a store in PostgreSQL, MariaDB and SQLite.

mod beside;
mod fold;
mod hits;
mod place;
mod sweep;
mod writes;

use self::place::{MariaDbPlace, PostgresPlace, SqlitePlace};

pub(crate) async fn hits(rounds: usize) {
    hits::run::<PostgresPlace>(rounds).await;
    hits::run::<MariaDbPlace>(rounds).await;
    hits::run::<SqlitePlace>(rounds).await;
}

pub(crate) async fn sweep() {
    sweep::run::<PostgresPlace>().await;
    sweep::run::<MariaDbPlace>().await;
    sweep::run::<SqlitePlace>().await;
}

pub(crate) async fn fold() {
    fold::run::<PostgresPlace>().await;
    fold::run::<MariaDbPlace>().await;
    fold::run::<SqlitePlace>().await;
}

pub(crate) async fn writes(rounds: usize) {
    writes::run(rounds).await;
}
