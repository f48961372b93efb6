//! Where a transaction cannot carry an invalidation, the write goes on all the same, and it is told.

use dogpile::backend::MemoryBackend;
use dogpile::{Coherence, Freshness, Reason, Region, minutes, secs};
use dogpile_sqlx::CachedPool;

use super::support::{App, Fixture, degraded, items, region, run, update, within};
use crate::locks::until;
use crate::support::{Database, PostgresDatabase, on_each_database, patient};

on_each_database! {
    another_database_is_noticed_and_writes_are_fenced
    a_backend_that_cannot_is_told_of_and_writes_are_fenced
    a_table_that_goes_away_harms_no_write
    a_pool_of_one_connection_that_the_store_shares_does_not_wait
}

/// Writes both ways, and looks.
async fn writes_and_is_true<D: App>(fixture: &Fixture<D>) {
    fixture.is_true_for_all("at first").await;
    let mut tx = fixture.db.begin().await.unwrap();
    run(&mut tx, &update(1)).await.unwrap();
    within("a commit", tx.commit()).await.unwrap();
    assert_eq!(D::truth(&fixture.raw, 1).await, 1, "the transaction was harmed");
    assert_eq!(within("a write", D::write(&fixture.db, 2)).await.unwrap(), 1);
    assert_eq!(D::truth(&fixture.raw, 2).await, 1, "the write was harmed");
    for id in [1, 2] {
        assert_eq!(D::cached(&fixture.db, id).await, 1);
    }
}

async fn another_database_is_noticed_and_writes_are_fenced<D: App>() {
    let (database, elsewhere) = (items::<D>().await, D::start().await);
    let region_ = || region(&elsewhere).build().unwrap();
    let fixture = Fixture {
        db: CachedPool::new(database.pool(4).await, region_()),
        other: CachedPool::new(database.pool(4).await, region_()),
        raw: database.pool(2).await,
        database,
    };
    writes_and_is_true(&fixture).await;
    fixture.is_true_for_all("after all").await;
    assert_eq!(degraded(fixture.db.region(), Reason::NOT_TRANSACTIONAL), 2);
    assert_eq!(fixture.db.region().stats().degraded, 2, "it was not even fenced");
    assert_eq!(fixture.tokens().await, 0);
}

async fn a_backend_that_cannot_is_told_of_and_writes_are_fenced<D: App>() {
    let database = items::<D>().await;
    let shared = MemoryBackend::new();
    let region = || {
        let region = Region::builder("shop").ttl(minutes(5)).freshness(Freshness::Transactional);
        region.backend(shared.clone()).op_timeout(secs(30)).build().unwrap()
    };
    let fixture = Fixture::<D> {
        db: CachedPool::new(database.pool(4).await, region()),
        other: CachedPool::new(database.pool(4).await, region()),
        raw: database.pool(2).await,
        database,
    };
    writes_and_is_true(&fixture).await;
    fixture.is_true_for_all("after all").await;
    assert_eq!(degraded(fixture.db.region(), Reason::NOT_TRANSACTIONAL), 2);
}

async fn a_table_that_goes_away_harms_no_write<D: App>() {
    // On SQLite nobody can taint anything while the transaction has written: not even for long.
    let fixture = Fixture::<D>::with_limit(secs(1)).await;
    D::write(&fixture.db, 3).await.unwrap();
    fixture.nothing_degraded();
    fixture.database.run("ALTER TABLE dogpile_token RENAME TO away").await;
    let mut tx = fixture.db.begin().await.unwrap();
    run(&mut tx, &update(1)).await.unwrap();
    within("a commit", tx.commit()).await.unwrap();
    assert_eq!(D::truth(&fixture.raw, 1).await, 1, "the transaction was harmed");
    assert!(degraded(fixture.db.region(), Reason::SCRIPT_FAILED) > 0);
    // And of one that is not known to fail yet.
    let another = CachedPool::new(fixture.database.pool(2).await, fixture.db.region().clone());
    fixture.database.run("ALTER TABLE away RENAME TO dogpile_token").await;
    D::write(&another, 3).await.unwrap();
    let before = degraded(fixture.db.region(), Reason::SCRIPT_FAILED);
    fixture.database.run("ALTER TABLE dogpile_token RENAME TO away").await;
    assert_eq!(within("a write", D::write(&another, 2)).await.unwrap(), 1);
    assert_eq!(D::truth(&fixture.raw, 2).await, 1, "the write was harmed");
    assert!(degraded(fixture.db.region(), Reason::SCRIPT_FAILED) > before);
    fixture.database.run("ALTER TABLE away RENAME TO dogpile_token").await;
    fixture.is_true_for_all("when the table is back").await;
}

/// The backend needs the only connection, and so does the writer.
async fn a_pool_of_one_connection_that_the_store_shares_does_not_wait<D: App>() {
    let database = items::<D>().await;
    let pool = database.pool(1).await;
    let store = D::over(pool.clone()).sweep(secs(0)).fold(secs(0)).open().unwrap();
    let region = Region::builder("shop").ttl(minutes(5)).freshness(Freshness::Transactional);
    let region = region.op_timeout(secs(30)).backend(store).build().unwrap();
    let db = CachedPool::new(pool, region);
    let raw = database.pool(1).await;
    for version in 1..=3 {
        within("a read", D::cached(&db, 1)).await;
        let mut tx = within("begin", db.begin()).await.unwrap();
        within("a write inside", run(&mut tx, &update(1))).await.unwrap();
        within("a commit", tx.commit()).await.unwrap();
        within("a write", D::write(&db, 2)).await.unwrap();
        assert_eq!(within("a read", D::cached(&db, 1)).await, version);
        assert_eq!(within("a read", D::cached(&db, 2)).await, version);
        assert_eq!(D::truth(&raw, 1).await, version);
    }
    assert_eq!(db.region().stats().degraded, 0, "{:#}", db.region().stats());
}

/// Who may read the tokens and not write any is told before he tries.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_not_insert_tokens_is_fenced() {
    let database = items::<PostgresDatabase>().await;
    database
        .run(
            "CREATE ROLE app LOGIN; GRANT ALL ON item TO app; GRANT SELECT ON dogpile_token TO app",
        )
        .await;
    let url = database.url().replace("postgres://postgres@", "postgres://app@");
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let store = patient(&database.url()).open().unwrap();
    let region = Region::builder("shop").ttl(minutes(5)).freshness(Freshness::Transactional);
    let region = region.op_timeout(secs(30)).backend(store).build().unwrap();
    let db = CachedPool::new(pool, region);
    let raw = database.pool(1).await;
    assert_eq!(PostgresDatabase::cached(&db, 1).await, 0);
    PostgresDatabase::write(&db, 1).await.unwrap();
    assert_eq!(PostgresDatabase::cached(&db, 1).await, 1);
    assert_eq!(PostgresDatabase::truth(&raw, 1).await, 1);
    assert_eq!(degraded(db.region(), Reason::NOT_TRANSACTIONAL), 1);
    assert_eq!(db.region().stats().degraded, 1);
}

/// The application looks for tables in another schema, where there is one of the same name.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_the_same_name_elsewhere_is_not_written_to() {
    let database = items::<PostgresDatabase>().await;
    database
        .run("CREATE SCHEMA shadow; CREATE TABLE shadow.dogpile_token (LIKE dogpile_token)")
        .await;
    let pool = database.told("SET search_path = shadow, public", 2).await;
    let db = CachedPool::new(pool, region(&database).build().unwrap());
    assert_eq!(PostgresDatabase::cached(&db, 1).await, 0);
    PostgresDatabase::write(&db, 1).await.unwrap();
    assert_eq!(PostgresDatabase::cached(&db, 1).await, 1);
    assert_eq!(db.region().stats().degraded, 0);
    assert_eq!(database.number("SELECT count(*) FROM shadow.dogpile_token").await, 0);
}

/// Whoever is pushed to would not hear of tokens.
#[tokio::test(flavor = "multi_thread")]
async fn where_a_store_pushes_writes_are_fenced_and_copies_end() {
    let database = items::<PostgresDatabase>().await;
    let region = || {
        let region = Region::builder("shop").ttl(minutes(5)).freshness(Freshness::Transactional);
        let store = patient(&database.url()).push(true).open().unwrap();
        let region = region.coherence(Coherence::Push).backend(store);
        region.op_timeout(secs(30)).build().unwrap()
    };
    let fixture = Fixture::<PostgresDatabase> {
        db: CachedPool::new(database.pool(4).await, region()),
        other: CachedPool::new(database.pool(4).await, region()),
        raw: database.pool(2).await,
        database,
    };
    writes_and_is_true(&fixture).await;
    for id in [1, 2] {
        until("the copies of others end", async || {
            PostgresDatabase::cached(&fixture.other, id).await == 1
        })
        .await;
    }
    assert_eq!(degraded(fixture.db.region(), Reason::NOT_TRANSACTIONAL), 2);
    assert_eq!(fixture.db.region().stats().degraded, 2, "it was not even fenced");
    assert_eq!(fixture.tokens().await, 0);
}
