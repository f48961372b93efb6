// A small shop that knows of sqlx and of nothing else. `Db` is what it takes for the pool.

use std::fmt::Debug;

use futures_util::TryStreamExt;
use sqlx::{Executor, FromRow, QueryBuilder, Row};

use super::{Db, Driver, sql};

#[derive(Debug, FromRow)]
#[expect(dead_code, reason = "printed")]
struct Order {
    id: i64,
    customer: i64,
    total: i64,
    note: Option<String>,
}

#[derive(Debug, FromRow)]
#[expect(dead_code, reason = "printed")]
struct Line {
    #[sqlx(rename = "name")]
    customer: String,
    total: i64,
}

/// What a day in the shop says, line by line.
pub(crate) async fn run(db: &Db) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(open(db).await);
    said.extend([read(db).await, read(db).await].concat());
    said.extend(write(db).await);
    said.extend([read(db).await, read(db).await].concat());
    said.extend([transfer(db, true).await, read(db).await].concat());
    said.extend([transfer(db, false).await, read(db).await].concat());
    said.extend([odd(db).await, odd(db).await].concat());
    said.extend([refused(db).await, refused(db).await].concat());
    said
}

fn say(said: &mut Vec<String>, what: &str, outcome: Result<impl Debug, sqlx::Error>) {
    said.push(match outcome {
        Ok(value) => format!("{what}: {value:?}"),
        Err(error) => format!("{what} fails: {error}"),
    });
}

async fn open(db: &Db) -> Vec<String> {
    for text in [
        "DROP TABLE IF EXISTS orders",
        "DROP TABLE IF EXISTS customer",
        "CREATE TABLE customer (id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL)",
        "CREATE TABLE orders (id BIGINT PRIMARY KEY, customer BIGINT NOT NULL,
         total BIGINT NOT NULL, note VARCHAR(40))",
    ] {
        sqlx::raw_sql(text).execute(db).await.unwrap();
    }
    let mut customers = QueryBuilder::<Driver>::new("INSERT INTO customer (id, name) ");
    customers.push_values([(1_i64, "Ada"), (2, "Grace"), (3, "")], |mut row, (id, name)| {
        row.push_bind(id).push_bind(name);
    });
    let added = customers.build().execute(db).await.unwrap();
    let mut said = vec![format!("customers: {}", added.rows_affected())];
    for id in 1..=6_i64 {
        let insert = sqlx::query(sql("INSERT INTO orders VALUES (?, ?, ?, ?)"));
        let note = (id % 2 == 0).then_some("gift");
        let added = insert.bind(id).bind(id % 3 + 1).bind(id * 100).bind(note).execute(db).await;
        say(&mut said, "order", added.map(|it| it.rows_affected()));
    }
    said
}

/// Everything that asks for rows.
pub(crate) async fn read(db: &Db) -> Vec<String> {
    let mut said = Vec::new();
    rows(db, &mut said).await;
    typed(db, &mut said).await;
    streamed(db, &mut said).await;
    built(db, &mut said).await;
    said
}

async fn rows(db: &Db, said: &mut Vec<String>) {
    let query = || sqlx::query(sql("SELECT id, note FROM orders WHERE total > ? ORDER BY id"));
    let all = query().bind(200_i64).fetch_all(db).await;
    let cells = all.map(|rows| {
        let cell = |row: &<Driver as sqlx::Database>::Row| {
            (row.get::<i64, _>("id"), row.get::<Option<String>, _>(1), row.columns().len())
        };
        rows.iter().map(cell).collect::<Vec<_>>()
    });
    say(said, "rows", cells);
    let one = query().bind(500_i64).fetch_one(db).await;
    say(said, "one", one.map(|row| row.get::<i64, _>(0)));
    let none = query().bind(90_000_i64).fetch_optional(db).await;
    say(said, "none", none.map(|row| row.is_none()));
    say(said, "not found", query().bind(90_000_i64).fetch_one(db).await.map(|_| ()));
    let wrong = query().bind(200_i64).fetch_one(db).await;
    say(said, "wrong column", wrong.and_then(|row| row.try_get::<i64, _>("total")));
    let mapped = query()
        .bind(200_i64)
        .try_map(|row: <Driver as sqlx::Database>::Row| row.try_get::<String, _>("note"));
    say(said, "mapped, with a NULL", mapped.fetch_all(db).await);
}

async fn typed(db: &Db, said: &mut Vec<String>) {
    let all = sqlx::query_as::<_, Order>("SELECT * FROM orders ORDER BY id").fetch_all(db).await;
    say(said, "orders", all);
    let query = || sqlx::query_as::<_, Order>(sql("SELECT * FROM orders WHERE id = ?"));
    say(said, "order 2", query().bind(2_i64).fetch_one(db).await);
    say(said, "order 2, unprepared", query().bind(2_i64).persistent(false).fetch_one(db).await);
    say(said, "order 99", query().bind(99_i64).fetch_optional(db).await);
    say(said, "order 99", query().bind(99_i64).fetch_one(db).await);
    let join = "SELECT customer.name, orders.total FROM orders
                JOIN customer ON customer.id = orders.customer ORDER BY orders.id";
    say(said, "lines", sqlx::query_as::<_, Line>(join).fetch_all(db).await);
    let of_each = "SELECT name, (SELECT count(*) FROM orders WHERE customer = customer.id)
                   FROM customer ORDER BY id";
    say(said, "tuples", sqlx::query_as::<_, (String, i64)>(of_each).fetch_all(db).await);
    let missing = sqlx::query_as::<_, Order>("SELECT id, total FROM orders ORDER BY id");
    say(said, "too few columns", missing.fetch_all(db).await);
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM orders").fetch_one(db).await;
    say(said, "count", count);
    let most = sqlx::query_scalar::<_, Option<i64>>("SELECT max(total) FROM orders WHERE id < 0");
    say(said, "most of none", most.fetch_one(db).await);
    let names = sqlx::query_scalar::<_, String>("SELECT name FROM customer ORDER BY id");
    say(said, "names", names.fetch_all(db).await);
}

async fn streamed(db: &Db, said: &mut Vec<String>) {
    let orders = || sqlx::query_as::<_, Order>("SELECT * FROM orders ORDER BY total DESC");
    let mut stream = orders().fetch(db);
    let mut totals = Vec::new();
    while let Some(order) = stream.try_next().await.unwrap() {
        totals.push(order.total);
    }
    drop(stream);
    say(said, "streamed", Ok(totals));
    // The application loses interest.
    let first = orders().fetch(db).try_next().await;
    say(said, "first of a stream", first);
    let steps = db.fetch_many(sqlx::query("SELECT id FROM customer ORDER BY id"));
    let steps: Result<Vec<_>, _> = steps.map_ok(|step| step.is_right()).try_collect().await;
    say(said, "steps", steps);
}

async fn built(db: &Db, said: &mut Vec<String>) {
    let mut some = QueryBuilder::<Driver>::new("SELECT id FROM orders WHERE customer IN (");
    let mut list = some.separated(", ");
    list.push_bind(1_i64).push_bind(3_i64);
    some.push(") ORDER BY id");
    say(said, "built", some.build_query_scalar::<i64>().fetch_all(db).await);
}

/// Everything that writes, and tells what it wrote.
async fn write(db: &Db) -> Vec<String> {
    let mut said = Vec::new();
    let update = sqlx::query(sql("UPDATE orders SET total = total + 1 WHERE customer = ?"));
    say(&mut said, "update", update.bind(1_i64).execute(db).await.map(|it| it.rows_affected()));
    for _ in 0..2 {
        let new = "INSERT INTO orders SELECT max(id) + 1, 1, 5, NULL FROM orders RETURNING id";
        say(&mut said, "returning", sqlx::query_scalar::<_, i64>(new).fetch_one(db).await);
    }
    let delete = sqlx::query(sql("DELETE FROM orders WHERE id = ?")).bind(7_i64);
    say(&mut said, "delete", delete.execute(db).await.map(|it| it.rows_affected()));
    let taken = sqlx::query_as::<_, Order>(sql("SELECT * FROM orders WHERE id = ?"));
    say(&mut said, "deleted", taken.bind(7_i64).fetch_optional(db).await);
    said
}

/// A transaction that reads what it writes, and ends one way or the other.
async fn transfer(db: &Db, commits: bool) -> Vec<String> {
    let mut said = Vec::new();
    let total = || sqlx::query_scalar::<_, i64>("SELECT max(total) FROM orders");
    let mut tx = db.begin().await.unwrap();
    say(&mut said, "before", total().fetch_one(&mut *tx).await);
    let raise = sqlx::query("UPDATE orders SET total = total + 1000").execute(&mut *tx).await;
    say(&mut said, "raised", raise.map(|it| it.rows_affected()));
    say(&mut said, "within", total().fetch_one(&mut *tx).await);
    let all = sqlx::query_as::<_, Order>("SELECT * FROM orders ORDER BY id");
    say(&mut said, "all within", all.fetch_all(&mut *tx).await);
    match commits {
        true => tx.commit().await.unwrap(),
        false => tx.rollback().await.unwrap(),
    }
    say(&mut said, "after", total().fetch_one(db).await);
    said
}

/// What is no plain query.
async fn odd(db: &Db) -> Vec<String> {
    let mut said = Vec::new();
    let raw = sqlx::raw_sql("SELECT id FROM customer ORDER BY id").fetch_all(db).await;
    say(&mut said, "raw", raw.map(|rows| rows.len()));
    let several = "SELECT id FROM customer; SELECT name FROM customer ORDER BY id";
    let steps = sqlx::raw_sql(several).fetch_many(db);
    let steps: Result<Vec<_>, _> = steps.map_ok(|step| step.is_right()).try_collect().await;
    say(&mut said, "two results", steps);
    let text = db.fetch_all("SELECT id FROM customer ORDER BY id").await;
    say(&mut said, "text", text.map(|rows| rows.len()));
    let prepared =
        db.prepare(sqlx::SqlSafeStr::into_sql_str("SELECT name FROM customer ORDER BY id"));
    let prepared = prepared.await.unwrap();
    let names = || sqlx::Statement::query_scalar::<String>(&prepared).fetch_all(db);
    say(&mut said, "prepared", names().await);
    let counted = sqlx::query("DELETE FROM customer WHERE id > 100").execute(db).await;
    say(&mut said, "executed", counted.map(|it| it.rows_affected()));
    let described = db.describe(sqlx::SqlSafeStr::into_sql_str("SELECT id, name FROM customer"));
    say(&mut said, "described", described.await.map(|it| it.columns().len()));
    said
}

/// What the database, or the driver, does not take.
async fn refused(db: &Db) -> Vec<String> {
    let mut said = Vec::new();
    let gone = sqlx::query("SELECT * FROM no_such_table").fetch_all(db).await;
    said.push(format!("no table: {}", gone.is_err()));
    let wrong = sqlx::query_scalar::<_, i64>("SELECT name FROM customer ORDER BY id");
    say(&mut said, "wrong type", wrong.fetch_all(db).await);
    let twice = sqlx::query("INSERT INTO customer VALUES (1, 'again')").execute(db).await;
    let twice = twice.unwrap_err();
    said.push(format!("twice: {}", twice.as_database_error().unwrap().is_unique_violation()));
    // PostgreSQL says so after two rows.
    let parts =
        sqlx::query_scalar::<_, Option<i64>>("SELECT 12 / (id - 3) FROM customer ORDER BY id");
    let mut parts = parts.fetch(db);
    loop {
        let next = parts.try_next().await;
        let goes_on = matches!(next, Ok(Some(_)));
        say(&mut said, "part", next);
        if !goes_on {
            return said;
        }
    }
}
