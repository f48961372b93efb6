//! All that the driver knows of a type.
//!
//! Its fields are private, and neither its name nor its equality tells all of them; what tells them
//! is that it can be serialized.

use std::fmt;

use serde::Serialize;
use serde::ser::{Error, Impossible, SerializeStruct, Serializer};
use sqlx::mysql::MySqlTypeInfo;

use super::kind::Kind;
use crate::error::Unfit;

/// What a column definition says of the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    pub(super) flags: u16,
    pub(super) collation: u16,
    pub(super) max_size: u32,
}

impl Shape {
    /// The flags that the driver keeps; others never reach a row.
    pub(super) const FLAGS: u16 = !(1 << 14);

    /// The shape of a type that a column of a result has.
    pub(super) fn of(type_info: &MySqlTypeInfo) -> Result<Self, Unfit> {
        match type_info.serialize(Reader) {
            Ok(Value::Shape(shape)) => Ok(shape),
            Ok(Value::Number(_) | Value::Name(_)) | Err(Strange) => Err(Unfit::Type),
        }
    }
}

/// What a serialized type is made of.
#[derive(Clone, Copy)]
enum Value {
    Number(u32),
    Name(&'static str),
    Shape(Shape),
}

/// Reads what the driver says of the type, and nothing else.
struct Reader;

#[derive(Default)]
struct Fields {
    kind: Option<Kind>,
    flags: Option<u16>,
    collation: Option<u16>,
    max_size: Option<u32>,
}

impl SerializeStruct for Fields {
    type Ok = Value;
    type Error = Strange;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Strange> {
        let short = |n| u16::try_from(n).map_err(|_| Strange);
        match (key, value.serialize(Reader)?) {
            ("type", Value::Name(name)) => self.kind = Some(Kind::named(name).ok_or(Strange)?),
            ("flags", Value::Number(n)) => self.flags = Some(short(n)?),
            ("collation", Value::Number(n)) => self.collation = Some(short(n)?),
            ("max_size", Value::Number(n)) => self.max_size = Some(n),
            // Another version of the driver, with more to a type than is known here.
            _ => return Err(Strange),
        }
        Ok(())
    }

    fn end(self) -> Result<Value, Strange> {
        let shape = || {
            let Self { kind, flags, collation, max_size } = self;
            let (kind, flags) = (kind?, flags?);
            Some(Shape { kind, flags, collation: collation?, max_size: max_size? })
        };
        shape().map(Value::Shape).ok_or(Strange)
    }
}

/// Something that is no part of a type.
#[derive(Debug)]
struct Strange;

impl fmt::Display for Strange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no part of a type")
    }
}

impl std::error::Error for Strange {}

impl Error for Strange {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// The kinds of values that no type is made of.
macro_rules! refuse {
    ($($name:ident($($argument:ty),*) -> $ok:ty;)*) => {
        $(fn $name(self, $(_: $argument),*) -> Result<$ok, Strange> {
            Err(Strange)
        })*
    };
}

type No = Impossible<Value, Strange>;

impl Serializer for Reader {
    type Ok = Value;
    type Error = Strange;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = Fields;
    type SerializeStructVariant = No;

    fn serialize_u16(self, n: u16) -> Result<Value, Strange> {
        Ok(Value::Number(n.into()))
    }

    fn serialize_u32(self, n: u32) -> Result<Value, Strange> {
        Ok(Value::Number(n))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Strange> {
        Ok(Value::Name(variant))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Strange> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Strange> {
        value.serialize(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Strange> {
        Ok(Fields::default())
    }

    /// Flags as bits, not as their names.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, Strange> {
        Err(Strange)
    }

    refuse! {
        serialize_bool(bool) -> Value;
        serialize_i8(i8) -> Value;
        serialize_i16(i16) -> Value;
        serialize_i32(i32) -> Value;
        serialize_i64(i64) -> Value;
        serialize_u8(u8) -> Value;
        serialize_u64(u64) -> Value;
        serialize_f32(f32) -> Value;
        serialize_f64(f64) -> Value;
        serialize_char(char) -> Value;
        serialize_str(&str) -> Value;
        serialize_bytes(&[u8]) -> Value;
        serialize_none() -> Value;
        serialize_unit() -> Value;
        serialize_unit_struct(&'static str) -> Value;
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{MySql, Type};

    use super::{Kind, Shape};
    use crate::error::Unfit;

    #[test]
    fn all_of_a_type_is_read() {
        let kind = Kind::named("Tiny").expect("known");
        let shape = Shape { kind, flags: 128 + 32, collation: 63, max_size: 1 };
        assert_eq!(Shape::of(&<bool as Type<MySql>>::type_info()), Ok(shape));
    }

    #[test]
    fn a_type_that_no_column_has_is_refused() {
        // Of an argument: its size is not known.
        assert_eq!(Shape::of(&<i64 as Type<MySql>>::type_info()), Err(Unfit::Type));
    }
}
