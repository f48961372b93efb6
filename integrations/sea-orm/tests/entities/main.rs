//! What the cache promises, through entities of sea-orm, on SQLite, PostgreSQL and MariaDB.
//!
//! The oracle of a hit is the pool: nobody took a connection from it. Whatever is read is compared with
//! what a connection past the cache reads. Where scenarios have numbers they are those of
//! `tests/SCENARIOS.md`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod broken;
mod by_hand;
mod drops;
mod errors;
mod fixture;
mod handles;
mod metric;
mod net;
mod others;
mod outside;
mod relations;
mod relay;
mod rows;
mod savepoints;
mod schema;
mod streams;
mod transactions;
mod writes;
