//! Transactions: what is read inside stays inside, and what is written shows when it commits.

use dogpile_sqlx::QueryCacheExt;

use crate::driver::KIND;
use crate::fixture::{
    Cell, Db, Events, Kind, Row, assert_hit, assert_miss, assert_sent, by, inside, name, query,
    rows_of, write,
};

const READ: &str = "SELECT name FROM tag WHERE id = 1";
const WRITE: &str = "UPDATE tag SET name = 'pink' WHERE id = 1";

async fn s135_read_inside_and_then_outside() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.commit().await.unwrap();
    assert_eq!(db.read(READ).await.0, name("red"));
    db.hit(READ).await;
}

/// The transaction's snapshot is older than what others have committed: it is no one else's.
async fn s135_s152_an_old_snapshot_read_late() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    // The others do so by themselves.
    if KIND == Kind::Postgres {
        write(&mut tx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await;
    }
    assert_eq!(inside(&mut tx, "SELECT count(*) FROM tag").await, [Row(vec![Cell::Integer(3)])]);
    db.execute(WRITE).await;
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    assert_eq!(db.miss(READ).await, name("pink"));
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.commit().await.unwrap();
    assert_eq!(db.hit(READ).await, name("pink"));
}

async fn s136_read_inside_rolled_back() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.rollback().await.unwrap();
    assert_eq!(db.miss(READ).await, name("red"));
    db.hit(READ).await;
}

async fn s137_a_write_rolled_back() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    db.hit(READ).await;
    tx.rollback().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));
}

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
async fn s141_volatile_reads_are_repeated() {
    let db = Db::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    let dice = by("SELECT random()", "SELECT random()", "SELECT rand()");
    let first = assert_miss!(db, inside(&mut tx, dice));
    assert_ne!(assert_miss!(db, inside(&mut tx, dice)), first);
}

async fn s158_what_follows_the_commit() {
    let db = Db::new().await;
    let all = "SELECT count(*) FROM tag";
    db.warm(all).await;
    let signup = async |name: &'static str| {
        let mut tx = db.pool.begin().await?;
        query("INSERT INTO tag (name) VALUES (?)").bind(name).execute(&mut *tx).await?;
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

async fn s159_a_thousand_writes_in_one_transaction() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let mut tx = db.pool.begin().await.unwrap();
    for rank in 0..1_000 {
        let update = query("UPDATE author SET rank = ? WHERE id = 1").bind(rank);
        update.execute(&mut *tx).await.unwrap();
    }
    assert_eq!(events.invalidations(), 0);
    let before = db.pool.region().stats().invalidated_tags;
    tx.commit().await.unwrap();
    assert_eq!(events.invalidations(), 1);
    // However often it was written, it is one table: its name with and without a schema, for reads
    // of the table and for those of its rows.
    assert!(db.pool.region().stats().invalidated_tags - before <= 4);
}

async fn s160_a_rollback_tells_nobody() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    // In MariaDB that would commit.
    if KIND != Kind::MariaDb {
        write(&mut tx, "CREATE TABLE gone (id INTEGER)").await;
    }
    let mut savepoint = tx.begin().await.unwrap();
    write(&mut savepoint, "DELETE FROM event").await;
    savepoint.commit().await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(events.invalidations(), 0);
}

/// A read of what the transaction has not written: sent again or not, it is right.
async fn s142_an_untouched_table_in_a_dirty_transaction() {
    let db = Db::new().await;
    let untouched = "SELECT title FROM category ORDER BY id";
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    let first = assert_miss!(db, inside(&mut tx, untouched));
    let (again, sent) = db.sent(inside(&mut tx, untouched)).await;
    assert_eq!(again, first);
    assert!(sent <= 1);
    tx.commit().await.unwrap();
    db.read(untouched).await;
    db.hit(untouched).await;
}

/// What has committed in one database stays, whatever becomes of a transaction in another.
async fn s155_transactions_in_two_databases() {
    let outer = Db::new().await;
    let inner = Db::cached_by(outer.pool.region().clone()).await;
    outer.warm(READ).await;
    inner.warm(READ).await;
    let mut around = outer.pool.begin().await.unwrap();
    write(&mut around, WRITE).await;
    let mut within = inner.pool.begin().await.unwrap();
    write(&mut within, WRITE).await;
    within.commit().await.unwrap();
    around.rollback().await.unwrap();
    assert_eq!(inner.miss(READ).await, name("pink"));
    // The two share their tags, as one region's databases do: what is read there may be read again.
    assert_eq!(outer.read(READ).await.0, name("red"));
    assert_eq!(outer.hit(READ).await, name("red"));
}

scenarios! {
    s142_an_untouched_table_in_a_dirty_transaction,
    s155_transactions_in_two_databases,
    s135_read_inside_and_then_outside,
    s135_s152_an_old_snapshot_read_late,
    s136_read_inside_rolled_back,
    s137_a_write_rolled_back,
    s138_a_transaction_sees_its_own_write,
    s139_others_read_meanwhile,
    s140_others_read_after_the_commit,
    s141_a_read_repeated_in_a_clean_transaction,
    s141_memory_ends_with_the_transaction,
    s141_volatile_reads_are_repeated,
    s158_what_follows_the_commit,
    s159_a_thousand_writes_in_one_transaction,
    s160_a_rollback_tells_nobody,
}
