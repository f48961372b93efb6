//! Writes that change nothing, fail, are given up, or are not understood; and writes in batches.

use dogpile_sqlx::QueryCacheExt;
use futures_util::StreamExt;
use sqlx::{Executor, QueryBuilder, SqlStr, Statement};

use crate::driver::Driver;
use crate::fixture::{Db, Events, Row, assert_hit, assert_miss, poll_once, query, rows_of, sql};

const READ: &str = "SELECT * FROM tag";

async fn s092_no_row_matches() {
    let db = Db::new().await;
    for write in ["UPDATE tag SET name = 'x' WHERE id = -1", "DELETE FROM tag WHERE id = -1"] {
        db.warm(READ).await;
        db.execute(write).await;
        db.read(READ).await;
        db.hit(READ).await;
    }
}

async fn s093_no_column_changes() {
    let db = Db::new().await;
    db.warm(READ).await;
    db.execute("UPDATE tag SET name = name").await;
    db.read(READ).await;
    db.hit(READ).await;
}

async fn s094_a_constraint_is_violated() {
    let db = Db::new().await;
    for write in [
        "INSERT INTO tag VALUES (1, 'again')",
        "INSERT INTO tag VALUES (9, 'red')",
        "UPDATE tag SET name = 'red' WHERE id = 2",
        "INSERT INTO post_tag VALUES (99, 1)",
        "INSERT INTO tag (name) VALUES (NULL)",
    ] {
        db.warm(READ).await;
        sqlx::query(write).execute(&db.pool).await.unwrap_err();
        db.settle().await;
        db.read(READ).await;
        db.hit(READ).await;
    }
    // Nothing is stuck: the next write is seen.
    db.invalidates("INSERT INTO tag (name) VALUES ('new')", &[READ]).await;
}

/// A caller can go away before the answer comes: the outcome is as unknown as when a connection is
/// lost.
async fn s095_a_write_whose_caller_went_away() {
    let db = Db::new().await;
    let writer = db.client_with(1).await;
    db.warm(READ).await;
    let mut connection = writer.pool.acquire().await.unwrap();
    let lock = db.lock_writes().await;
    let write = sqlx::query("UPDATE tag SET name = 'late' WHERE id = 1");
    let mut write = Box::pin(write.execute(&mut connection));
    db.waits(&mut write).await;
    drop(write);
    // The write was sent and may happen at any time: nothing old is served for certain ...
    db.miss(READ).await;
    db.hit(READ).await;
    lock.rollback().await.unwrap();
    drop(connection);
    // ... and when the connection is free again, the database has answered.
    drop(writer.pool.acquire().await.unwrap());
    let name = sqlx::query_scalar::<_, String>("SELECT name FROM tag WHERE id = 1");
    assert_eq!(name.fetch_one(db.pool.inner()).await.unwrap(), "late");
    db.miss(READ).await;
    db.hit(READ).await;
}

/// The same on the pool, where the connection is nobody's once the caller is gone.
async fn s095_a_write_on_the_pool_whose_caller_went_away() {
    let db = Db::new().await;
    let writer = db.client_with(1).await;
    db.warm(READ).await;
    let lock = db.lock_writes().await;
    let write = sqlx::query("UPDATE tag SET name = 'late' WHERE id = 1");
    let mut write = Box::pin(write.execute(&writer.pool));
    // Sent or not: after any number of polls the rows must be right in the end.
    for _ in 0..10 {
        assert!(poll_once(&mut write).await.is_none());
        tokio::task::yield_now().await;
    }
    drop(write);
    db.read(READ).await;
    lock.rollback().await.unwrap();
    drop(writer.pool.acquire().await.unwrap());
    db.read(READ).await;
    db.hit(READ).await;
}

/// The first row of `RETURNING` comes before the write commits.
async fn s095_a_write_whose_rows_are_dropped_half_way() {
    let db = Db::new().await;
    let writer = db.client_with(1).await;
    db.warm(READ).await;
    for cached in [false, true] {
        let query = rows_of("UPDATE tag SET name = name || '!' RETURNING id, name");
        let mut rows =
            if cached { query.cached().fetch(&writer.pool) } else { query.fetch(&writer.pool) };
        rows.next().await.unwrap().unwrap();
        drop(rows);
        drop(writer.pool.acquire().await.unwrap());
        db.read(READ).await;
        db.hit(READ).await;
    }
}

async fn s097_batches() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;

    db.warm(READ).await;
    events.invalidations();
    let mut insert = QueryBuilder::<Driver>::new("INSERT INTO tag (name) ");
    insert.push_values(["a", "b", "c"], |mut row, name| {
        row.push_bind(name);
    });
    insert.build().execute(&db.pool).await.unwrap();
    assert_eq!(events.invalidations(), 1);
    assert_eq!(db.miss(READ).await.len(), 6);

    let batch = "INSERT INTO tag (name) VALUES ('d'); UPDATE tag SET name = 'e' WHERE name = 'a';
                 DELETE FROM tag WHERE name = 'b';";
    db.warm(READ).await;
    events.invalidations();
    sqlx::raw_sql(batch).execute(&db.pool).await.unwrap();
    assert_eq!(events.invalidations(), 1);
    assert_eq!(db.miss(READ).await.len(), 6);

    // A prepared statement that is run for each of three rows is three writes.
    db.warm(READ).await;
    events.invalidations();
    for name in ["f", "g", "h"] {
        let insert = query("INSERT INTO tag (name) VALUES (?)").bind(name);
        insert.execute(&db.pool).await.unwrap();
    }
    assert_eq!(events.invalidations(), 3);
    assert_eq!(db.miss(READ).await.len(), 9);
}

async fn s097_prepared_statements() {
    let db = Db::new().await;
    let insert = (&db.pool).prepare(SqlStr::from_static(sql("INSERT INTO tag (name) VALUES (?)")));
    let insert = insert.await.unwrap();
    let select = (&db.pool).prepare(SqlStr::from_static(sql("SELECT id FROM tag WHERE name > ?")));
    let select = select.await.unwrap();
    let read = || select.query_as::<Row>().bind("m").cached().fetch_all(&db.pool);
    for (name, found) in [("n", 2), ("o", 3)] {
        insert.query().bind(name).execute(&db.pool).await.unwrap();
        assert_eq!(assert_miss!(db, read()).unwrap().len(), found);
        assert_eq!(assert_hit!(db, read()).unwrap().len(), found);
    }
}

scenarios! {
    s092_no_row_matches,
    s093_no_column_changes,
    s094_a_constraint_is_violated,
    s095_a_write_whose_caller_went_away,
    s095_a_write_on_the_pool_whose_caller_went_away,
    s095_a_write_whose_rows_are_dropped_half_way: not_on_mariadb,
    s097_batches,
    s097_prepared_statements,
}
