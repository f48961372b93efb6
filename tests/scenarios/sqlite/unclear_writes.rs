//! Writes that change nothing, fail, are given up, or are not understood; and writes in batches.

use dogpile_sqlx::QueryCacheExt;

use crate::fixture::{Db, Events, rows_of};

const READ: &str = "SELECT * FROM tag";

/// `OR FAIL` keeps what was written before the row that failed: an error, and a write all the same.
#[tokio::test]
async fn s094_a_failure_that_has_written() {
    let db = Db::new().await;
    db.warm(READ).await;
    let write = "INSERT OR FAIL INTO tag VALUES (9, 'kept'), (1, 'again')";
    sqlx::query(write).execute(&db.pool).await.unwrap_err();
    db.settle().await;
    assert_eq!(db.miss(READ).await.len(), 4);

    let cached = "INSERT OR FAIL INTO tag VALUES (10, 'kept too'), (1, 'again') RETURNING id";
    rows_of(cached).cached().fetch_all(&db.pool).await.unwrap_err();
    db.settle().await;
    assert_eq!(db.miss(READ).await.len(), 5);

    let mut connection = db.pool.acquire().await.unwrap();
    let write = "INSERT OR FAIL INTO tag VALUES (11, 'and this'), (1, 'again')";
    sqlx::query(write).execute(&mut connection).await.unwrap_err();
    drop(connection);
    db.settle().await;
    assert_eq!(db.miss(READ).await.len(), 6);
}

#[tokio::test]
async fn s096_a_write_that_cannot_be_parsed() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    for read in [READ, "SELECT * FROM post", "SELECT 1"] {
        db.warm(read).await;
    }
    events.invalidations();
    let write = "UPDATE tag SET name = CAST('pink' AS A RATHER WILD TEXT) WHERE id = 1";
    db.execute(write).await;
    assert_eq!(events.invalidations(), 1);
    // It may have written any table.
    for read in [READ, "SELECT * FROM post"] {
        db.miss(read).await;
        db.hit(read).await;
    }
    assert_eq!(rows_of(write).cached().explain(&db.pool).await.reason(), Some("unparsed"));
}
