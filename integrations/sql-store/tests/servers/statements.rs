//! How many statements a call takes, by what the drivers say that they sent.

use dogpile::backend::{Backend, BackendExt, Put, Stamp, TagVersion};
use dogpile::{hours, secs};
use dogpile_migrations::Migrations;
use dogpile_tests::statements::Statements;

use crate::support::{Database, File, MariaDbDatabase, PostgresDatabase};

/// What each kind of database takes for a store of several entries.
async fn a_hit_is_one_statement<D: Database>(prefix: &str, stores: usize)
where
    sqlx::Pool<D::Driver>: Sized,
    D::Driver: dogpile_migrations::Database,
{
    let statements = Statements::install();
    let database = D::start().await;
    let pool = database.pool(2).await;
    // Other tests of this process have other tables.
    Migrations::new().prefix(prefix).up(&pool).await.unwrap();
    let store = D::over(pool).prefix(prefix).acquire_timeout(secs(30)).sweep(secs(0));
    let store = store.connect().await.unwrap();
    let sent = |text: &str| statements.matching(&format!("{prefix}{text}")).len();
    let registers = ["r1", "r2", "r3", "r4", "r5"];
    let stamps = registers.map(|register| Stamp { register, version: TagVersion::random() });
    store.bump(&stamps, hours(1)).await.unwrap();
    let keys: Vec<String> = (0..20).map(|n| format!("k{n}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let put = |key| Put { key, bytes: "v".into(), life: hours(1), fence: None };
    let puts: Vec<_> = keys.iter().map(|key| put(*key)).collect();

    statements.reset();
    store.store(&puts, &registers, hours(1)).await.unwrap();
    assert_eq!(sent(""), stores, "storing many");
    statements.reset();
    let answer = store.read(&keys, &registers).await.unwrap();
    assert_eq!(sent(""), 1, "reading many");
    assert!(answer.entries.iter().all(Option::is_some));
    assert!(answer.versions.iter().all(Option::is_some));
    statements.reset();
    assert!(store.get("k1").await.unwrap().is_some());
    store.read(&["k1"], &registers).await.unwrap();
    store.bump(&stamps, hours(1)).await.unwrap();
    store.remove(&keys).await.unwrap();
    assert_eq!(sent(""), 4, "a hit, a hit with its versions, a bump and a removal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_is_one_statement_on_sqlite() {
    a_hit_is_one_statement::<File>("hit_of_sqlite_", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_is_one_statement_on_postgres() {
    a_hit_is_one_statement::<PostgresDatabase>("hit_of_postgres_", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_is_one_statement_on_mariadb() {
    a_hit_is_one_statement::<MariaDbDatabase>("hit_of_mariadb_", 2).await;
}
