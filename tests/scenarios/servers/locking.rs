//! Reads that lock: the lock is the point, so they always run.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Db, rows_of};
use crate::run::either;

async fn s156_locking_reads() {
    let db = Db::new().await;
    let postgres: &[&str] = &[
        "SELECT * FROM post FOR UPDATE",
        "SELECT * FROM post FOR SHARE",
        "SELECT * FROM post FOR UPDATE NOWAIT",
        "SELECT * FROM post FOR UPDATE SKIP LOCKED",
        "SELECT * FROM post FOR NO KEY UPDATE",
        "SELECT * FROM post FOR KEY SHARE",
        "SELECT p.id FROM post p JOIN author a ON a.id = p.author_id FOR UPDATE OF p",
        "SELECT * FROM (SELECT * FROM post FOR UPDATE) AS locked",
        "WITH locked AS (SELECT * FROM post FOR UPDATE) SELECT * FROM locked",
    ];
    let mariadb: &[&str] = &[
        "SELECT * FROM post FOR UPDATE",
        "SELECT * FROM post FOR UPDATE NOWAIT",
        "SELECT * FROM post LOCK IN SHARE MODE",
    ];
    for sql in either(postgres, mariadb) {
        db.bypasses(sql, "locking").await;
    }
}

async fn s157_the_plain_read_has_its_own_key() {
    let db = Db::new().await;
    let plain = "SELECT id, title FROM post WHERE id = 1";
    db.bypasses("SELECT id, title FROM post WHERE id = 1 FOR UPDATE", "locking").await;
    db.warm(plain).await;
    db.bypasses("SELECT id, title FROM post WHERE id = 1 FOR UPDATE", "locking").await;
    db.hit(plain).await;
}

/// Locks of the application's own.
async fn s161_advisory_locks_in_a_transaction() {
    let db = Db::new().await;
    let lock = either(
        "SELECT pg_try_advisory_xact_lock(7), pg_advisory_xact_lock_shared(8)",
        "SELECT get_lock('seven', 0), is_used_lock('seven')",
    );
    let before = db.pool.region().stats().stored;
    let mut tx = db.pool.begin().await.unwrap();
    for _ in 0..2 {
        let (rows, sent) = db.sent(rows_of(lock).cached().fetch_all(&mut *tx)).await;
        assert_eq!((rows.unwrap().len(), sent), (1, 1), "it is asked for each time");
    }
    tx.commit().await.unwrap();
    assert_eq!(db.pool.region().stats().stored, before);
}

scenarios! {
    s156_locking_reads,
    s157_the_plain_read_has_its_own_key,
    s161_advisory_locks_in_a_transaction,
}
