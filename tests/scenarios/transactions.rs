//! Transactions: what is read inside stays inside, and what is written shows when it commits.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{
    Cell, Db, Events, Row, assert_hit, assert_miss, assert_sent, inside, name, rows_of, write,
};

const READ: &str = "SELECT name FROM tag WHERE id = 1";
const WRITE: &str = "UPDATE tag SET name = 'pink' WHERE id = 1";

#[tokio::test]
async fn s135_read_inside_and_then_outside() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.commit().await.unwrap();
    assert_eq!(db.read(READ).await.0, name("red"));
    db.hit(READ).await;
}

/// The transaction's snapshot is older than what others have committed: it is no one else's.
#[tokio::test]
async fn s135_an_old_snapshot_read_late() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(inside(&mut tx, "SELECT count(*) FROM tag").await, [Row(vec![Cell::Integer(3)])]);
    db.execute(WRITE).await;
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    assert_eq!(db.miss(READ).await, name("pink"));
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.commit().await.unwrap();
    assert_eq!(db.hit(READ).await, name("pink"));
}

#[tokio::test]
async fn s136_read_inside_rolled_back() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.rollback().await.unwrap();
    assert_eq!(db.miss(READ).await, name("red"));
    db.hit(READ).await;
}

#[tokio::test]
async fn s137_a_write_rolled_back() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    db.hit(READ).await;
    tx.rollback().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));
}

#[tokio::test]
async fn s138_a_transaction_sees_its_own_write() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    for _ in 0..2 {
        assert_eq!(assert_miss!(db, inside(&mut tx, READ)), name("pink"));
    }
    let scalar = sqlx::query_scalar::<_, String>(READ).cached().fetch_one(&mut *tx);
    assert_eq!(scalar.await.unwrap(), "pink");
    tx.rollback().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));
}

#[tokio::test]
async fn s139_others_read_meanwhile() {
    let db = Db::new().await;
    let other = db.client().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    inside(&mut tx, READ).await;
    assert_eq!(other.hit(READ).await, name("red"));
    other.miss("SELECT * FROM tag").await;
    other.hit("SELECT * FROM tag").await;
    tx.rollback().await.unwrap();
    other.hit("SELECT * FROM tag").await;
}

#[tokio::test]
async fn s140_others_read_after_the_commit() {
    let db = Db::new().await;
    let other = db.client().await;
    let all = "SELECT * FROM tag";
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    // Read and kept between the write and its commit: right until then.
    other.miss(all).await;
    tx.commit().await.unwrap();
    assert_eq!(other.miss(READ).await, name("pink"));
    other.miss(all).await;
    db.hit(READ).await;
    db.hit(all).await;
}

#[tokio::test]
async fn s141_a_read_repeated_in_a_clean_transaction() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(assert_miss!(db, inside(&mut tx, READ)), name("red"));
    assert_eq!(assert_hit!(db, inside(&mut tx, READ)), name("red"));
    // Another read, another answer; the first is still known.
    let blue = "SELECT name FROM tag WHERE id = 3";
    assert_eq!(assert_miss!(db, inside(&mut tx, blue)), name("blue"));
    assert_eq!(assert_hit!(db, inside(&mut tx, READ)), name("red"));

    write(&mut tx, WRITE).await;
    for _ in 0..2 {
        assert_eq!(assert_miss!(db, inside(&mut tx, READ)), name("pink"));
    }
    tx.commit().await.unwrap();
    assert_eq!(db.miss(READ).await, name("pink"));
}

/// What one transaction remembers, the next one on the same connection does not.
#[tokio::test]
async fn s141_memory_ends_with_the_transaction() {
    let db = Db::new().await;
    let mut connection = db.pool.acquire().await.unwrap();
    for _ in 0..2 {
        let mut tx = connection.begin().await.unwrap();
        assert_miss!(db, inside(&mut tx, READ));
        assert_hit!(db, inside(&mut tx, READ));
        tx.commit().await.unwrap();
    }
    let outside = rows_of(READ).cached().fetch_all(&mut connection);
    assert_eq!(assert_miss!(db, outside).unwrap(), name("red"));
}

/// What cannot be cached is not remembered either.
#[tokio::test]
async fn s141_volatile_reads_are_repeated() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    let first = assert_miss!(db, inside(&mut tx, "SELECT random()"));
    assert_ne!(assert_miss!(db, inside(&mut tx, "SELECT random()")), first);
}

#[tokio::test]
async fn s158_what_follows_the_commit() {
    let db = Db::new().await;
    let all = "SELECT count(*) FROM tag";
    db.warm(all).await;
    let signup = async |name: &'static str| {
        let mut tx = db.pool.begin().await?;
        sqlx::query("INSERT INTO tag (name) VALUES (?)").bind(name).execute(&mut *tx).await?;
        tx.commit().await?;
        // What an application does once a transaction has committed: tell how many there are.
        sqlx::query_scalar::<_, i64>(all).cached().fetch_one(&db.pool).await
    };
    for (name, count) in [("four", 4), ("five", 5)] {
        assert_eq!(signup(name).await.unwrap(), count);
    }
    db.settle().await;
    assert_sent!(db, 0, sqlx::query_scalar::<_, i64>(all).cached().fetch_one(&db.pool)).unwrap();
}

#[tokio::test]
async fn s159_a_thousand_writes_in_one_transaction() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let mut tx = db.pool.begin().await.unwrap();
    for rank in 0..1_000 {
        let update = sqlx::query("UPDATE author SET rank = ? WHERE id = 1").bind(rank);
        update.execute(&mut *tx).await.unwrap();
    }
    assert_eq!(events.invalidations(), 0);
    let before = db.pool.region().stats().invalidated_tags;
    tx.commit().await.unwrap();
    assert_eq!(events.invalidations(), 1);
    // However often it was written, it is one table: its name with and without a schema.
    assert!(db.pool.region().stats().invalidated_tags - before <= 2);
}

#[tokio::test]
async fn s160_a_rollback_tells_nobody() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    write(&mut tx, "CREATE TABLE gone (id INTEGER)").await;
    let mut savepoint = tx.begin().await.unwrap();
    write(&mut savepoint, "DELETE FROM event").await;
    savepoint.commit().await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(events.invalidations(), 0);
}
