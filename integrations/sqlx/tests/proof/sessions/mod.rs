//! Settings of a session are a part of the key, or keep reads away from the cache.

mod connections;
mod hints;
mod pools;

use dogpile::Reason;
use dogpile::observe::ReasonKind;
use dogpile_sqlx::{CachedConnection, QueryCacheExt};
use sqlx::Sqlite;

use crate::support::{Fixture, Result};

/// Whose result follows a setting of the session.
const LIKE: &str = "SELECT count(*) FROM item WHERE 'a' LIKE 'A'";
const SENSITIVE: &str = "PRAGMA case_sensitive_like = ON";

async fn on(connection: &mut CachedConnection<Sqlite>) -> Result<i64> {
    Ok(sqlx::query_scalar(LIKE).cached().fetch_one(connection).await?)
}

async fn on_pool(fixture: &Fixture) -> Result<i64> {
    Ok(sqlx::query_scalar(LIKE).cached().fetch_one(&fixture.db).await?)
}

async fn run(connection: &mut CachedConnection<Sqlite>, sql: &'static str) -> Result {
    sqlx::query(sql).execute(connection).await?;
    Ok(())
}

fn hits(fixture: &Fixture) -> u64 {
    fixture.db.region().stats().hits
}

fn bypasses(fixture: &Fixture, reason: &'static str) -> u64 {
    fixture.db.region().stats().count_of(ReasonKind::Bypass, Reason::new(reason))
}
