//! What reaches a recorder of the `metrics` crate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;
use std::time::Duration;

use dogpile::backend::layer::{Chaos, Operation};
use dogpile::backend::{Backend, BackendExt, MemoryBackend};
use dogpile::{Region, TagSpace, millis, minutes, secs};
use dogpile_migrations::Migrations;
use dogpile_sqlx::{CachedPool, QueryCacheExt, Relay, Verify, VerifyCounts};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{Sqlite, SqlitePool};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// The series whose names begin so, each with its labels, and its values.
fn told(snapshotter: &Snapshotter, prefix: &str) -> BTreeMap<String, Vec<f64>> {
    let snapshot = snapshotter.snapshot().into_vec();
    let all = snapshot.into_iter().map(|(key, _, _, value)| {
        let labels = key.key().labels().map(|label| format!(" {}={}", label.key(), label.value()));
        let name = format!("{}{}", key.key().name(), labels.collect::<String>());
        let values = match value {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            DebugValue::Counter(count) => vec![count as f64],
            DebugValue::Gauge(gauge) => vec![*gauge],
            DebugValue::Histogram(values) => values.iter().map(|value| **value).collect(),
        };
        (name, values)
    });
    all.filter(|(name, _)| name.starts_with(prefix)).collect()
}

/// A database with two tables of one row, and a pool that no wrapper knows of.
async fn shop() -> (TempDir, SqlitePool) {
    let folder = TempDir::new().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("shop.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new().max_connections(3).connect_with(options).await.unwrap();
    let tables = "CREATE TABLE cake AS SELECT 1 AS id, 1 AS price;
        CREATE TABLE pie AS SELECT 1 AS id, 1 AS price";
    sqlx::raw_sql(tables).execute(&pool).await.unwrap();
    (folder, pool)
}

fn cached(pool: &SqlitePool, backend: impl Backend) -> CachedPool<Sqlite> {
    let region = Region::builder("shop").ttl(minutes(60)).tag_space(TagSpace::new(1_000));
    CachedPool::new(pool.clone(), region.backend(backend).build().unwrap())
}

async fn until(what: &str, is_so: impl Fn() -> bool + Send + Sync) {
    let tries = async {
        while !is_so() {
            sleep(millis(5)).await;
        }
    };
    timeout(secs(60), tries).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// Waits until nothing is compared, and all connections are back.
async fn rest(db: &CachedPool<Sqlite>) {
    db.verifications_ended().await;
    let all = || u32::try_from(db.inner().num_idle()).unwrap() == db.inner().size();
    until("all connections are back", all).await;
}

/// One batch of what was noted when the tables were watched, one of two writes, and a failure between.
#[tokio::test]
async fn what_a_relay_does_is_told_to_the_recorder() {
    let recorder = DebuggingRecorder::new();
    let _local = metrics::set_default_local_recorder(&recorder);
    let (_folder, pool) = shop().await;
    Migrations::new().up(&pool).await.unwrap();
    for table in ["cake", "pie"] {
        Migrations::new().watch(&pool, table).await.unwrap();
    }
    let chaos = Chaos::seeded(1).fail_on(Operation::Bump, 1.0);
    chaos.pause();
    let db = cached(&pool, MemoryBackend::default().layer(chaos.clone()));
    let relay = Relay::of(&db).interval(millis(5)).start().await.unwrap();
    until("it works", || relay.stats().rows >= 2).await;
    let first = relay.lag();
    chaos.resume();
    let both = "BEGIN; UPDATE cake SET price = 2; UPDATE pie SET price = 2; COMMIT";
    sqlx::raw_sql(both).execute(&pool).await.unwrap();
    until("it has tried", || relay.stats().failures >= 1).await;
    chaos.pause();
    until("it is done", || relay.stats().rows >= 4).await;
    let stats = relay.stats();
    relay.stop().await;

    let mut told = told(&recorder.snapshotter(), "dogpile_relay_");
    let lags = told.remove("dogpile_relay_lag_seconds region=shop").unwrap();
    let whole = |lag: &f64| Duration::from_secs_f64(*lag).as_micros();
    let expected = [first, stats.lag].map(|lag| lag.as_micros());
    assert_eq!(lags.iter().map(whole).collect::<Vec<_>>(), expected);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let failures = stats.failures as f64;
    let expected = [("failures", failures), ("flushes", 1.0), ("rows", 4.0)];
    let name = |of| format!("dogpile_relay_{of}_total region=shop");
    assert_eq!(told, expected.map(|(of, count)| (name(of), vec![count])).into());
}

/// One comparison of each outcome.
#[tokio::test]
async fn what_verify_mode_finds_is_told_to_the_recorder() {
    let recorder = DebuggingRecorder::new();
    let _local = metrics::set_default_local_recorder(&recorder);
    let (_folder, pool) = shop().await;
    let verify = Verify::share(1.0).settle(Duration::ZERO).threshold(0);
    let db = cached(&pool, MemoryBackend::default()).verify(verify);
    let read = async |sql: &'static str| {
        sqlx::query_scalar::<_, i64>(sql).cached().fetch_all(&db).await.unwrap()
    };
    let price = "SELECT price FROM cake";
    read(price).await;
    rest(&db).await;
    read(price).await;
    rest(&db).await;
    sqlx::query("UPDATE cake SET price = 2").execute(&pool).await.unwrap();
    read(price).await;
    rest(&db).await;
    // Before the comparison has heard the database.
    read(price).await;
    db.invalidate_tables(["cake"]).await.unwrap();
    rest(&db).await;
    // Which rows a `LIMIT` leaves is the database's to choose.
    read("SELECT price FROM cake LIMIT 1").await;
    read("SELECT price FROM cake LIMIT 1").await;
    rest(&db).await;

    let VerifyCounts { verified, mismatches, moved, skipped, .. } = db.stats().verified;
    assert_eq!((verified, mismatches, moved, skipped), (2, 1, 1, 1));
    let expected = ["different", "equal", "moved", "skipped"]
        .map(|outcome| format!("dogpile_verify_total region=shop outcome={outcome}"));
    let expected = expected.into_iter().chain(["dogpile_verify_mismatch_total region=shop".into()]);
    let told = told(&recorder.snapshotter(), "dogpile_verify_");
    assert_eq!(told, expected.map(|name| (name, vec![1.0])).collect());
}
