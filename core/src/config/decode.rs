//! From a [`Tree`] to the settings it stands for, with errors that say where.

use std::borrow::Cow;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_path_to_error::Segment;

use super::problem::{Problem, Quoted};
use super::tree::Tree;
use super::wrong;
use crate::error::Result;

/// Reads `tree`; an error begins with what `say` makes of the path to it.
pub(super) fn decode<'de, T: Deserialize<'de>>(
    tree: Tree,
    say: impl Fn(&[Cow<'_, str>]) -> String,
) -> Result<T> {
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let path: Vec<_> = error.path().iter().map(segment).collect();
        let problem = error.inner();
        wrong(if path.is_empty() {
            problem.to_string()
        } else {
            format!("{}: {problem}", say(&path))
        })
    })
}

/// A path as TOML writes it.
pub(super) fn dotted(path: &[Cow<'_, str>]) -> String {
    path.join(".")
}

/// The path to the first thing that is wrong, a segment of it.
fn segment(segment: &Segment) -> Cow<'_, str> {
    match segment {
        Segment::Map { key } | Segment::Enum { variant: key } => name(key),
        Segment::Seq { index } => Cow::Owned(index.to_string()),
        Segment::Unknown => Cow::Borrowed("?"),
    }
}

/// A name from outside as it stands in a path: quoted where TOML quotes it.
pub(super) fn name(key: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.len() <= 60 && key.chars().all(plain) {
        return Cow::Borrowed(key);
    }
    Cow::Owned(Quoted(key).to_string())
}

impl IntoDeserializer<'_, Problem> for Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Signed(value) => visitor.visit_i64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(value) => visitor.visit_string(value),
            Self::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
            Self::Table(items) => visitor.visit_map(MapDeserializer::new(items.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self {
            Self::Null => visitor.visit_none(),
            some => visitor.visit_some(some),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self {
            // A derived visitor would take a list for the settings in the order of their fields.
            Self::List(_) => Err(Problem::invalid_type(Unexpected::Seq, &visitor)),
            other => other.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
