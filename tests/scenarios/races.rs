//! A read and a write that overlap: whatever the order of their steps, nothing stale is kept.

use dogpile::Reason;
use dogpile_sqlx::QueryCacheExt;
use futures_util::StreamExt;

use crate::fixture::{Db, Events, interrupted, rows_of};

const READ: &str = "SELECT id, name FROM tag ORDER BY id";
const WRITE: &str = "UPDATE tag SET name = 'pink' WHERE id = 1";

async fn s163_a_read_overtaken_by_a_write() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let before = db.truth(READ).await;
    let writer = db.client().await.pool;
    let read = interrupted(rows_of(READ).cached().fetch_all(&db.pool), async move {
        sqlx::query(WRITE).execute(&writer).await.unwrap();
    });
    assert_eq!(read.await.unwrap(), before);
    assert_eq!(events.refusals(), [Reason::MOVED]);
    assert_ne!(db.miss(READ).await, before);
    db.hit(READ).await;
}

async fn s163_a_read_overtaken_by_a_commit() {
    let db = Db::new().await;
    let before = db.truth(READ).await;
    let mut tx = db.client().await.pool.begin().await.unwrap();
    sqlx::query(WRITE).execute(&mut *tx).await.unwrap();
    let read = interrupted(rows_of(READ).cached().fetch_all(&db.pool), async move {
        tx.commit().await.unwrap();
    });
    assert_eq!(read.await.unwrap(), before);
    assert_ne!(db.miss(READ).await, before);
}

/// Written and committed while the read goes on, and read by others before it ends.
async fn s163_a_stream_overtaken_by_a_write() {
    let db = Db::new().await;
    let before = db.truth(READ).await;
    let mut rows = rows_of(READ).cached().fetch(&db.pool);
    let mut read = vec![rows.next().await.unwrap().unwrap()];
    db.execute(WRITE).await;
    db.miss(READ).await;
    while let Some(row) = rows.next().await {
        read.push(row.unwrap());
    }
    drop(rows);
    assert_eq!(read, before);
    assert_ne!(db.hit(READ).await, before);
}

async fn s163_a_stream_overtaken_by_a_write_and_read_by_nobody() {
    let db = Db::new().await;
    let mut rows = rows_of(READ).cached().fetch(&db.pool);
    rows.next().await.unwrap().unwrap();
    db.execute(WRITE).await;
    assert_eq!(rows.by_ref().count().await, 2);
    drop(rows);
    db.miss(READ).await;
    db.hit(READ).await;
}

scenarios! {
    s163_a_read_overtaken_by_a_write: threads,
    s163_a_read_overtaken_by_a_commit: threads,
    s163_a_stream_overtaken_by_a_write,
    s163_a_stream_overtaken_by_a_write_and_read_by_nobody,
}
