//! Two different lists of arguments never share a key: the adapter hashes what they print.

use std::collections::HashMap;

use dogpile::{Region, minutes};
use dogpile_sqlx::{CachedPool, QueryCacheExt};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use sqlx::sqlite::{SqliteArguments, SqlitePoolOptions};
use sqlx::{Arguments, Sqlite};

use crate::support::Result;

/// An argument as the driver keeps it. Two are the same if they bind the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    Null,
    Text(String),
    Blob(Vec<u8>),
    Int(i32),
    Int64(i64),
    /// By its bits: `-0.0` is not `0.0`.
    Double(u64),
}

impl Value {
    /// What is not a number is bound as NULL, whatever its bits.
    fn double(value: f64) -> Self {
        Self::Double(if value.is_nan() { f64::NAN } else { value }.to_bits())
    }

    fn bind(self, arguments: &mut SqliteArguments) {
        let added = match self {
            Self::Null => arguments.add(None::<i64>),
            Self::Text(text) => arguments.add(text),
            Self::Blob(bytes) => arguments.add(bytes),
            Self::Int(number) => arguments.add(number),
            Self::Int64(number) => arguments.add(number),
            Self::Double(bits) => arguments.add(f64::from_bits(bits)),
        };
        assert!(added.is_ok());
    }
}

/// Text that looks like what is printed around it.
fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "",
        "Null",
        "NULL",
        "1",
        "1.0",
        "-0.0",
        "NaN",
        "Int(1)",
        "\"",
        "\\\"",
        "\\",
        "\\\\",
        "\"), Text(\"",
        "\"), Null, Text(\"",
        ", ",
        "[]",
        "[1]",
        "\0",
        "\\0",
        "\n",
        "\\n",
        "\u{301}",
        "\\u{301}",
        "a",
        "ab",
    ]);
    prop_oneof![
        3 => nasty.clone().prop_map(str::to_owned),
        1 => (nasty.clone(), nasty).prop_map(|(a, b)| format!("{a}{b}")),
        1 => any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let small = prop::sample::select(vec![-1, 0, 1, 10, 97]);
    let double = prop_oneof![
        prop::sample::select(vec![0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, 0.1]),
        any::<f64>(),
    ];
    prop_oneof![
        1 => Just(Value::Null),
        4 => text().prop_map(Value::Text),
        2 => text().prop_map(|text| Value::Blob(text.into_bytes())),
        1 => any::<Vec<u8>>().prop_map(Value::Blob),
        2 => small.clone().prop_map(Value::Int),
        2 => small.prop_map(|number| Value::Int64(number.into())),
        1 => any::<i64>().prop_map(Value::Int64),
        2 => double.prop_map(Value::double),
    ]
}

fn list() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(value(), 0..4)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

async fn db() -> Result<CachedPool<Sqlite>> {
    let pool = SqlitePoolOptions::new().connect_lazy("sqlite::memory:")?;
    let region = Region::builder("arguments").ttl(minutes(5)).build()?;
    // The table is nowhere: nothing is run.
    Ok(CachedPool::new(pool, region).without_catalog())
}

/// The key of a query with these arguments. Nothing is run.
async fn key(db: &CachedPool<Sqlite>, list: Vec<Value>) -> Option<String> {
    let mut arguments = SqliteArguments::default();
    list.into_iter().for_each(|value| value.bind(&mut arguments));
    let query = sqlx::query_scalar_with::<_, i64, _>("SELECT id FROM item", arguments);
    query.cached().explain(db).await.entry().map(|entry| entry.key.clone())
}

#[test]
fn i9_different_arguments_have_different_keys() -> Result {
    let runtime = runtime()?;
    let db = runtime.block_on(db())?;
    proptest!(|(lists in prop::collection::vec(list(), 2..12))| {
        let mut keys = HashMap::new();
        for list in lists {
            let key = runtime.block_on(key(&db, list.clone()));
            let again = runtime.block_on(self::key(&db, list.clone()));
            prop_assert_eq!(&key, &again, "the same arguments, another key");
            let Some(key) = key else { return Err(TestCaseError::fail("not cached")) };
            let first = keys.entry(key).or_insert_with(|| list.clone());
            prop_assert_eq!(&*first, &list, "different arguments, the same key");
        }
    });
    Ok(())
}
