//! I14: what is not understood is never cached, and flushes when it may write.

use dogpile_query::{Analyzer, Dialect};
use dogpile_sqlx::QueryCacheExt;
use sqlx::AssertSqlSafe;

use crate::support::{Fixture, Result};

/// `1` in so many parentheses that the analyzer gives up. SQLite does not.
fn deep() -> String {
    format!("{}1{}", "(".repeat(200), ")".repeat(200))
}

/// Writes that SQLite runs and that the analyzer cannot read.
fn writes() -> [String; 2] {
    let writes = [
        format!("UPDATE item SET value = value + {}", deep()),
        format!("DELETE FROM item WHERE id = {}", deep()),
    ];
    for write in &writes {
        assert!(Analyzer::new(Dialect::Sqlite).analyze(write).flushes(), "understood: {write}");
    }
    writes
}

async fn other(fixture: &Fixture) -> Result<i64> {
    let query = sqlx::query_scalar("SELECT sum(value) FROM other");
    Ok(query.cached().fetch_one(&fixture.db).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_a_write_that_is_not_understood_flushes() -> Result {
    let fixture = Fixture::new(2).await?;
    for write in writes() {
        for _ in 0..2 {
            fixture.cached().await?;
            other(&fixture).await?;
        }
        let before = fixture.db.region().stats();
        sqlx::query(AssertSqlSafe(write)).execute(&fixture.db).await?;
        assert_eq!(fixture.cached().await?, fixture.truth().await?);
        other(&fixture).await?;
        let after = fixture.db.region().stats();
        assert_eq!((after.hits, after.misses), (before.hits, before.misses + 2));
    }
    Ok(())
}

/// The same in a transaction, whether it commits or not: it might have been a COMMIT itself.
#[tokio::test(flavor = "multi_thread")]
async fn i14_a_write_that_is_not_understood_flushes_when_its_transaction_ends() -> Result {
    let fixture = Fixture::new(2).await?;
    for commits in [true, false] {
        for write in writes() {
            for _ in 0..2 {
                other(&fixture).await?;
            }
            let before = fixture.db.region().stats();
            let mut tx = fixture.db.begin().await?;
            sqlx::query(AssertSqlSafe(write)).execute(&mut *tx).await?;
            if commits {
                tx.commit().await?;
            } else {
                tx.rollback().await?;
            }
            other(&fixture).await?;
            let after = fixture.db.region().stats();
            assert_eq!((after.hits, after.misses), (before.hits, before.misses + 1));
            fixture.check("after a write that was not understood").await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_a_read_that_is_not_understood_is_a_bypass_with_a_reason() -> Result {
    let fixture = Fixture::new(2).await?;
    let not_understood = format!("SELECT id FROM item WHERE id = {}", deep());
    let reads = [
        not_understood.as_str(),
        "SELECT id FROM item WHERE value > abs(random() % 2)",
        "SELECT name FROM sqlite_master",
        "PRAGMA user_version",
        "EXPLAIN SELECT id FROM item",
    ];
    for sql in reads {
        let query = || sqlx::query(AssertSqlSafe(sql)).try_map(|_| Ok(())).cached();
        let explained = query().explain(&fixture.db).await;
        assert!(explained.reason().is_some_and(|reason| !reason.is_empty()), "cached: {sql}");
        let before = fixture.db.region().stats();
        for _ in 0..2 {
            query().fetch_all(&fixture.db).await?;
        }
        let after = fixture.db.region().stats();
        assert_eq!(after.bypasses, before.bypasses + 2, "{sql}");
        assert_eq!((after.hits, after.misses), (before.hits, before.misses), "{sql}");
    }
    assert_eq!(fixture.db.region().stats().entries, 0);
    Ok(())
}
