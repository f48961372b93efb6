//! Verify mode: what is served is compared with the database, and a stale entry is found.
//!
//! The entry is made stale by a write past the cache, through the plain pool.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../transparent/subject.rs"]
mod subject;

mod log;

use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::observe::ReasonKind;
use dogpile::{Reason, Region, TagSpace, minutes};
use dogpile_query::Dialect;
use dogpile_sqlx::{CacheDatabase, CachedPool, Mode, QueryCacheExt, Verify, VerifyCounts};
use futures_util::TryStreamExt;
use sqlx::Pool;

/// Every hit is compared, and at once.
fn all() -> Verify {
    Verify::share(1.0).settle(Duration::ZERO).at_once(4)
}

/// Pools that verify: one keeps what it has in this process, one in a backend.
fn verifying<DB: CacheDatabase>(pool: &Pool<DB>, verify: &Verify) -> [CachedPool<DB>; 2] {
    let region = || Region::builder("verify").ttl(minutes(60)).jitter(0.0);
    let own = region().tag_space(TagSpace::new(10_000)).build().unwrap();
    let backend = region().backend(MemoryBackend::new()).build().unwrap();
    [own, backend].map(|region| CachedPool::new(pool.clone(), region).verify(verify.clone()))
}

/// Waits until nothing is compared, and all connections are back: the driver takes them back in its own
/// time.
async fn rest<DB: CacheDatabase>(db: &CachedPool<DB>) {
    db.verifications_ended().await;
    while u32::try_from(db.inner().num_idle()).unwrap() < db.inner().size() {
        tokio::task::yield_now().await;
    }
}

async fn counts<DB: CacheDatabase>(db: &CachedPool<DB>) -> (u64, u64, u64, u64) {
    db.verifications_ended().await;
    let VerifyCounts { verified, mismatches, moved, skipped, .. } = db.stats().verified;
    (verified, mismatches, moved, skipped)
}

const FILL: [&str; 4] = [
    "DROP TABLE IF EXISTS t",
    "CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL)",
    "INSERT INTO t VALUES (1, 'one'), (2, 'two')",
    "INSERT INTO t VALUES (3, 'three')",
];

macro_rules! on_driver {
    ($name:ident, $driver:ident) => {
        mod $name {
            use super::*;
            use crate::subject::$name::{Subject, sql};

            type Db = CachedPool<sqlx::$driver>;

            async fn filled() -> Subject {
                let subject = Subject::open().await;
                write(&subject.plain, &FILL).await;
                // Both connections are open, so that one is to spare.
                let both = [subject.watched.acquire().await, subject.watched.acquire().await];
                drop(both.map(Result::unwrap));
                subject
            }

            /// Past the cache.
            async fn write(pool: &Pool<sqlx::$driver>, texts: &[&'static str]) {
                for text in texts {
                    sqlx::raw_sql(*text).execute(pool).await.unwrap();
                }
            }

            async fn names(db: &Db) -> Vec<String> {
                let query = sqlx::query_scalar("SELECT name FROM t WHERE id > 0");
                let names = query.cached().fetch_all(db).await.unwrap();
                rest(db).await;
                names
            }

            async fn name(db: &Db, id: i64) -> Option<String> {
                let query = sqlx::query_scalar(sql("SELECT name FROM t WHERE id = ?"));
                let name = query.bind(id).cached().fetch_optional(db).await.unwrap();
                rest(db).await;
                name
            }

            #[tokio::test]
            async fn s212_a_planted_stale_entry_is_found_and_an_honest_one_is_not() {
                let subject = filled().await;
                for db in verifying(&subject.watched, &all()) {
                    for _ in ["a miss", "a hit"] {
                        assert_eq!(name(&db, 1).await.unwrap(), "one");
                        assert_eq!(name(&db, 9).await, None);
                        assert_eq!(names(&db).await.len(), 3);
                    }
                    assert_eq!(counts(&db).await, (3, 0, 0, 0));
                    write(&subject.plain, &["UPDATE t SET name = 'uno' WHERE id = 1"]).await;
                    assert_eq!(name(&db, 1).await.unwrap(), "one", "it is stale");
                    assert_eq!(counts(&db).await, (4, 1, 0, 0));
                    write(&subject.plain, &["INSERT INTO t VALUES (9, 'nine')"]).await;
                    assert_eq!(name(&db, 9).await, None, "it is stale");
                    assert_eq!(names(&db).await.len(), 3, "it is stale");
                    assert_eq!(counts(&db).await, (6, 3, 0, 0));
                    write(&subject.plain, &FILL).await;
                }
            }

            /// In every way in which rows are kept and asked for.
            async fn read_each_way(db: &Db) {
                let names = || sqlx::query_scalar::<_, String>("SELECT name FROM t").cached();
                names().typed().fetch_all(db).await.unwrap();
                rest(db).await;
                names().detached().fetch_all(db).await.unwrap();
                rest(db).await;
                sqlx::query("SELECT id FROM t").cached().fetch_all_rows(db).await.unwrap();
                rest(db).await;
                let mut streamed = names().fetch(db);
                while streamed.try_next().await.unwrap().is_some() {}
                drop(streamed);
                rest(db).await;
                let own = sqlx::query("SELECT id FROM t").cached().fetch_rows(db);
                own.try_collect::<Vec<_>>().await.unwrap();
                rest(db).await;
                let plain = sqlx::query_scalar::<_, i64>("SELECT id FROM t WHERE id < 100");
                plain.fetch_all(&db.transparent()).await.unwrap();
                rest(db).await;
            }

            #[tokio::test]
            async fn s212_every_way_of_keeping_rows_is_compared() {
                let subject = filled().await;
                for db in verifying(&subject.watched, &all().threshold(0)) {
                    read_each_way(&db).await;
                    read_each_way(&db).await;
                    assert_eq!(db.stats().verified.mismatches, 0);
                    write(&subject.plain, &["DELETE FROM t WHERE id = 2"]).await;
                    read_each_way(&db).await;
                    assert_eq!(db.stats().verified.mismatches, 6);
                    write(&subject.plain, &FILL).await;
                }
            }

            #[tokio::test]
            async fn s212_one_row_is_compared_with_those_that_it_may_be() {
                let subject = filled().await;
                for db in verifying(&subject.watched, &all()) {
                    let of = async |sql: &'static str| {
                        let query = sqlx::query_scalar::<_, String>(sql).cached();
                        query.fetch_one(&db).await.unwrap();
                        rest(&db).await;
                    };
                    let (any, last) = ("SELECT name FROM t", "SELECT name FROM t ORDER BY id DESC");
                    for sql in [any, any, last, last] {
                        of(sql).await;
                    }
                    assert_eq!(counts(&db).await, (2, 0, 0, 0));
                    write(&subject.plain, &["INSERT INTO t VALUES (4, 'four')"]).await;
                    of(any).await;
                    assert_eq!(counts(&db).await, (3, 0, 0, 0), "any row will do");
                    of(last).await;
                    assert_eq!(counts(&db).await, (4, 1, 0, 0), "another one is the last");
                    write(&subject.plain, &FILL).await;
                }
            }

            #[tokio::test]
            async fn s212_far_more_rows_than_were_served_are_a_mismatch() {
                let subject = filled().await;
                let many = "INSERT INTO t WITH RECURSIVE n (n) AS
                    (SELECT 10 UNION ALL SELECT n + 1 FROM n WHERE n < 900)
                    SELECT n, 'as many letters as there is room for, 40' FROM n";
                for db in verifying(&subject.watched, &all()) {
                    names(&db).await;
                    let more = "INSERT INTO t SELECT id + 1000, name FROM t WHERE id > 9";
                    write(&subject.plain, &[many, more]).await;
                    let open = db.inner().size();
                    assert_eq!(names(&db).await.len(), 3, "it is stale");
                    assert_eq!(counts(&db).await, (1, 1, 0, 0));
                    // What a server had still to say nobody waits for: that connection is closed. In
                    // SQLite nothing is to come, and a connection may hold all there is in memory.
                    let is_server = sqlx::$driver::DIALECT != Dialect::Sqlite;
                    assert_eq!(open - db.inner().size(), u32::from(is_server));
                    assert_eq!(name(&db, 1).await.unwrap(), "one");
                    write(&subject.plain, &FILL).await;
                }
            }

            #[tokio::test]
            async fn s212_nothing_is_compared_where_nobody_wants_it() {
                let subject = filled().await;
                for db in subject.cached() {
                    names(&db).await;
                    subject.statements.reset();
                    names(&db).await;
                    assert_eq!(counts(&db).await, (0, 0, 0, 0));
                    assert_eq!(subject.statements.matching("FROM t"), [""; 0]);
                }
            }

            #[tokio::test]
            async fn s212_what_cannot_be_compared_is_served_all_the_same() {
                let subject = filled().await;
                for db in verifying(&subject.watched, &all()) {
                    let some = || sqlx::query_scalar::<_, String>("SELECT name FROM t LIMIT 2");
                    let rows = some().cached().fetch_all(&db).await;
                    write(&subject.plain, &["DELETE FROM t"]).await;
                    assert_eq!(some().cached().fetch_all(&db).await.unwrap(), rows.unwrap());
                    let mut connection = db.acquire().await.unwrap();
                    some().cached().fetch_all(&mut connection).await.unwrap();
                    drop(connection);
                    // Which rows a `LIMIT` leaves is the database's to choose.
                    assert_eq!(counts(&db).await, (0, 0, 0, 1));
                    write(&subject.plain, &FILL).await;
                }
            }

            #[tokio::test]
            async fn s212_rows_in_another_order_are_no_mismatch() {
                let subject = filled().await;
                for db in verifying(&subject.watched, &all()) {
                    names(&db).await;
                    // The same rows, in another place.
                    write(
                        &subject.plain,
                        &[
                            "DELETE FROM t WHERE id = 1",
                            "DELETE FROM t WHERE id = 2",
                            "INSERT INTO t VALUES (2, 'one')",
                            "INSERT INTO t VALUES (1, 'two')",
                        ],
                    )
                    .await;
                    let fresh: Vec<String> = sqlx::query_scalar("SELECT name FROM t WHERE id > 0")
                        .fetch_all(&subject.plain)
                        .await
                        .unwrap();
                    assert_ne!(names(&db).await, fresh);
                    assert_eq!(counts(&db).await, (1, 0, 0, 0));
                    write(&subject.plain, &FILL).await;
                }
            }

            /// Is served what is stale, and waits until the comparison has heard the database.
            async fn is_heard(subject: &Subject, db: &Db) {
                subject.statements.reset();
                let query = sqlx::query_scalar::<_, String>("SELECT name FROM t WHERE id = 1");
                assert_eq!(query.cached().fetch_one(db).await.unwrap(), "one", "it is stale");
                while subject.statements.matching("FROM t").is_empty()
                    || u32::try_from(db.inner().num_idle()).unwrap() < db.inner().size()
                {
                    tokio::task::yield_now().await;
                }
            }

            #[tokio::test]
            async fn s212_what_is_invalidated_meanwhile_is_no_mismatch() {
                let subject = filled().await;
                let patient = all().settle(Duration::from_secs(1));
                for db in verifying(&subject.watched, &patient) {
                    let query = sqlx::query_scalar::<_, String>("SELECT name FROM t WHERE id = 1");
                    query.cached().fetch_one(&db).await.unwrap();
                    write(&subject.plain, &["UPDATE t SET name = 'uno' WHERE id = 1"]).await;
                    is_heard(&subject, &db).await;
                    // The writer comes round to it while the comparison waits for that.
                    db.invalidate_tables(["t"]).await.unwrap();
                    assert_eq!(counts(&db).await, (0, 0, 1, 0));
                    write(&subject.plain, &FILL).await;
                }
            }

            #[tokio::test]
            async fn s212_what_is_replaced_meanwhile_is_no_mismatch() {
                let subject = filled().await;
                let patient = all().settle(Duration::from_secs(1));
                let to = |name| match name {
                    "one" => "UPDATE t SET name = 'one' WHERE id = 1",
                    _ => "UPDATE t SET name = 'uno' WHERE id = 1",
                };
                for db in verifying(&subject.watched, &patient) {
                    let read = async |mode| {
                        let sql = "SELECT name FROM t WHERE id = 1";
                        let query = sqlx::query_scalar::<_, String>(sql).cached().mode(mode);
                        query.fetch_one(&db).await.unwrap()
                    };
                    read(Mode::Normal).await;
                    write(&subject.plain, &[to("uno")]).await;
                    is_heard(&subject, &db).await;
                    // It is what was served again, and another entry.
                    write(&subject.plain, &[to("one")]).await;
                    db.invalidate_tables(["t"]).await.unwrap();
                    assert_eq!(read(Mode::Normal).await, "one");
                    assert_eq!(counts(&db).await, (0, 0, 1, 0));
                    write(&subject.plain, &[to("uno")]).await;
                    is_heard(&subject, &db).await;
                    assert_eq!(read(Mode::Refresh).await, "uno");
                    assert_eq!(counts(&db).await, (0, 0, 2, 0));
                    write(&subject.plain, &FILL).await;
                }
            }

            #[tokio::test]
            async fn s212_a_shape_is_bypassed_from_the_threshold_on_until_it_is_trusted_again() {
                let subject = filled().await;
                for db in verifying(&subject.watched, &all().threshold(2)) {
                    let bypasses = || {
                        let reason = Reason::new("verify_mismatch");
                        db.region().stats().count_of(ReasonKind::Bypass, reason)
                    };
                    name(&db, 1).await;
                    name(&db, 2).await;
                    names(&db).await;
                    write(&subject.plain, &["UPDATE t SET name = 'new' WHERE id < 3"]).await;
                    for id in [1, 2] {
                        assert_ne!(name(&db, id).await.unwrap(), "new");
                    }
                    assert_eq!((db.stats().verified.mismatches, bypasses()), (2, 0));
                    // Other values, and other spellings of them, are of the same shape.
                    assert_eq!(name(&db, 1).await.unwrap(), "new");
                    assert_eq!(name(&db, 3).await.unwrap(), "three");
                    assert_eq!(bypasses(), 2);
                    assert!(names(&db).await.contains(&"one".to_owned()), "of another shape");
                    db.trust_again();
                    for _ in 0..2 {
                        assert_eq!(name(&db, 1).await.unwrap(), "one", "nobody has invalidated it");
                    }
                    assert_eq!(bypasses(), 2);
                    assert_eq!(name(&db, 1).await.unwrap(), "new", "it is counted anew");
                    assert_eq!(bypasses(), 3);
                    write(&subject.plain, &FILL).await;
                }
            }

            #[tokio::test]
            async fn s212_the_last_connection_is_left_to_callers() {
                let subject = filled().await;
                for db in verifying(&subject.watched, &all()) {
                    name(&db, 1).await;
                    let held = subject.watched.acquire().await.unwrap();
                    let query =
                        sqlx::query_scalar::<_, String>(sql("SELECT name FROM t WHERE id = ?"));
                    query.bind(1_i64).cached().fetch_optional(&db).await.unwrap();
                    assert_eq!(counts(&db).await, (0, 0, 0, 1));
                    drop(held);
                }
            }

            #[tokio::test]
            async fn s212_no_parameter_is_in_the_log() {
                let log = crate::log::Log::install();
                let subject = filled().await;
                let [db, _] = verifying(&subject.watched, &all().threshold(1));
                let secret = || {
                    let query = sqlx::query_scalar::<_, i64>(sql(
                        "SELECT id FROM t WHERE name <> 'hush-literal' AND name <> ?",
                    ));
                    query.bind("hush-parameter").cached().fetch_all(&db)
                };
                secret().await.unwrap();
                rest(&db).await;
                write(&subject.plain, &["DELETE FROM t"]).await;
                secret().await.unwrap();
                assert_eq!(counts(&db).await, (1, 1, 0, 0));
                let said = log.said("dogpile_sqlx::verify");
                assert!(said.contains("SELECT id FROM t WHERE name"), "{said}");
                assert!(said.contains("until `trust_again`"), "{said}");
                assert!(!said.contains("hush"), "{said}");
            }
        }
    };
}

on_driver!(sqlite, Sqlite);
on_driver!(postgres, Postgres);
on_driver!(mariadb, MySql);
