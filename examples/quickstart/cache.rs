//! The pool with a cache in front of it: all the set-up there is.

use dogpile::{Region, megabytes, minutes};
use dogpile_sqlx::CachedPool;
use sqlx::{Sqlite, SqlitePool};

use crate::failure::Failure;

/// What the other steps run their queries on.
pub(crate) type Db = CachedPool<Sqlite>;

pub(crate) fn over(pool: SqlitePool) -> Result<Db, Failure> {
    let region = Region::builder("quickstart")
        .ttl(minutes(5))
        // At larger scales some of the reports have tens of thousands of rows.
        .max_value(megabytes(16))
        .build()
        .map_err(|error| Failure::Promise(format!("the region cannot be built: {error}")))?;
    Ok(CachedPool::new(pool, region))
}
