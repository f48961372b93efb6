//! Which reads share an entry: those that cannot have different results, and no others.

use dogpile_sqlx::{CachedPool, QueryCacheExt};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqlitePoolOptions, SqliteTypeInfo};
use sqlx::{Encode, Sqlite, Type};

use crate::fixture::{Cell, Db, Row, assert_distinct, assert_sent, bound, rows_of};

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
