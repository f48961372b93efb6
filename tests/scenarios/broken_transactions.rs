//! Transactions that end in another way than they were meant to, or that nobody was told of.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{
    Db, Events, assert_hit, assert_miss, by, inside, name, poll_once, rows_of, write,
};

const READ: &str = "SELECT name FROM tag WHERE id = 1";
const WRITE: &str = "UPDATE tag SET name = 'pink' WHERE id = 1";

async fn s147_an_error_in_a_transaction() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    let failing = sqlx::query("INSERT INTO tag VALUES (1, 'again')").execute(&mut *tx).await;
    failing.unwrap_err();
    tx.rollback().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));

    // On the same connection nothing is left of it.
    let mut connection = db.pool.acquire().await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    sqlx::query("INSERT INTO tag VALUES (1, 'again')").execute(&mut *tx).await.unwrap_err();
    tx.rollback().await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    assert_eq!(assert_miss!(db, inside(&mut tx, READ)), name("red"));
    assert_eq!(assert_hit!(db, inside(&mut tx, READ)), name("red"));
    tx.commit().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));
}

/// But for PostgreSQL the transaction goes on after an error, and may well commit what came before.
async fn s147_an_error_and_then_a_commit() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    sqlx::query("INSERT INTO tag VALUES (2, 'again')").execute(&mut *tx).await.unwrap_err();
    tx.commit().await.unwrap();
    assert_eq!(db.miss(READ).await, name("pink"));
}

/// A violation that is found at the very end: whether it counts as a write is free, being right not.
async fn s148_a_commit_that_fails() {
    let db = Db::new().await;
    db.execute(
        "CREATE TABLE note (id BIGINT PRIMARY KEY,
             tag_id BIGINT REFERENCES tag DEFERRABLE INITIALLY DEFERRED)",
    )
    .await;
    let read = "SELECT count(*) FROM note";
    db.warm(read).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, "INSERT INTO note VALUES (1, 99)").await;
    tx.commit().await.unwrap_err();
    db.settle().await;
    db.read(read).await;
    db.hit(read).await;
    db.invalidates("INSERT INTO note VALUES (1, 1)", &[read]).await;
}

/// A transaction whose ends are sent as text, on a connection taken from the pool.
async fn s150_begin_and_commit_as_text() {
    let db = Db::new().await;
    let mut connection = db.pool.acquire().await.unwrap();
    let end = by("END", "END", "COMMIT");
    for (end, after) in [("ROLLBACK", "red"), ("COMMIT", "red!"), (end, "red!!")] {
        db.warm(READ).await;
        for sql in ["BEGIN", "UPDATE tag SET name = name || '!' WHERE id = 1"] {
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        // Neither do others see it, nor is what is seen here kept for them.
        db.read(READ).await;
        rows_of(READ).cached().fetch_all(&mut connection).await.unwrap();
        db.hit(READ).await;
        sqlx::query(end).execute(&mut connection).await.unwrap();
        assert_eq!(db.read(READ).await.0, name(after), "{end}");
    }
}

/// The same on a pool of one connection, where every statement ends up in the transaction.
async fn s150_begin_and_rollback_on_the_pool() {
    let db = Db::new().await;
    let one = db.client_with(1).await;
    for sql in ["BEGIN", "UPDATE tag SET name = 'never' WHERE id = 1"] {
        one.execute(sql).await;
    }
    // This connection reads what is not committed, and may never be.
    assert_eq!(rows_of(READ).cached().fetch_all(&one.pool).await.unwrap(), name("never"));
    one.execute("ROLLBACK").await;
    assert_eq!(one.read(READ).await.0, name("red"));
}

async fn s151_a_transaction_that_is_dropped() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    db.warm(READ).await;
    events.invalidations();
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    drop(tx);
    assert_eq!(events.invalidations(), 0);
    assert_eq!(db.hit(READ).await, name("red"));
    // The lock is free again and the next write is seen.
    db.invalidates(WRITE, &[READ]).await;
}

/// Before its future has ended nobody knows whether a COMMIT was carried out.
async fn s151_a_commit_that_is_dropped() {
    let db = Db::new().await;
    let writer = db.client_with(1).await;
    db.warm(READ).await;
    let mut tx = writer.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    let mut commit = Box::pin(tx.commit());
    let _ = poll_once(&mut commit).await;
    drop(commit);
    // The connection comes back when the database has answered.
    drop(writer.pool.acquire().await.unwrap());
    db.read(READ).await;
    db.hit(READ).await;
}

scenarios! {
    s147_an_error_in_a_transaction,
    s147_an_error_and_then_a_commit: not_on_postgres,
    s148_a_commit_that_fails: not_on_mariadb,
    s150_begin_and_commit_as_text,
    s150_begin_and_rollback_on_the_pool,
    s151_a_transaction_that_is_dropped,
    s151_a_commit_that_is_dropped,
}
