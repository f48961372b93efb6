//! The error that types see while they are decoded: its text never quotes a value.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::codec::Problem;

#[derive(Debug)]
pub(crate) struct Refusal(pub(super) Problem);

impl Refusal {
    fn unfit(text: String) -> Self {
        Self(Problem::Unfit(text))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::unfit("its own `Deserialize` refuses the bytes".to_owned())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unfit(format!("{} where {expected} is expected", kind(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unfit(format!("a wrong {} where {expected} is expected", kind(unexpected)))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Self::unfit(format!("{len} elements where {expected} is expected"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::unfit("a variant that the type does not have".to_owned())
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::unfit("a field that the type does not have".to_owned())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::unfit(format!("the field `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::unfit(format!("the field `{field}` is there twice"))
    }
}

const fn kind(unexpected: Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "integer",
        Unexpected::Float(_) => "floating point number",
        Unexpected::Char(_) => "character",
        Unexpected::Str(_) => "string",
        Unexpected::Bytes(_) => "byte array",
        Unexpected::Unit => "null",
        Unexpected::Option => "option",
        Unexpected::NewtypeStruct => "newtype struct",
        Unexpected::Seq => "sequence",
        Unexpected::Map => "map",
        Unexpected::Enum => "enum",
        Unexpected::UnitVariant => "unit variant",
        Unexpected::NewtypeVariant => "newtype variant",
        Unexpected::TupleVariant => "tuple variant",
        Unexpected::StructVariant => "struct variant",
        Unexpected::Other(_) => "other value",
    }
}
