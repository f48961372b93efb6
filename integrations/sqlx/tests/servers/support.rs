//! Pools on a database of their own, and what their cache has done.

use dogpile::observe::ReasonKind;
use dogpile::{Reason, Region, TagSpace, minutes};
use dogpile_sqlx::{CacheDatabase, CachedConnection, CachedPool};
use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, Connection, Database, Executor, IntoArguments, Pool};

pub(crate) type ConnectOptions<DB> = <<DB as Database>::Connection as Connection>::Options;

/// A cached pool of up to `connections`.
pub(crate) async fn pool<DB: CacheDatabase>(
    options: ConnectOptions<DB>,
    connections: u32,
) -> CachedPool<DB> {
    let pool: Pool<DB> =
        PoolOptions::new().max_connections(connections).connect_with(options).await.unwrap();
    let region =
        Region::builder("servers").ttl(minutes(5)).tag_space(TagSpace::new(1_000)).build().unwrap();
    CachedPool::new(pool, region)
}

/// Runs a text of any number of statements.
pub(crate) async fn script<DB>(pool: &Pool<DB>, sql: &str)
where
    DB: Database,
    for<'c> &'c Pool<DB>: Executor<'c, Database = DB>,
{
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await.unwrap();
}

/// Runs one statement.
pub(crate) async fn run<DB>(connection: &mut CachedConnection<DB>, sql: &'static str)
where
    DB: CacheDatabase,
    DB::Arguments: IntoArguments<DB>,
{
    sqlx::query::<DB>(sql).execute(connection).await.unwrap();
}

pub(crate) fn hits<DB: CacheDatabase>(pool: &CachedPool<DB>) -> u64 {
    pool.region().stats().hits
}

pub(crate) fn bypasses<DB: CacheDatabase>(pool: &CachedPool<DB>) -> u64 {
    pool.region().stats().count_of(ReasonKind::Bypass, Reason::new("session_state"))
}
