//! Reads of one row, and the writes that reach them.
//!
//! What is served is always compared with what the database says; where a write is known to leave a
//! row alone, its entry must be hit as well.

mod by_hand;
mod catalog;
mod keeps;
mod property;
mod transactions;

use dogpile_sqlx::QueryCacheExt;
use sqlx::AssertSqlSafe;

use crate::support::{Fixture, Result};

/// A read of numbers, by SQL that binds one argument at most.
#[derive(Debug, Clone, Copy)]
struct Read {
    sql: &'static str,
    bound: Option<i64>,
}

/// How a read went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Hit,
    Miss,
}

const fn read(sql: &'static str, bound: i64) -> Read {
    Read { sql, bound: Some(bound) }
}

/// The read of one item by its key.
const fn item(id: i64) -> Read {
    read("SELECT id, value FROM item WHERE id = ?", id)
}

impl Read {
    /// Through the cache. What it gives is what the database gives, or the test fails.
    async fn see(self, fixture: &Fixture) -> Result<Seen> {
        let before = fixture.db.region().stats();
        let mut query = sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(self.sql));
        let mut truth = sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(self.sql));
        if let Some(bound) = self.bound {
            (query, truth) = (query.bind(bound), truth.bind(bound));
        }
        let served = query.cached().fetch_all(&fixture.db).await?;
        assert_eq!(served, truth.fetch_all(&fixture.raw).await?, "stale: {self:?}");
        let after = fixture.db.region().stats();
        Ok(match (after.hits - before.hits, after.misses - before.misses) {
            (1, 0) => Seen::Hit,
            (0, 1) => Seen::Miss,
            other => panic!("neither hit nor miss: {other:?}, {self:?}"),
        })
    }

    /// [`see`](Self::see), with a word on what came before if it is something else.
    async fn expect(self, fixture: &Fixture, seen: Seen, after: &str) -> Result {
        assert_eq!(self.see(fixture).await?, seen, "{self:?} after {after}");
        Ok(())
    }
}

/// Makes tables beside those of the fixture, before anybody has asked for them.
async fn with(schema: &'static str) -> Result<Fixture> {
    let fixture = Fixture::new(2).await?;
    sqlx::raw_sql(schema).execute(&fixture.db).await?;
    Ok(fixture)
}

async fn execute(fixture: &Fixture, sql: &str) -> Result {
    sqlx::query(AssertSqlSafe(sql)).execute(&fixture.db).await?;
    Ok(())
}
