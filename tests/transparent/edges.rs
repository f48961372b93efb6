//! Which reads of a transparent pool are looked up, and what becomes of large and failing ones.

use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{Region, TagSpace, minutes};
use dogpile_sqlx::{CachedPool, Policy, Rule};
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Executor, Sqlite};

use crate::subject::sqlite::Subject;

/// The subject, with `rows` rows of a kilobyte each in `t`.
async fn filled(rows: usize) -> Subject {
    let subject = Subject::open().await;
    let fill = format!(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);
         WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {rows})
         INSERT INTO t SELECT id, hex(zeroblob(512)) FROM n"
    );
    sqlx::raw_sql(AssertSqlSafe(fill)).execute(&subject.plain).await.unwrap();
    subject
}

async fn ids(db: &CachedPool<Sqlite>, sql: &'static str) -> Vec<i64> {
    sqlx::query_scalar(sql).fetch_all(db).await.unwrap()
}

#[tokio::test]
async fn a_pool_caches_plain_reads_only_when_it_is_told() {
    let subject = filled(3).await;
    let region = Region::builder("told").ttl(minutes(5)).tag_space(TagSpace::new(100));
    let db = CachedPool::new(subject.watched.clone(), region.build().unwrap());
    subject.statements.reset();
    for _ in 0..3 {
        assert_eq!(ids(&db, "SELECT id FROM t").await, [1, 2, 3]);
    }
    assert_eq!(subject.statements.matching("FROM t").len(), 3);
    assert_eq!(db.region().stats().lookups, 0);
    let db = db.transparent();
    for _ in 0..3 {
        assert_eq!(ids(&db, "SELECT id FROM t").await, [1, 2, 3]);
    }
    assert_eq!((subject.statements.matching("FROM t").len(), db.region().stats().hits), (4, 2));
}

#[tokio::test]
async fn the_policy_and_hints_say_which_plain_reads_are_cached() {
    let subject = filled(1).await;
    let [db, _] = subject.cached();
    let sent = async |policy: Policy, sql: &'static str| {
        let db = db.with_policy(policy);
        subject.statements.reset();
        for _ in 0..3 {
            assert_eq!(ids(&db, sql).await, [1]);
        }
        subject.statements.matching("FROM t").len()
    };
    assert_eq!(sent(Policy::all(), "SELECT id FROM t").await, 1);
    assert_eq!(sent(Policy::all().except(["t"]), "SELECT id + 0 FROM t").await, 3);
    assert_eq!(sent(Policy::only(["other"]), "SELECT id + 1 - 1 FROM t").await, 3);
    assert_eq!(sent(Policy::explicit(), "SELECT id * 1 FROM t").await, 3);
    assert_eq!(sent(Policy::explicit(), "/* dogpile: on */ SELECT id / 1 FROM t").await, 1);
    assert_eq!(sent(Policy::all(), "/* dogpile: off */ SELECT -(-id) FROM t").await, 3);
}

#[tokio::test]
async fn a_rule_gives_results_without_rows_a_life_of_their_own() {
    let subject = filled(2).await;
    let rule = Rule::allow().none_ttl(Duration::ZERO);
    for db in subject.cached().map(|db| db.with_policy(Policy::explicit().rule("t", rule.clone())))
    {
        for (sql, sent) in
            [("SELECT id FROM t WHERE id > 9", 6), ("SELECT id FROM t WHERE id < 9", 1)]
        {
            subject.statements.reset();
            for _ in 0..3 {
                let ids = ids(&db, sql).await;
                let mut connection = db.acquire().await.unwrap();
                let query = sqlx::query_scalar::<_, i64>(sql);
                assert_eq!(query.fetch_all(&mut connection).await.unwrap(), ids);
            }
            assert_eq!(subject.statements.matching("FROM t").len(), sent, "{sql}");
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_streamed_past() {
    let subject = filled(3_000).await;
    for db in subject.cached() {
        subject.statements.reset();
        for _ in 0..2 {
            let mut rows =
                sqlx::query_as::<_, (i64, String)>("SELECT * FROM t ORDER BY id").fetch(&db);
            let mut next = 1;
            while let Some((id, _)) = rows.try_next().await.unwrap() {
                assert_eq!(id, next, "each row once, in order");
                next += 1;
            }
            assert_eq!(next, 3_001);
        }
        assert_eq!(subject.statements.matching("FROM t").len(), 2);
        assert_eq!(db.region().stats().entries, 0);
    }
}

/// Nobody gets to the database in a millisecond here, and a result that is broken off is no result.
#[tokio::test]
async fn what_takes_longer_than_the_region_allows_is_whole() {
    let subject = filled(50).await;
    let limit = Duration::from_millis(1);
    for backend in [None, Some(MemoryBackend::new())] {
        let region = Region::builder("limited").ttl(minutes(5)).hard_load_limit(limit);
        let region = match backend {
            Some(backend) => region.backend(backend).local(0),
            None => region.tag_space(TagSpace::new(100)),
        };
        let db = CachedPool::new(subject.watched.clone(), region.build().unwrap()).transparent();
        for _ in 0..3 {
            assert_eq!(ids(&db, "SELECT id FROM t").await.len(), 50);
            let one = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM t").fetch_one(&db).await;
            assert_eq!(one.unwrap(), 50);
        }
    }
}

#[tokio::test]
async fn many_that_miss_at_once_are_one_query() {
    let subject = filled(50).await;
    for db in subject.cached() {
        ids(&db, "SELECT 1 FROM t").await;
        subject.statements.reset();
        let all = join_all((0..20).map(|_| ids(&db, "SELECT id FROM t ORDER BY id"))).await;
        assert!(all.iter().all(|ids| ids.len() == 50));
        assert_eq!(subject.statements.matching("FROM t").len(), 1);
    }
}

#[tokio::test]
async fn one_row_and_all_rows_of_a_query_are_not_taken_for_each_other() {
    let subject = filled(3).await;
    let row = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql);
    for db in subject.cached() {
        let mut connection = db.acquire().await.unwrap();
        for _ in 0..2 {
            let sql = "SELECT id FROM t ORDER BY id";
            assert_eq!(row(sql).fetch_one(&db).await.unwrap(), 1);
            assert_eq!(ids(&db, sql).await, [1, 2, 3]);
            let sql = "SELECT id FROM t ORDER BY -id";
            assert_eq!(row(sql).fetch_one(&mut connection).await.unwrap(), 3);
            assert_eq!(row(sql).fetch_all(&mut connection).await.unwrap(), [3, 2, 1]);
        }
        assert_eq!(db.region().stats().hits, 4);
    }
}

#[tokio::test]
async fn what_asks_for_a_count_or_is_not_prepared_goes_to_the_database() {
    let subject = filled(3).await;
    let sql = "SELECT id FROM t";
    for db in subject.cached() {
        let mut connection = db.acquire().await.unwrap();
        ids(&db, sql).await;
        subject.statements.reset();
        sqlx::query(sql).execute(&db).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        assert_eq!(db.fetch_all(sql).await.unwrap().len(), 3);
        assert_eq!(sqlx::raw_sql(sql).fetch_all(&db).await.unwrap().len(), 3);
        assert_eq!(subject.statements.matching("FROM t").len(), 4);
        assert_eq!((ids(&db, sql).await.len(), db.region().stats().hits), (3, 1));
    }
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_nothing_behind() {
    let subject = filled(50).await;
    let [db, _] = subject.cached();
    let mut rows = sqlx::query("SELECT id FROM t").fetch(&db);
    // Polled once: the question is on its way.
    let polled = futures_util::FutureExt::now_or_never(rows.try_next());
    assert!(polled.is_none());
    drop(rows);
    assert_eq!(ids(&db, "SELECT id FROM t ORDER BY id").await.len(), 50);
    assert_eq!(db.region().stats().flights, 0);
}

#[tokio::test]
async fn a_connection_outside_of_a_transaction_is_answered_too() {
    let subject = filled(5).await;
    for db in subject.cached() {
        let mut connection = db.acquire().await.unwrap();
        let all = "SELECT id FROM t ORDER BY id";
        let first = || sqlx::query_scalar::<_, i64>("SELECT max(id) FROM t");
        for _ in 0..2 {
            sqlx::query_scalar::<_, i64>(all).fetch_all(&mut connection).await.unwrap();
            assert_eq!(first().fetch_one(&mut connection).await.unwrap(), 5);
        }
        let steps = connection.fetch_many(sqlx::query(all)).try_collect::<Vec<_>>().await.unwrap();
        assert!(steps.len() == 6 && steps[5].is_left(), "rows, and the end of them");
        let hits = db.region().stats().hits;
        sqlx::query("INSERT INTO t VALUES (6, '')").execute(&mut connection).await.unwrap();
        assert_eq!(first().fetch_one(&mut connection).await.unwrap(), 6);
        let ids = sqlx::query_scalar::<_, i64>(all).fetch_all(&mut connection).await.unwrap();
        assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
        assert_eq!(db.region().stats().hits, hits, "what was written is not served");
        sqlx::query("DELETE FROM t WHERE id = 6").execute(&mut connection).await.unwrap();
    }
}
