//! Versions: tokens of transactions are in them, and the server that holds them is.

use dogpile::backend::{BackendExt, Stamp, TagVersion, Writer};
use dogpile::{Backend, hours};

use crate::support::{Database, MariaDbDatabase, PostgresDatabase, on_each_database, patient};

on_each_database! {
    a_version_is_that_of_its_register_and_all_its_tokens
    a_register_that_is_absent_has_no_version_whatever_its_tokens
}

/// Bumps a register as a transaction does that the store knows nothing of.
async fn token<D: Database>(database: &D, name: &str, high: i64, low: i64) {
    let name = D::bytes(name.as_bytes());
    database.run(&format!("INSERT INTO dogpile_token VALUES ({name}, {high}, {low})")).await;
}

async fn a_version_is_that_of_its_register_and_all_its_tokens<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    let stamp = |register| Stamp { register, version: TagVersion::random() };
    let stamps = [stamp("r"), stamp("other")];
    store.bump(&stamps, hours(1)).await.unwrap();
    let mut expected = stamps[0].version.0;
    for (high, low) in [(1, -1), (i64::MIN, i64::MAX), (-2, 7), (i64::MAX, i64::MIN)] {
        token(&database, "r", high, low).await;
        let halves = [high.to_be_bytes(), low.to_be_bytes()].concat();
        expected ^= u128::from_be_bytes(halves.try_into().unwrap());
        let read = store.read(&[], &["other", "r", "r"]).await.unwrap().versions;
        let shown = Some(TagVersion(expected));
        assert_eq!(read, [Some(stamps[1].version), shown, shown]);
    }
    // Whoever creates it sees what readers see, and a bump changes it.
    let created = store.create(&[stamp("r")], hours(1)).await.unwrap();
    assert_eq!(created, [Some(TagVersion(expected))]);
    store.bump(&[stamp("r")], hours(1)).await.unwrap();
    let bumped = store.version("r").await.unwrap().unwrap();
    assert_ne!(bumped, TagVersion(expected));
    let (taints, writer) = (store.taints().unwrap(), Writer::random());
    taints.place(&[stamp("r")], writer, hours(1)).await.unwrap();
    assert_eq!(store.read(&[], &["r"]).await.unwrap().tainted, [0]);
    taints.lift(&[stamp("r")], writer, hours(1)).await.unwrap();
    assert_ne!(store.version("r").await.unwrap(), Some(bumped));
}

async fn a_register_that_is_absent_has_no_version_whatever_its_tokens<D: Database>() {
    let database = D::start().await;
    let store = database.store().await;
    token(&database, "r", 1, 1).await;
    assert_eq!(store.version("r").await.unwrap(), None);
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    let created = store.create(&[stamp], hours(1)).await.unwrap();
    assert!(created[0].is_some());
    assert_eq!(store.version("r").await.unwrap(), created[0], "a creator saw another version");
}

/// Another number of the server stands for another server, as after a failover.
#[tokio::test(flavor = "multi_thread")]
async fn another_server_of_mariadb_shows_other_versions() {
    let database = MariaDbDatabase::start().await;
    let (store, other) = (database.store().await, database.store().await);
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    store.bump(&[stamp], hours(1)).await.unwrap();
    let before = other.incarnation();
    assert_eq!(other.version("r").await.unwrap(), Some(stamp.version));
    database.run("SET GLOBAL server_id = 4711").await;
    let (store, other) = (
        store.version("r").await.unwrap().unwrap(),
        (other.version("r").await.unwrap().unwrap(), other.incarnation()),
    );
    assert_ne!(store, stamp.version, "what came from the lost server is still believed");
    assert_eq!(store, other.0, "two processes disagree about one server");
    assert_ne!(before, other.1);
}

/// The table is part of what tells servers apart: one that was restored is another one.
#[tokio::test(flavor = "multi_thread")]
async fn another_table_of_postgres_shows_other_versions() {
    let database = PostgresDatabase::start().await;
    let store = database.store().await;
    let believing = patient(&database.url()).lineage(false).connect().await.unwrap();
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    store.bump(&[stamp], hours(1)).await.unwrap();
    let lying = believing.version("r").await.unwrap();
    database.run(
        "CREATE TABLE copy (LIKE dogpile_register INCLUDING ALL); INSERT INTO copy SELECT * FROM \
         dogpile_register; DROP TABLE dogpile_register; ALTER TABLE copy RENAME TO dogpile_register",
    )
    .await;
    assert_eq!(believing.version("r").await.unwrap(), lying);
    let shown = store.version("r").await.unwrap();
    assert!(shown.is_some() && shown != Some(stamp.version), "{shown:?}");
    assert_eq!(store.incarnation(), 1);
}
