//! The keys of tables, as the catalogs of real servers tell them.

mod mariadb;
mod postgres;

use std::sync::atomic::{AtomicU64, Ordering};

use dogpile::{Region, TagSpace, Tags, minutes};
use dogpile_sqlx::{CacheDatabase, CachedPool};
use sqlx::Pool;

/// A pool with a region of its own.
fn cached<DB: CacheDatabase>(pool: Pool<DB>) -> CachedPool<DB> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!("rows-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let region = Region::builder(&name).ttl(minutes(5)).tag_space(TagSpace::new(1_000));
    CachedPool::new(pool, region.build().unwrap())
}

/// What `sql` depends on.
macro_rules! depends {
    ($db:expr, $sql:expr $(, $bound:expr)*) => {{
        let query = sqlx::query_as::<_, (i64,)>(AssertSqlSafe($sql.to_string()))$(.bind($bound))*;
        let explained = query.cached().explain($db).await;
        let entry = explained.entry().unwrap_or_else(|| panic!("not cached: {explained}"));
        super::shown(&entry.tags)
    }};
}

/// How many reads of `sql` were hits: none or one. What is read is compared with the database.
macro_rules! hits {
    ($db:expr, $sql:expr $(, $bound:expr)*) => {{
        let before = $db.region().stats().hits;
        let query = || sqlx::query_as::<_, (i64,)>(AssertSqlSafe($sql.to_string()))$(.bind($bound))*;
        let served = query().cached().fetch_all($db).await.unwrap();
        assert_eq!(served, query().fetch_all($db.inner()).await.unwrap(), "stale: {}", $sql);
        $db.region().stats().hits - before
    }};
}

use {depends, hits};

/// The tags but for the region's own.
fn shown(tags: &Tags) -> String {
    let of_sql = tags.iter().filter(|tag| !tag.name().starts_with("region:"));
    of_sql.cloned().collect::<Tags>().to_string()
}
