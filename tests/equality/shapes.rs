//! What rows become. The names are among those that a random query gives to its columns.
#![expect(dead_code, reason = "what is read of a field is what it prints")]

use sqlx::FromRow;
use sqlx::types::JsonValue;

#[derive(Debug, FromRow)]
pub(crate) struct Optional {
    id: Option<i64>,
    #[sqlx(default)]
    a: Option<String>,
    #[sqlx(default)]
    b: Option<i32>,
}

/// No query has such a column.
#[derive(Debug, FromRow)]
pub(crate) struct Missing {
    a: Option<i32>,
    nowhere: Option<i32>,
}

#[derive(Debug, FromRow)]
pub(crate) struct Renamed {
    #[sqlx(rename = "id")]
    number: i32,
    #[sqlx(rename = "two words", default)]
    words: String,
    #[sqlx(skip)]
    checked: bool,
}

#[derive(Debug, FromRow)]
pub(crate) struct Flat {
    id: i32,
    #[sqlx(flatten)]
    inner: Inner,
}

#[derive(Debug, Default, FromRow)]
#[sqlx(default)]
pub(crate) struct Inner {
    value: i64,
    a: Option<bool>,
}

#[derive(Debug, FromRow)]
pub(crate) struct FromJson {
    #[sqlx(json)]
    a: JsonValue,
    #[sqlx(default, json(nullable))]
    b: Option<JsonValue>,
}

#[derive(Debug, FromRow)]
pub(crate) struct Tried {
    #[sqlx(try_from = "i32")]
    id: u8,
    #[sqlx(default, try_from = "i64")]
    value: i16,
}

#[derive(Debug, FromRow)]
#[sqlx(rename_all = "UPPERCASE")]
pub(crate) struct Upper {
    a: Option<String>,
}
