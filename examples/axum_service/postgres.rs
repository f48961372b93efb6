//! The service on PostgreSQL.

pub(crate) type Database = sqlx::Postgres;

pub(crate) const SCHEMA: &str =
    concat!(include_str!("schema/postgres.sql"), include_str!("schema/goods.sql"));

#[expect(clippy::duplicate_mod, reason = "one service on two databases, chosen by the URL")]
#[path = "service/mod.rs"]
pub(crate) mod service;
