//! A `lock_url` that leads to another database than the store's own.

use dogpile::{Backend, ErrorKind, Owner, hours};

use crate::locks::Seen;
use crate::log::Warnings;
use crate::support::{MariaDbDatabase, PostgresDatabase, patient};

/// Another server, and another database of the same server.
async fn a_lock_url_of_another_database_is_refused<D: Seen>(
    sibling: impl AsyncFnOnce(&D) -> String,
) {
    let (warnings, _listening) = Warnings::listen();
    let (database, other) = (D::begin().await, D::begin().await);
    for elsewhere in [other.url(), sibling(&database).await] {
        let store = || patient(&database.url()).lock_url(elsewhere.clone());
        let error = store().connect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains("lock_url leads to another"), "{error}");
        assert_eq!(warnings.with("lock_url leads to another"), 1, "{warnings:?}");
        let locks = store().open().unwrap().locks().unwrap();
        let asked = locks.try_acquire("l", Owner::random(), hours(1)).await;
        assert_eq!(asked.unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(warnings.with("lock_url leads to another"), 2, "{warnings:?}");
        warnings.clear();
    }
    let store = patient(&database.url()).lock_url(database.url()).connect().await.unwrap();
    let locks = store.locks().unwrap();
    assert!(locks.try_acquire("l", Owner::random(), hours(1)).await.unwrap());
    assert_eq!(database.number(D::HELD).await, 1);
}

#[tokio::test]
async fn a_lock_url_of_another_database_is_refused_on_postgres() {
    let sibling = async |database: &PostgresDatabase| database.sibling().await;
    a_lock_url_of_another_database_is_refused::<PostgresDatabase>(sibling).await;
}

#[tokio::test]
async fn a_lock_url_of_another_database_is_refused_on_mariadb() {
    let sibling = async |database: &MariaDbDatabase| database.sibling().await;
    a_lock_url_of_another_database_is_refused::<MariaDbDatabase>(sibling).await;
}
