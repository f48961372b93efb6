//! Cached queries beside the same queries on the database: PostgreSQL on a local socket.

mod delays;
mod hits;
mod mix;
mod overhead;
mod server;

pub(crate) async fn hits(rounds: usize) {
    hits::run(rounds).await;
}

pub(crate) async fn delays(rounds: usize) {
    delays::run(rounds).await;
}

pub(crate) async fn mix(rounds: usize) {
    mix::run(rounds).await;
}

pub(crate) async fn overhead() {
    overhead::run().await;
}
