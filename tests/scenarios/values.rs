//! A value from the cache is the value from the database, to the last bit.

use std::fmt::Debug;

use dogpile::Reason;
use dogpile_sqlx::QueryCacheExt;
use sqlx::{Decode, Row as _, Type};

use crate::driver::{Driver, KIND};
use crate::fixture::{
    Cell, Db, DriverRow, Events, Kind, assert_hit, assert_miss, assert_sent, by, rows_of,
};

async fn s017_a_caller_changes_its_rows() {
    let db = Db::new().await;
    let read = "SELECT id, title FROM post ORDER BY id";
    for _ in 0..2 {
        let mut rows = rows_of(read).cached().fetch_all(&db.pool).await.unwrap();
        rows[0].0[1] = Cell::Text("scribbled over".into());
        rows.truncate(1);
    }
    db.hit(read).await;
}

async fn s018_two_columns_of_one_name() {
    let db = Db::new().await;
    let sql = "SELECT a.id, p.id, p.title AS id FROM author a JOIN post p ON p.author_id = a.id
               ORDER BY p.id";
    let whole = [(1, 1, "first"), (1, 2, "second"), (2, 3, "third")];
    let whole = whole.map(|(author, post, title)| (author, post, title.to_owned()));
    let typed = || sqlx::query_as::<_, (i64, i64, String)>(sql).cached().fetch_all(&db.pool);
    assert_eq!(assert_miss!(db, typed()).unwrap(), whole);
    assert_eq!(assert_hit!(db, typed()).unwrap(), whole);

    let by_index = |row: DriverRow| (row.get(0), row.get(1));
    let mapped = || sqlx::query(sql).map(by_index).cached().fetch_all(&db.pool);
    let ids: Vec<(i64, i64)> = assert_miss!(db, mapped()).unwrap();
    assert_eq!(ids, [(1, 1), (1, 2), (2, 3)]);
    assert_eq!(assert_hit!(db, mapped()).unwrap(), ids);
}

async fn s019_columns_by_position() {
    let db = Db::new().await;
    let read = || {
        let query = sqlx::query_as::<_, (String, i64)>("SELECT title, id FROM post ORDER BY id");
        query.cached().fetch_all(&db.pool)
    };
    let rows = assert_miss!(db, read()).unwrap();
    assert_eq!(rows[2], ("third".to_owned(), 3));
    assert_eq!(assert_hit!(db, read()).unwrap(), rows);
}

/// Two mappers of one type over one query are two questions.
async fn s019_two_mappers_of_one_query() {
    let db = Db::new().await;
    let sql = "SELECT id, category_id FROM post ORDER BY id";
    let first = || sqlx::query(sql).map(|row: DriverRow| row.get::<i64, _>(0));
    let second = || sqlx::query(sql).map(|row: DriverRow| row.get::<i64, _>(1));
    for _ in 0..2 {
        assert_eq!(first().cached().fetch_all(&db.pool).await.unwrap(), [1, 2, 3]);
        assert_eq!(second().cached().fetch_all(&db.pool).await.unwrap(), [1, 2, 1]);
    }
}

/// What a mapper captures decides its result as an argument of the query does.
async fn s019_a_mapper_that_captures() {
    let db = Db::new().await;
    let scaled = |factor: i64| {
        let query = sqlx::query("SELECT id FROM post ORDER BY id");
        query.map(move |row: DriverRow| row.get::<i64, _>(0) * factor)
    };
    for factor in [1, 10, 1] {
        let rows = scaled(factor).cached().fetch_all(&db.pool).await.unwrap();
        assert_eq!(rows, [factor, 2 * factor, 3 * factor]);
    }
}

async fn s020_null_and_option() {
    let db = Db::new().await;
    let sql = "SELECT rank FROM author ORDER BY id";
    let optional = || sqlx::query_scalar::<_, Option<i64>>(sql).cached().fetch_all(&db.pool);
    assert_eq!(assert_miss!(db, optional()).unwrap(), [Some(1), None, Some(3)]);
    assert_eq!(assert_hit!(db, optional()).unwrap(), [Some(1), None, Some(3)]);

    // As types that have no room for NULL: what the driver makes of it, each time.
    assert_same_outcome::<i64>(&db, sql).await;
    assert_same_outcome::<String>(&db, "SELECT body FROM post ORDER BY id").await;
    assert_same_outcome::<i8>(&db, "SELECT 1000 + id FROM post").await;
    assert_same_outcome::<Option<i32>>(&db, sql).await;
    if KIND == Kind::Sqlite {
        // An integer of another width is another entry with the same value.
        let narrow = || sqlx::query_scalar::<_, Option<i16>>(sql).cached().fetch_all(&db.pool);
        assert_eq!(assert_miss!(db, narrow()).unwrap(), [Some(1), None, Some(3)]);
    }
}

/// A column as a type that it may not fit: the same value or error without the cache, from it as a
/// miss, and when repeated.
async fn assert_same_outcome<T>(db: &Db, sql: &'static str)
where
    T: Debug + Clone + Send + Sync + Unpin + 'static + Type<Driver> + for<'r> Decode<'r, Driver>,
{
    let uncached = sqlx::query_scalar::<_, T>(sql).fetch_all(db.pool.inner()).await;
    for _ in 0..2 {
        let cached = sqlx::query_scalar::<_, T>(sql).cached().fetch_all(&db.pool).await;
        assert_eq!(format!("{cached:?}"), format!("{uncached:?}"), "{sql}");
    }
    db.settle().await;
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
struct Ranked {
    id: i64,
    rank: Option<i64>,
}

async fn s020_missing_column() {
    let db = Db::new().await;
    let query = || sqlx::query_as::<_, Ranked>("SELECT id FROM author");
    let uncached = query().fetch_all(db.pool.inner()).await.unwrap_err();
    for _ in 0..2 {
        let error = query().cached().fetch_all(&db.pool).await.unwrap_err();
        assert_eq!(error.to_string(), uncached.to_string());
    }
    db.settle().await;
    let whole = || sqlx::query_as::<_, Ranked>("SELECT id, rank FROM author ORDER BY id");
    let rows = assert_miss!(db, whole().cached().fetch_all(&db.pool)).unwrap();
    assert_eq!(rows[1], Ranked { id: 2, rank: None });
    assert_eq!(assert_hit!(db, whole().cached().fetch_all(&db.pool)).unwrap(), rows);
}

async fn s022_a_result_too_large_to_keep() {
    let events = Events::default();
    let db = Db::with(|region| region.observer(events.clone())).await;
    let repeated = "SELECT id, repeat('x', 10000000) FROM post WHERE id = 1";
    let blob = "SELECT id, zeroblob(10000000) FROM post WHERE id = 1";
    let read = by(blob, repeated, repeated);
    for _ in 0..2 {
        let rows = db.miss(read).await;
        let bytes = match &rows[0].0[1] {
            Cell::Blob(bytes) => bytes.len(),
            Cell::Text(text) => text.len(),
            _ => 0,
        };
        assert_eq!(bytes, 10_000_000);
        assert_eq!(events.refusals(), [Reason::TOO_LARGE]);
    }
    // The limit is on what is kept, not on what is asked: the narrow read of the row is cached.
    db.warm("SELECT id FROM post WHERE id = 1").await;
}

async fn s022_the_limit_is_a_setting() {
    let db = Db::with(|region| region.max_value(20_000)).await;
    let blob = |bytes: i64| {
        let query = rows_of(by(
            "SELECT zeroblob(?), id FROM post WHERE id = 1",
            "SELECT repeat('x', CAST(? AS INTEGER)), id FROM post WHERE id = 1",
            "SELECT repeat('x', ?), id FROM post WHERE id = 1",
        ));
        let query = query.bind(bytes);
        query.cached().fetch_one(&db.pool)
    };
    for (bytes, repeated) in [(10_000, 0), (30_000, 1)] {
        assert_miss!(db, blob(bytes)).unwrap();
        assert_sent!(db, repeated, blob(bytes)).unwrap();
    }
    assert_eq!(db.pool.region().stats().refused, 2);
}

/// Two types of one name over one query: neither is ever taken for the other.
async fn s019_two_types_of_one_name() {
    let db = Db::new().await;
    let sql = "SELECT id, category_id FROM post ORDER BY id";
    for _ in 0..3 {
        let ids: Vec<i64> = {
            #[derive(Clone, sqlx::FromRow)]
            struct Local {
                id: i64,
            }
            let rows = sqlx::query_as::<_, Local>(sql).cached().fetch_all(&db.pool);
            rows.await.unwrap().into_iter().map(|row| row.id).collect()
        };
        let categories: Vec<i64> = {
            #[derive(Clone, sqlx::FromRow)]
            struct Local {
                category_id: i64,
            }
            let rows = sqlx::query_as::<_, Local>(sql).cached().fetch_all(&db.pool);
            rows.await.unwrap().into_iter().map(|row| row.category_id).collect()
        };
        assert_eq!((ids, categories), (vec![1, 2, 3], vec![1, 2, 1]));
    }
}

scenarios! {
    s017_a_caller_changes_its_rows,
    s018_two_columns_of_one_name,
    s019_columns_by_position,
    s019_two_mappers_of_one_query,
    s019_a_mapper_that_captures,
    s020_null_and_option,
    s020_missing_column,
    s022_a_result_too_large_to_keep,
    s022_the_limit_is_a_setting,
    s019_two_types_of_one_name,
}
