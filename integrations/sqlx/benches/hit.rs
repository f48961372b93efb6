//! A cached query of 100 rows beside the same indexed query on SQLite in memory.
//!
//! Targets: `fetch_all_shared` at least 100 times, `fetch_all` at least 10 times faster.

use criterion::{Criterion, criterion_group, criterion_main};
use dogpile::{Region, minutes};
use dogpile_query::{
    Analyzer, Body, Changes, Dialect, OnReferenced, RelationKind, Relations, TableName,
};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Sqlite, SqlitePool};
use tokio::runtime::Runtime;

#[expect(dead_code, reason = "what is measured is that the rows are made")]
#[derive(Debug, Clone, sqlx::FromRow)]
struct Order {
    id: i64,
    customer: i64,
    status: String,
    total: f64,
    comment: Option<String>,
}

const SQL: &str =
    "SELECT id, customer, status, total, comment FROM orders WHERE customer = ? ORDER BY id";

async fn database() -> sqlx::Result<SqlitePool> {
    // One connection: a database in memory is its connection's own.
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    sqlx::raw_sql(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, status TEXT, total REAL,
                              comment TEXT);
         CREATE INDEX orders_customer ON orders (customer);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO orders SELECT i, i % 100, 'paid', i * 1.25,
                CASE WHEN i % 3 = 0 THEN NULL ELSE 'order number ' || i END FROM n;",
    )
    .execute(&pool)
    .await?;
    Ok(pool)
}

fn cached(pool: &SqlitePool) -> CachedPool<Sqlite> {
    match Region::builder("bench").ttl(minutes(60)).build() {
        Ok(region) => CachedPool::new(pool.clone(), region),
        Err(error) => panic!("{error}"),
    }
}

fn hundred_rows(c: &mut Criterion) {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => panic!("{error}"),
    };
    let pool = match runtime.block_on(database()) {
        Ok(pool) => pool,
        Err(error) => panic!("{error}"),
    };
    let db = cached(&pool);
    let mut group = c.benchmark_group("100 rows");
    group.bench_function("direct", |b| {
        b.to_async(&runtime).iter(|| sqlx::query_as::<_, Order>(SQL).bind(42_i64).fetch_all(&pool));
    });
    group.bench_function("cached, fetch_all", |b| {
        b.to_async(&runtime)
            .iter(|| sqlx::query_as::<_, Order>(SQL).bind(42_i64).cached().fetch_all(&db));
    });
    group.bench_function("cached, fetch_all_shared", |b| {
        b.to_async(&runtime)
            .iter(|| sqlx::query_as::<_, Order>(SQL).bind(42_i64).cached().fetch_all_shared(&db));
    });
    group.finish();
}

/// Hits of one row: by the key of the table, by another column, and by what pins no column.
fn one_row(c: &mut Criterion) {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => panic!("{error}"),
    };
    let pool = match runtime.block_on(database()) {
        Ok(pool) => pool,
        Err(error) => panic!("{error}"),
    };
    let db = cached(&pool);
    let mut group = c.benchmark_group("a hit of one row");
    for (name, sql) in [
        ("by no column", "SELECT total FROM orders WHERE id + 0 = ? LIMIT 1"),
        ("by another column", "SELECT total FROM orders WHERE customer = ? LIMIT 1"),
        ("by the key", "SELECT total FROM orders WHERE id = ? LIMIT 1"),
    ] {
        group.bench_function(name, |b| {
            b.to_async(&runtime).iter(|| {
                sqlx::query_scalar::<_, f64>(sql).bind(42_i64).cached().fetch_optional(&db)
            });
        });
    }
    let (literal, sql) =
        (db.without_catalog(), "SELECT total FROM orders WHERE id + 0 = ? LIMIT 1");
    group.bench_function("by no column, without the catalog", |b| {
        b.to_async(&runtime).iter(|| {
            sqlx::query_scalar::<_, f64>(sql).bind(42_i64).cached().fetch_optional(&literal)
        });
    });
    group.finish();
}

/// What the picture of a catalog of 1,000 tables adds to the first analysis of a text. Target: 10 us.
fn first_look(c: &mut Criterion) {
    let analyzer = Analyzer::new(Dialect::Postgres);
    let mut relations = Relations::builder(analyzer.clone());
    let name = |name: String| TableName::new(Some("public"), &name);
    let deletes = OnReferenced { deleted: Changes::DELETE, updated: Changes::NONE };
    for n in 0..1_000 {
        relations.relation(name(format!("t{n}")), RelationKind::Table);
        let query = format!("SELECT * FROM t{n} WHERE visible").into();
        relations.relation(name(format!("v{n}")), RelationKind::View(query));
        relations.reference(&name(format!("t{n}")), &name(format!("t{}", n / 10)), deletes);
        let body = Body::Text(format!("INSERT INTO t{n} VALUES (1)").into());
        relations.trigger(&name(format!("t{n}")), Changes::UPDATE, body);
    }
    let relations = relations.build();
    let mut group = c.benchmark_group("the catalog's part in a first analysis");
    let reads =
        ["SELECT * FROM t700 JOIN t701 USING (id)", "SELECT * FROM v700 JOIN t701 USING (id)"];
    for (what, sql) in ["a read of two tables", "a read of a view"].into_iter().zip(reads) {
        let analysis = analyzer.analyze(sql);
        group.bench_function(what, |b| b.iter(|| relations.read(&analysis)));
    }
    let writes = ["UPDATE t700 SET a = 1", "DELETE FROM t70 WHERE id = 1"];
    for (what, sql) in
        ["a write with a trigger", "a write with ten cascades"].into_iter().zip(writes)
    {
        let analysis = analyzer.analyze(sql);
        group.bench_function(what, |b| b.iter(|| relations.written(&analysis)));
    }
    group.finish();
}

criterion_group!(benches, hundred_rows, one_row, first_look);
criterion_main!(benches);
