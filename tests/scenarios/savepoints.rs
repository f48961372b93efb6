//! Savepoints: layers of a transaction that can be taken back one by one.

use crate::fixture::{Db, assert_hit, assert_miss, inside, name, write};

const READ: &str = "SELECT name FROM tag WHERE id = 1";
const WRITE: &str = "UPDATE tag SET name = name || '!' WHERE id = 1";

async fn s143_a_savepoint_rolled_back() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    let mut savepoint = tx.begin().await.unwrap();
    write(&mut savepoint, WRITE).await;
    assert_eq!(assert_miss!(db, inside(&mut savepoint, READ)), name("red!"));
    savepoint.rollback().await.unwrap();
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.commit().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));
}

async fn s143_a_savepoint_dropped() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    write(&mut savepoint, WRITE).await;
    drop(savepoint);
    assert_eq!(inside(&mut tx, READ).await, name("red"));
    tx.commit().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));
}

async fn s144_a_savepoint_released_in_a_transaction_rolled_back() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    write(&mut savepoint, WRITE).await;
    savepoint.commit().await.unwrap();
    db.hit(READ).await;
    assert_eq!(assert_miss!(db, inside(&mut tx, READ)), name("red!"));
    tx.rollback().await.unwrap();
    assert_eq!(db.hit(READ).await, name("red"));
}

async fn s144_a_savepoint_released_in_a_transaction_committed() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    let mut savepoint = tx.begin().await.unwrap();
    write(&mut savepoint, WRITE).await;
    savepoint.commit().await.unwrap();
    db.hit(READ).await;
    tx.commit().await.unwrap();
    assert_eq!(db.miss(READ).await, name("red!"));
}

async fn s145_the_outer_write_outlives_the_savepoint() {
    let db = Db::new().await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    write(&mut tx, WRITE).await;
    let mut savepoint = tx.begin().await.unwrap();
    write(&mut savepoint, WRITE).await;
    assert_eq!(assert_miss!(db, inside(&mut savepoint, READ)), name("red!!"));
    savepoint.rollback().await.unwrap();
    for _ in 0..2 {
        assert_eq!(assert_miss!(db, inside(&mut tx, READ)), name("red!"));
    }
    tx.commit().await.unwrap();
    assert_eq!(db.miss(READ).await, name("red!"));
}

async fn s146_what_each_layer_has_read() {
    let db = Db::new().await;
    let reads = [
        "SELECT name FROM tag WHERE id = 1",
        "SELECT name FROM tag WHERE id = 2",
        "SELECT name FROM tag WHERE id = 3",
    ];
    let mut outer = db.pool.begin().await.unwrap();
    assert_miss!(db, inside(&mut outer, reads[0]));
    let mut middle = outer.begin().await.unwrap();
    assert_miss!(db, inside(&mut middle, reads[1]));
    let mut inner = middle.begin().await.unwrap();
    assert_miss!(db, inside(&mut inner, reads[2]));
    // The innermost layer knows what those around it have read.
    for read in reads {
        assert_hit!(db, inside(&mut inner, read));
    }
    inner.rollback().await.unwrap();
    assert_hit!(db, inside(&mut middle, reads[0]));
    assert_hit!(db, inside(&mut middle, reads[1]));
    assert_miss!(db, inside(&mut middle, reads[2]));
    middle.rollback().await.unwrap();
    assert_hit!(db, inside(&mut outer, reads[0]));
    assert_miss!(db, inside(&mut outer, reads[1]));
    outer.commit().await.unwrap();
    // And nobody else gets to see any of it.
    for read in reads {
        db.miss(read).await;
    }
}

/// Read after a write in an inner layer, and asked for again when that layer is gone.
async fn s146_a_dirty_layer_leaves_nothing_behind() {
    let db = Db::new().await;
    let mut outer = db.pool.begin().await.unwrap();
    let mut inner = outer.begin().await.unwrap();
    write(&mut inner, WRITE).await;
    assert_eq!(inside(&mut inner, READ).await, name("red!"));
    let mut innermost = inner.begin().await.unwrap();
    assert_eq!(inside(&mut innermost, READ).await, name("red!"));
    innermost.commit().await.unwrap();
    inner.rollback().await.unwrap();
    assert_eq!(inside(&mut outer, READ).await, name("red"));
    outer.commit().await.unwrap();
}

scenarios! {
    s143_a_savepoint_rolled_back,
    s143_a_savepoint_dropped,
    s144_a_savepoint_released_in_a_transaction_rolled_back,
    s144_a_savepoint_released_in_a_transaction_committed,
    s145_the_outer_write_outlives_the_savepoint,
    s146_what_each_layer_has_read,
    s146_a_dirty_layer_leaves_nothing_behind,
}
