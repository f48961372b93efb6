//! Reads that lock: the lock is the point, so they always run. SQLite has none; the decision is
//! the same code for every database.

use dogpile::{Region, TagSpace, minutes};
use dogpile_query::{Analyzer, Dialect};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use sqlx::PgPool;

#[test]
fn s156_locking_reads() {
    let postgres = [
        "SELECT * FROM post FOR UPDATE",
        "SELECT * FROM post FOR SHARE",
        "SELECT * FROM post FOR UPDATE NOWAIT",
        "SELECT * FROM post FOR UPDATE SKIP LOCKED",
        "SELECT * FROM post FOR NO KEY UPDATE",
        "SELECT * FROM post FOR KEY SHARE",
        "SELECT * FROM post p JOIN author a ON a.id = p.author_id FOR UPDATE OF p",
        "SELECT * FROM (SELECT * FROM post FOR UPDATE) AS locked",
        "WITH locked AS (SELECT * FROM post FOR UPDATE) SELECT * FROM locked",
    ];
    let mysql = [
        "SELECT * FROM post FOR UPDATE",
        "SELECT * FROM post FOR SHARE SKIP LOCKED",
        "SELECT * FROM post LOCK IN SHARE MODE",
    ];
    let postgres = postgres.into_iter().map(|sql| (Dialect::Postgres, sql));
    for (dialect, sql) in postgres.chain(mysql.into_iter().map(|sql| (Dialect::MySql, sql))) {
        let analysis = Analyzer::new(dialect).analyze(sql);
        let reason = analysis.bypass().map(|bypass| bypass.reason().code());
        assert_eq!(reason, Some("locking"), "{dialect:?}: {sql}");
        assert!(analysis.write_tags().is_empty(), "{dialect:?}: {sql}");
    }
}

#[test]
fn s156_locked_tables() {
    for (dialect, sql) in [
        (Dialect::Postgres, "LOCK TABLE post IN EXCLUSIVE MODE"),
        (Dialect::MySql, "LOCK TABLES post WRITE"),
    ] {
        let analysis = Analyzer::new(dialect).analyze(sql);
        assert!(analysis.bypass().is_some(), "{dialect:?}: {sql}");
    }
}

/// The pool is never connected: whether a query is cached, and under which key, is known before.
#[tokio::test]
async fn s157_the_plain_read_has_its_own_key() {
    let region = Region::builder("scenario").ttl(minutes(5)).tag_space(TagSpace::new(1_000));
    let pool = PgPool::connect_lazy("postgres://nobody@localhost/nothing").unwrap();
    let db = CachedPool::new(pool, region.build().unwrap());
    let query = |sql| sqlx::query_as::<_, (i64, String)>(sql).cached().explain(&db);

    let locking = query("SELECT id, title FROM post WHERE id = 1 FOR UPDATE").await;
    assert_eq!(locking.reason(), Some("locking"));
    assert!(locking.entry().is_none());
    let plain = query("SELECT id, title FROM post WHERE id = 1").await;
    assert!(plain.is_cached(), "{plain}");
    assert!(plain.entry().is_some());
}
