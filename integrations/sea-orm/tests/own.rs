//! What sea-orm's connection has beside its traits.

use std::time::Duration;

use dogpile::{Region, minutes};
use dogpile_sea_orm::{CachedConnection, Verify};
use sea_orm::{
    ConnAcquireErr, ConnectOptions, ConnectionTrait, Database, DbBackend, DbErr, Statement,
};

async fn connect() -> Result<CachedConnection, Box<dyn std::error::Error>> {
    let region = Region::builder("own").ttl(minutes(5)).build()?;
    Ok(CachedConnection::new(Database::connect("sqlite::memory:").await?, region)?)
}

#[tokio::test]
async fn a_wrapper_says_which_database_it_is_of() {
    assert_eq!(connect().await.unwrap().get_database_backend(), DbBackend::Sqlite);
}

#[tokio::test]
async fn a_closed_wrapper_gives_no_sign_of_life() {
    let db = connect().await.unwrap();
    assert_eq!(db.ping().await, Ok(()));
    db.clone().close().await.unwrap();
    let closed = DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
    assert_eq!(db.ping().await, Err(closed));
}

/// What was written past it is found by a comparison, and its shape is not served any more.
#[tokio::test]
async fn s212_what_was_written_past_a_connection_is_a_mismatch() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/own.db?mode=rwc", folder.path().display());
    // sea-orm's own default for SQLite is one.
    let options = ConnectOptions::new(&url).max_connections(2).to_owned();
    let inner = Database::connect(options).await.unwrap();
    let past = inner.get_sqlite_connection_pool().clone();
    sqlx::raw_sql("CREATE TABLE cake (id INTEGER PRIMARY KEY); INSERT INTO cake VALUES (1)")
        .execute(&past)
        .await
        .unwrap();
    let region = Region::builder("own").ttl(minutes(5)).build().unwrap();
    let verify = Verify::share(1.0).settle(Duration::ZERO).threshold(1);
    let db = CachedConnection::new(inner, region).unwrap().verify(verify);
    let all = || Statement::from_string(DbBackend::Sqlite, "SELECT id FROM cake");
    let count = async || {
        // The driver takes connections back in its own time, and one has to be to spare.
        while u32::try_from(past.num_idle()).unwrap() < past.size() {
            tokio::task::yield_now().await;
        }
        db.query_all_raw(all()).await.unwrap().len()
    };
    // One connection is left to callers: another one is for the comparison.
    let one = past.acquire().await.unwrap();
    drop((past.acquire().await.unwrap(), one));
    assert_eq!((count().await, count().await), (1, 1));
    db.verifications_ended().await;
    assert_eq!((db.verified().verified, db.verified().mismatches), (1, 0));
    sqlx::raw_sql("INSERT INTO cake VALUES (2)").execute(&past).await.unwrap();
    assert_eq!(count().await, 1, "it was served");
    db.verifications_ended().await;
    assert_eq!(db.verified().mismatches, 1);
    assert_eq!(count().await, 2);
    db.trust_again();
    assert_eq!(count().await, 1, "nobody has invalidated it");
}
