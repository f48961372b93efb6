//! The service on SQLite. One of your own needs one database: this file or `postgres.rs`.

pub(crate) type Database = sqlx::Sqlite;

pub(crate) const SCHEMA: &str =
    concat!(include_str!("schema/sqlite.sql"), include_str!("schema/goods.sql"));

#[path = "service/mod.rs"]
pub(crate) mod service;
