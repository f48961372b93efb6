//! What rows cost, by database and number of rows: their replay on the two kinds of runtime, the
//! same query on a database of this machine, the check of bytes from elsewhere, and the recording.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use dogpile_replay::{Recorder, ReplayDatabase, RowSet, replay};
use dogpile_tests::services;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection, Postgres};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

const ROWS: [i32; 4] = [1, 10, 100, 1000];

/// Six columns, of which three are text.
const QUERY: &str = "select g::int8 as id, 'customer ' || g as customer, 'paid' as status,
    g * 1.25::float8 as total, timestamptz '2024-02-29 12:00:00' as at,
    case when g % 3 = 0 then null else 'order number ' || g end as comment
    from generate_series(1, $1) g";

fn runtimes() -> [(&'static str, Runtime); 2] {
    let mut single = Builder::new_current_thread();
    let mut multi = Builder::new_multi_thread();
    let build = |builder: &mut Builder| builder.enable_all().build().expect("a runtime");
    [("one thread", build(&mut single)), ("two threads", build(multi.worker_threads(2)))]
}

fn record<DB: ReplayDatabase>(rows: &[DB::Row]) -> RowSet<DB> {
    let mut recorder = Recorder::new();
    rows.iter().for_each(|row| recorder.push(row).expect("recorded"));
    recorder.finish().expect("a row set")
}

/// Measures in a task, where a service would wait for rows.
fn replays<DB: ReplayDatabase>(bencher: &mut Bencher<'_>, runtime: &Runtime, set: &RowSet<DB>) {
    bencher.iter_custom(|times| {
        let set = set.clone();
        let task = async move {
            let begun = Instant::now();
            for _ in 0..times {
                black_box(replay(&set).await.expect("replayed"));
            }
            begun.elapsed()
        };
        runtime.block_on(async { runtime.spawn(task).await.unwrap_or(Duration::MAX) })
    });
}

/// What every database is measured by.
fn measure<DB: ReplayDatabase>(criterion: &mut Criterion, name: &str, rows: &[DB::Row]) {
    let set = record::<DB>(rows);
    let mut group = criterion.benchmark_group(format!("{name}/{} rows", rows.len()));
    for (kind, runtime) in runtimes() {
        group.bench_function(format!("replay on {kind}"), |bencher| {
            replays(bencher, &runtime, &set);
        });
    }
    group.bench_function("read", |bencher| {
        bencher.iter(|| RowSet::<DB>::read(black_box(set.bytes().clone())));
    });
    group.bench_function("record", |bencher| bencher.iter(|| record::<DB>(black_box(rows))));
    group.finish();
}

async fn select(connection: &mut PgConnection, count: i32) -> Vec<PgRow> {
    sqlx::query(QUERY).bind(count).fetch_all(connection).await.expect("rows")
}

fn postgres(criterion: &mut Criterion) {
    let [(_, runtime), _] = runtimes();
    let server = runtime.block_on(services::Postgres::start()).expect("a server");
    let url = server.url("postgres");
    let mut connection = runtime.block_on(PgConnection::connect(&url)).expect("a connection");
    for count in ROWS {
        let rows = runtime.block_on(select(&mut connection, count));
        measure::<Postgres>(criterion, "postgres", &rows);
        criterion.bench_function(&format!("postgres/{count} rows/select"), |bencher| {
            bencher.iter(|| runtime.block_on(select(&mut connection, count)));
        });
    }
}

criterion_group!(benches, postgres);
criterion_main!(benches);
