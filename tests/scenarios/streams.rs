//! Rows one by one: only what was read to its clean end is kept.

use dogpile_sqlx::QueryCacheExt;
use futures_util::{StreamExt, TryStreamExt};

use crate::fixture::{Db, Row, assert_hit, assert_miss, by, poll_once, rows_of};

const READ: &str = "SELECT id, title FROM post ORDER BY id";

async fn s023_a_stream_read_to_its_end() {
    let db = Db::new().await;
    let read = || rows_of(READ).cached().fetch(&db.pool).try_collect::<Vec<Row>>();
    let rows = assert_miss!(db, read()).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(assert_hit!(db, read()).unwrap(), rows);
    // All rows are all rows, however they are fetched.
    assert_eq!(db.hit(READ).await, rows);
}

async fn s024_a_stream_dropped_half_way() {
    let db = Db::new().await;
    for taken in 0..3 {
        let mut rows = rows_of(READ).cached().fetch(&db.pool);
        for _ in 0..taken {
            rows.next().await.unwrap().unwrap();
        }
        drop(rows);
    }
    db.settle().await;
    assert_eq!(db.pool.region().stats().stored, 0);
    db.miss(READ).await;
}

/// The three rows are there, but their end was not seen: there might have been an error in it.
async fn s024_a_stream_dropped_before_its_end() {
    let db = Db::new().await;
    let rows = rows_of(READ).cached().fetch(&db.pool).take(3).try_collect::<Vec<_>>().await;
    assert_eq!(rows.unwrap().len(), 3);
    db.settle().await;
    db.miss(READ).await;
}

async fn s024_a_query_dropped_while_it_waits() {
    let db = Db::new().await;
    let held = db.hold().await;
    let mut query = Box::pin(rows_of(READ).cached().fetch_all(&db.pool));
    assert!(poll_once(&mut query).await.is_none());
    assert_eq!(db.pool.region().stats().flights, 1);
    drop(query);
    assert_eq!(db.pool.region().stats().flights, 0);
    drop(held);
    db.settle().await;
    db.miss(READ).await;
    db.hit(READ).await;
}

/// Dropped after any number of polls, a query has stored the right rows or none.
async fn s024_a_query_dropped_at_any_await() {
    for polls in (1..20).step_by(by(1, 6, 6)) {
        let db = Db::new().await;
        let mut query = Box::pin(rows_of(READ).cached().fetch_all(&db.pool));
        let mut done = false;
        for _ in 0..polls {
            done = poll_once(&mut query).await.is_some();
            if done {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(query);
        db.settle().await;
        let stats = db.pool.region().stats();
        assert_eq!((stats.stored, stats.flights), (u64::from(done), 0), "after {polls} polls");
        db.read(READ).await;
        db.hit(READ).await;
    }
}

/// The third row cannot be computed.
async fn s025_a_stream_that_ends_in_an_error() {
    let db = Db::new().await;
    let (sql, expected) = by(
        (
            "SELECT CASE id WHEN 3 THEN abs(-9223372036854775807 - 1) ELSE id END
             FROM post ORDER BY id",
            "overflow",
        ),
        ("SELECT 1 / (id - 3) FROM post", "division by zero"),
        ("SELECT 9223372036854775805 + id FROM post ORDER BY id", "out of range"),
    );
    for _ in 0..2 {
        let mut rows = rows_of(sql).cached().fetch(&db.pool);
        assert!(rows.next().await.unwrap().is_ok());
        assert!(rows.next().await.unwrap().is_ok());
        let error = rows.next().await.unwrap().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        drop(rows);
        assert!(rows_of(sql).cached().fetch_all(&db.pool).await.is_err());
    }
    let stats = db.pool.region().stats();
    assert_eq!((stats.stored, stats.hits), (0, 0), "{stats:?}");
    assert_eq!(stats.misses, 4, "{stats:?}");
}

scenarios! {
    s023_a_stream_read_to_its_end,
    s024_a_stream_dropped_half_way,
    s024_a_stream_dropped_before_its_end,
    s024_a_query_dropped_while_it_waits,
    s024_a_query_dropped_at_any_await,
    s025_a_stream_that_ends_in_an_error,
}
