//! I14: what is not understood is never cached, and flushes when it may write.

use dogpile_query::{Analyzer, Dialect};
use dogpile_sqlx::QueryCacheExt;
use sqlx::AssertSqlSafe;

use crate::support::{Fixture, Result};

/// SQLite runs it; the analyzer cannot read it.
const WRITES: [&str; 2] = [
    "UPDATE item INDEXED BY by_value SET value = value + 1 WHERE value > 0",
    "DELETE FROM item NOT INDEXED WHERE id = 3",
];

async fn other(fixture: &Fixture) -> Result<i64> {
    let query = sqlx::query_scalar("SELECT sum(value) FROM other");
    Ok(query.cached().fetch_one(&fixture.db).await?)
}

#[tokio::test]
async fn scratch() -> Result {
    let f = Fixture::new(1).await?;
    sqlx::query("CREATE TABLE one (x INTEGER)").execute(&f.raw).await?;
    sqlx::query("INSERT INTO one VALUES (1), (2)").execute(&f.raw).await?;
    for sql in ["SELECT id FROM item WHERE id IN one", "SELECT id FROM item WHERE id NOT IN main.one", "SELECT id FROM item WHERE id IN json_each('[1]')", "DELETE FROM item WHERE id IN one", ] {
        let a = Analyzer::new(Dialect::Sqlite).analyze(sql);
        let ran = sqlx::query(sql).fetch_all(&f.raw).await.map(|r| r.len()).map_err(|e| e.to_string());
        println!("{sql}: flushes {} kind {:?} tags {:?} bypass {:?} ran {ran:?}", a.flushes(), a.kind(), a.read_tags(), a.bypass().map(|b| b.to_string()));
    }
    for n in [10, 40, 60, 90, 200, 400] {
        let sql = format!("UPDATE item SET value = {}1{}", "(".repeat(n), ")".repeat(n));
        let a = Analyzer::new(Dialect::Sqlite).analyze(&sql);
        let ran = sqlx::query(AssertSqlSafe(sql.clone())).fetch_all(&f.raw).await.map(|r| r.len()).map_err(|e| e.to_string());
        println!("{n}: flushes {} kind {:?} bypass {:?} ran {ran:?}", a.flushes(), a.kind(),  a.bypass().map(|b| b.to_string()));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_a_write_that_is_not_understood_flushes() -> Result {
    let fixture = Fixture::new(2).await?;
    sqlx::query("CREATE INDEX by_value ON item (value)").execute(&fixture.raw).await?;
    for write in WRITES {
        assert!(Analyzer::new(Dialect::Sqlite).analyze(write).flushes(), "understood: {write}");
        for _ in 0..2 {
            fixture.cached().await?;
            other(&fixture).await?;
        }
        let before = fixture.db.region().stats();
        sqlx::query(write).execute(&fixture.db).await?;
        assert_eq!(fixture.cached().await?, fixture.truth().await?);
        other(&fixture).await?;
        let after = fixture.db.region().stats();
        assert_eq!((after.hits, after.misses), (before.hits, before.misses + 2), "after {write}");
    }
    Ok(())
}

/// The same in a transaction: the flush comes with the commit.
#[tokio::test(flavor = "multi_thread")]
async fn i14_a_write_that_is_not_understood_flushes_when_its_transaction_commits() -> Result {
    let fixture = Fixture::new(2).await?;
    sqlx::query("CREATE INDEX by_value ON item (value)").execute(&fixture.raw).await?;
    for write in WRITES {
        fixture.cached().await?;
        let mut tx = fixture.db.begin().await?;
        sqlx::query(write).execute(&mut *tx).await?;
        tx.commit().await?;
        fixture.check(write).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_a_read_that_is_not_understood_is_a_bypass_with_a_reason() -> Result {
    let fixture = Fixture::new(2).await?;
    let reads = [
        "SELECT id FROM item NOT INDEXED WHERE id > 0",
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
