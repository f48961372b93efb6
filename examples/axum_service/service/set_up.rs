//! The database and the cache in front of it.

use dogpile::{Region, minutes, secs};
use dogpile_sqlx::CachedPool;
use sqlx::Connection;
use sqlx::pool::PoolOptions;

use super::{Database, SCHEMA};
use crate::failure::Failure;

type DriverConnection = <Database as sqlx::Database>::Connection;

pub(super) async fn open(url: &str) -> Result<CachedPool<Database>, Failure> {
    // By a connection of its own: a pool would try again for a while, and not say what is wrong.
    migrate(url).await.map_err(|error| Failure::Outside(format!("the database: {error}")))?;
    let region = Region::builder("shop")
        .ttl(minutes(5))
        // Several processes? `.backend(RedisBackend::open("redis://cache:6379")?)`: what one writes,
        // all hear of, and each value is created once for all of them.
        .build()
        .map_err(|error| Failure::outside(&error))?;
    let pool = PoolOptions::new().max_connections(8).acquire_timeout(secs(5));
    let db = CachedPool::connect(url, pool, region).await;
    db.map_err(|error| Failure::Outside(format!("the database: {error}")))
}

async fn migrate(url: &str) -> sqlx::Result<()> {
    let mut connection = DriverConnection::connect(url).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
    connection.close().await
}
