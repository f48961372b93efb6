//! Entities from the cache, beside the same select on PostgreSQL and beside the making of its SQL.
//!
//! Targets: `find().all()` at least 3 times faster than live on a local socket, at 1 to 100 rows; a
//! typed shared hit at most twice the making of the statement.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dogpile::{Region, minutes};
use dogpile_sea_orm::{CachedConnection, SelectCacheExt};
use dogpile_tests::services::Postgres;
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, Database, DbBackend, EntityTrait, QueryFilter,
    QueryTrait,
};
use tokio::runtime::Runtime;

mod orders {
    #![allow(unreachable_pub, missing_docs, missing_debug_implementations)]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub customer: i32,
        pub status: String,
        pub total: f64,
        pub comment: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Orders of three customers: one of the first, ten of the second, a hundred of the third.
const SCHEMA: &str = "
    CREATE TABLE orders (id SERIAL PRIMARY KEY, customer INT NOT NULL, status TEXT NOT NULL,
        total FLOAT8 NOT NULL, comment TEXT);
    CREATE INDEX orders_customer ON orders (customer);
    INSERT INTO orders (customer, status, total, comment)
        SELECT c, 'paid', g * 1.25, CASE WHEN g % 3 = 0 THEN NULL ELSE 'order number ' || g END
        FROM (VALUES (1), (10), (100)) n(c), generate_series(1, c) g;
    INSERT INTO orders (customer, status, total) SELECT 7, 'open', g FROM generate_series(1, 9000) g;
    ANALYZE orders";

fn of(customer: i32) -> sea_orm::Select<orders::Entity> {
    orders::Entity::find().filter(orders::Column::Customer.eq(customer))
}

fn selects(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let server = runtime.block_on(Postgres::start()).expect("a server");
    let (live, cached) = runtime.block_on(async {
        let url = server.create_database().await.expect("a database");
        let socket = format!("{url}?host={}", server.folder().display());
        let mut options = ConnectOptions::new(socket);
        options.sqlx_logging(false);
        let live = Database::connect(options).await.expect("a connection");
        live.execute_unprepared(SCHEMA).await.expect("the schema");
        let region = Region::builder("bench").ttl(minutes(60)).build().expect("a region");
        let cached = CachedConnection::new(live.clone(), region).expect("a cached connection");
        (live, cached)
    });
    for rows in [1, 10, 100] {
        let mut group = criterion.benchmark_group(format!("{rows} rows"));
        group.bench_function("statement", |b| {
            b.iter(|| black_box(of(black_box(rows)).build(DbBackend::Postgres)));
        });
        group.bench_function("typed, shared", |b| {
            b.to_async(&runtime).iter(|| of(rows).cached().all_shared(&cached));
        });
        group.bench_function("typed", |b| {
            b.to_async(&runtime).iter(|| of(rows).cached().all(&cached));
        });
        group.bench_function("find().all()", |b| {
            b.to_async(&runtime).iter(|| of(rows).all(&cached));
        });
        group.bench_function("live", |b| b.to_async(&runtime).iter(|| of(rows).all(&live)));
        group.finish();
    }
}

criterion_group!(benches, selects);
criterion_main!(benches);
