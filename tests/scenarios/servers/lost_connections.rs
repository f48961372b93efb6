//! Connections that are lost when the answer of a write, or of a COMMIT, is awaited.

use sqlx::Executor;

use crate::fixture::{Cell, Db, Events, inside, name, rows_of, write};
use crate::run::either;

const READ: &str = "SELECT name FROM tag WHERE id = 1";

/// The number of the session.
const OWN: &str = either("SELECT pg_backend_pid()::bigint", "SELECT connection_id()");

/// Ends the session with that number.
async fn end(db: &Db, session: &Cell) {
    let Cell::Integer(session) = session else { panic!("{session:?} is no session") };
    let end = either("SELECT pg_terminate_backend({})", "KILL {}");
    db.behind_its_back(end.replace("{}", &session.to_string()).leak()).await;
}

/// The write has committed, and that is all that anybody will ever hear of it.
async fn s095_a_connection_lost_after_a_write() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    db.warm(READ).await;
    events.invalidations();
    let write = either(
        "UPDATE tag SET name = 'lost' WHERE id = 1; COMMIT;
         SELECT pg_terminate_backend(pg_backend_pid())",
        "UPDATE tag SET name = 'lost' WHERE id = 1; KILL connection_id()",
    );
    (&db.pool).execute(sqlx::raw_sql(write)).await.unwrap_err();
    assert!(events.invalidations() > 0);
    assert_eq!(db.read(READ).await.0, name("lost"));
    db.hit(READ).await;
}

/// A write that waits for a lock when its connection is lost.
async fn s095_a_connection_lost_during_a_write() {
    let db = Db::new().await;
    let writer = db.client_with(1).await;
    db.warm(READ).await;
    let mut connection = writer.pool.acquire().await.unwrap();
    let session = rows_of(OWN).fetch_one(&mut connection).await.unwrap().0[0].clone();
    let lock = db.lock_writes().await;
    let write = sqlx::query("UPDATE tag SET name = 'never' WHERE id = 1");
    let mut write = Box::pin(write.execute(&mut connection));
    db.waits(&mut write).await;
    end(&db, &session).await;
    write.await.unwrap_err();
    lock.rollback().await.unwrap();
    drop(connection);
    assert_eq!(db.read(READ).await.0, name("red"));
    db.hit(READ).await;
    // The pool has another connection by now, of which nothing is remembered.
    writer.invalidates("UPDATE tag SET name = 'pink' WHERE id = 1", &[READ]).await;
}

/// Nobody knows whether it was carried out: it counts as if it was.
async fn s149_a_connection_lost_during_commit() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    db.warm(READ).await;
    let mut tx = db.pool.begin().await.unwrap();
    let session = inside(&mut tx, OWN).await[0].0[0].clone();
    write(&mut tx, "UPDATE tag SET name = 'never' WHERE id = 1").await;
    events.invalidations();
    end(&db, &session).await;
    tx.commit().await.unwrap_err();
    assert_eq!(events.invalidations(), 1);
    assert_eq!(db.miss(READ).await, name("red"));
    db.hit(READ).await;
}

scenarios! {
    s095_a_connection_lost_after_a_write,
    s095_a_connection_lost_during_a_write,
    s149_a_connection_lost_during_commit,
}
