//! Which reads share an entry: those that cannot have different results, and no others.

use dogpile::{Digest, DigestHasher, KeyHasher, Reason};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqlitePoolOptions, SqliteTypeInfo};
use sqlx::{Encode, Sqlite, Type};

use crate::fixture::{Cell, Client, Db, Events, Row, assert_sent, rows_of};

/// The rows of a query with one argument, and how many statements were sent for them.
async fn bound<'q, T>(client: &Client, sql: &'static str, value: T) -> (Vec<Row>, usize)
where
    T: Encode<'q, Sqlite> + Type<Sqlite> + Send + 'q,
{
    let (rows, sent) = client.sent(rows_of(sql).bind(value).cached().fetch_all(&client.pool)).await;
    (rows.expect(sql), sent)
}

fn only_rows<const N: usize>(reads: [(Vec<Row>, usize); N]) -> [Vec<Row>; N] {
    reads.map(|(rows, _)| rows)
}

/// Every one of these calls must miss, and hit when it is repeated, with the same rows.
macro_rules! assert_distinct {
    ($client:expr, $sql:expr, [$($value:expr),+ $(,)?]) => {{
        let misses = [$(bound(&$client, $sql, $value).await),+];
        assert!(misses.iter().all(|(_, sent)| *sent == 1), "{misses:?}");
        let hits = [$(bound(&$client, $sql, $value).await),+];
        assert!(hits.iter().all(|(_, sent)| *sent == 0), "{hits:?}");
        for ((missed, _), (hit, _)) in misses.iter().zip(&hits) {
            assert_eq!(missed, hit);
        }
        only_rows(misses)
    }};
}

#[tokio::test]
async fn s006_same_sql_different_argument() {
    let db = Db::new().await;
    let rows = assert_distinct!(db, "SELECT title FROM post WHERE id = ?", [1, 2, 3]);
    assert_eq!(rows[1], [Row(vec![Cell::Text("second".into())])]);
}

#[tokio::test]
async fn s006_every_form_of_placeholder() {
    let db = Db::new().await;
    for sql in [
        "SELECT title FROM post WHERE id = ?",
        "SELECT title FROM post WHERE id = ?1",
        "SELECT title FROM post WHERE id = $1",
        "SELECT title FROM post WHERE ?1 = id OR id = ?1",
    ] {
        assert_distinct!(db, sql, [1, 2, 3]);
    }
}

#[tokio::test]
async fn s007_arguments_of_different_types() {
    let db = Db::new().await;
    let sql = "SELECT typeof(?), count(*) FROM post";
    let none = None::<i32>;
    let rows = assert_distinct!(db, sql, [1_i32, 1_i64, "1", 1.0, b"1".as_slice(), none]);
    let text = |rows: &Vec<Row>| rows[0].0[0].clone();
    let classes = ["integer", "integer", "text", "real", "blob", "null"];
    assert_eq!(rows.each_ref().map(text), classes.map(|name| Cell::Text(name.into())));
    // The driver sends `true` as the integer 1: for the database they are one.
    let (truth, _) = bound(&db, sql, true).await;
    assert_eq!(truth, rows[0]);
}

#[tokio::test]
async fn s008_arguments_cannot_run_into_each_other() {
    let db = Db::new().await;
    let pairs = [
        (Some("a"), Some("bc")),
        (Some("ab"), Some("c")),
        (Some("a"), None),
        (Some("a"), Some("NULL")),
        (Some("a"), Some("")),
        (Some("a\", Text(\"bc"), Some("")),
    ];
    for (first, second) in pairs {
        let query = rows_of("SELECT ?, ?, count(*) FROM post").bind(first).bind(second);
        let rows = assert_sent!(db, 1, query.cached().fetch_all(&db.pool)).unwrap();
        let cell = |text: Option<&str>| text.map_or(Cell::Null, |text| Cell::Text(text.into()));
        assert_eq!(rows, [Row(vec![cell(first), cell(second), Cell::Integer(3)])]);
    }
}

/// SQLite has neither decimals nor times: a client binds them as one of its five classes.
#[tokio::test]
async fn s009_numbers_that_look_alike() {
    let db = Db::new().await;
    assert_distinct!(db, "SELECT ?, count(*) FROM post", [0.0, -0.0, f64::NAN, 1e300, 1e-300]);
    assert_distinct!(db, "SELECT ?, count(*) FROM tag", ["1.0", "1.00"]);
    let zones = ["2026-01-01 12:00:00+00:00", "2026-01-01 13:00:00+01:00"];
    assert_distinct!(db, "SELECT ?, count(*) FROM event", [zones[0], zones[1]]);
}

/// A type that the driver does not know, which it gets as text.
#[derive(Debug, Clone, Copy)]
struct Shelf(u8);

impl Type<Sqlite> for Shelf {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Shelf {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        if self.0 > 9 {
            return Err("there are ten shelves".into());
        }
        <String as Encode<Sqlite>>::encode(format!("shelf {}", self.0), buffer)
    }
}

/// With SQLite no argument stays opaque: what keys an entry is what a type encodes itself to.
#[tokio::test]
async fn s011_arguments_of_a_type_of_ones_own() {
    let db = Db::new().await;
    let sql = "SELECT ?, count(*) FROM post";
    let rows = assert_distinct!(db, sql, [Shelf(1), Shelf(2)]);
    assert_eq!(rows[1], [Row(vec![Cell::Text("shelf 2".into()), Cell::Integer(3)])]);

    let broken = || rows_of(sql).bind(Shelf(10)).cached().fetch_all(&db.pool);
    for _ in 0..2 {
        let error = assert_sent!(db, 0, broken()).unwrap_err();
        assert!(matches!(error, sqlx::Error::Encode(_)), "{error}");
    }
    let lookups = db.pool.region().stats().lookups;
    assert_eq!(lookups, 4, "an argument that cannot be encoded was looked up");
}

#[tokio::test]
async fn s012_same_sql_on_two_databases() {
    let one = Db::new().await;
    let other = Db::cached_by(one.pool.region().clone()).await;
    other.behind_its_back("UPDATE post SET title = 'elsewhere' WHERE id = 1").await;
    let read = "SELECT title FROM post ORDER BY id";
    assert_ne!(one.miss(read).await, other.miss(read).await);
    assert_ne!(one.hit(read).await, other.hit(read).await);
}

/// A database in memory is nobody else's, though all of them have one name.
#[tokio::test]
async fn s012_databases_in_memory() {
    let db = Db::new().await;
    for rows in 0..3 {
        let memory = SqlitePoolOptions::new().max_connections(1);
        let pool = memory.connect("sqlite::memory:").await.unwrap();
        let pool = CachedPool::new(pool, db.pool.region().clone());
        sqlx::raw_sql("CREATE TABLE note (id INTEGER)").execute(&pool).await.unwrap();
        for id in 0..rows {
            sqlx::query("INSERT INTO note VALUES (?)").bind(id).execute(&pool).await.unwrap();
        }
        for _ in 0..2 {
            let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM note").cached();
            assert_eq!(count.fetch_one(&pool).await.unwrap(), rows);
        }
    }
}

#[tokio::test]
async fn s013_different_parts_of_one_table() {
    let db = Db::new().await;
    let reads = [
        "SELECT id FROM post",
        "SELECT title FROM post",
        "SELECT id, title FROM post",
        "SELECT title, id FROM post",
        "SELECT id FROM post LIMIT 1",
        "SELECT id FROM post LIMIT 2",
        "SELECT id FROM post LIMIT 2 OFFSET 1",
        "SELECT id FROM post ORDER BY id",
        "SELECT id FROM post ORDER BY id DESC",
        "SELECT category_id FROM post",
        "SELECT DISTINCT category_id FROM post",
    ];
    for read in reads {
        db.miss(read).await;
    }
    for read in reads {
        db.hit(read).await;
    }
}

#[tokio::test]
async fn s014_whitespace_and_case_of_keywords() {
    let db = Db::new().await;
    for read in [
        "SELECT id FROM post WHERE title = 'first'",
        "select id from post where title = 'first'",
        "SELECT  id\nFROM post\tWHERE title='first'",
        "SELECT id FROM post WHERE title = 'first' -- the first",
        "SELECT id FROM post WHERE title = ' first'",
        "SELECT id FROM post WHERE title = 'first';",
        "/* a hint */ SELECT id FROM post WHERE title = 'first' ; -- and that is all",
        "-- first of all\nSELECT id FROM post WHERE title = 'first'",
    ] {
        // Whether the spellings share an entry is nobody's business; that the rows are right is.
        db.warm(read).await;
    }
}

#[tokio::test]
async fn s015_case_inside_quotes() {
    let db = Db::new().await;
    let reads = [
        "SELECT id FROM post WHERE title = 'first'",
        "SELECT id FROM post WHERE title = 'First'",
        "SELECT 'a' AS x FROM post",
        "SELECT 'A' AS x FROM post",
    ];
    for read in reads {
        db.miss(read).await;
    }
    for read in reads {
        db.hit(read).await;
    }
    // The names of the columns are part of the result.
    let lower = sqlx::query("SELECT id AS \"a\" FROM post");
    let upper = sqlx::query("SELECT id AS \"A\" FROM post");
    for (query, name) in [(lower, "a"), (upper, "A")] {
        let names = query.map(|row: sqlx::sqlite::SqliteRow| {
            sqlx::Column::name(sqlx::Row::column(&row, 0)).to_owned()
        });
        let names = assert_sent!(db, 1, names.cached().fetch_all(&db.pool)).unwrap();
        assert_eq!(names, [name, name, name]);
    }
}

/// Finds every entry in the same place.
#[derive(Debug)]
struct Colliding;

impl KeyHasher for Colliding {
    fn hasher(&self) -> DigestHasher {
        DigestHasher::default()
    }

    fn finish(&self, hasher: DigestHasher) -> Digest {
        Digest { lookup: 1, ..hasher.finish() }
    }
}

#[tokio::test]
async fn s016_colliding_hashes() {
    let events = Events::default();
    let db = Db::with(|region| region.hasher(Colliding).observer(events.clone())).await;
    db.miss("SELECT id FROM post").await;
    db.hit("SELECT id FROM post").await;
    events.reasons();
    for _ in 0..2 {
        db.miss("SELECT title FROM post").await;
        db.miss("SELECT id FROM post").await;
    }
    assert_eq!(events.reasons(), [Reason::COLLISION; 4]);
}
