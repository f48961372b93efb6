//! What sea-orm's connection has beside its traits.

use dogpile::{Region, minutes};
use dogpile_sea_orm::CachedConnection;
use sea_orm::{ConnAcquireErr, Database, DbBackend, DbErr};

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
