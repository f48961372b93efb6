//! How one setting is written: as a text, or as a number.

mod duration;
mod number;
mod size;
mod text;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

pub(super) use duration::{Lifetime, Wait};
pub(super) use number::{Count, Factor, Share};
pub(super) use size::Size;
pub(super) use text::PrefixText;

/// A way to write a value. `None` from a method: this is not it.
pub(super) trait Written {
    type Value;

    /// What is expected, with an example: follows "is not".
    const EXPECTED: &'static str;

    fn from_text(text: &str) -> Option<Self::Value>;

    fn from_whole(_: u64) -> Option<Self::Value> {
        None
    }

    fn from_float(_: f64) -> Option<Self::Value> {
        None
    }
}

/// Reads a setting that may be missing; for `deserialize_with`.
pub(super) fn setting<'de, W, D>(deserializer: D) -> Result<Option<W::Value>, D::Error>
where
    W: Written,
    D: Deserializer<'de>,
{
    Ok(Option::<Setting<W>>::deserialize(deserializer)?.map(|setting| setting.0))
}

struct Setting<W: Written>(W::Value);

impl<'de, W: Written> Deserialize<'de> for Setting<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SettingVisitor::<W>(PhantomData)).map(Self)
    }
}

struct SettingVisitor<W>(PhantomData<W>);

impl<W: Written> Visitor<'_> for SettingVisitor<W> {
    type Value = W::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(W::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<W::Value, E> {
        W::from_text(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<W::Value, E> {
        W::from_whole(number).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<W::Value, E> {
        u64::try_from(number)
            .ok()
            .and_then(W::from_whole)
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<W::Value, E> {
        W::from_float(number).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }
}
