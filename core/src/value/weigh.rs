//! The size of a value, counted by serializing it into nothing.

use std::fmt;

use serde::ser::{self, Serialize};

/// Roughly how many bytes the value takes: its text and bytes in full, eight for every number,
/// and a word for every element that holds others.
///
/// A type that refuses to be serialized is weighed by its `size_of`.
pub(crate) fn serialized_size<T: Serialize>(value: &T) -> usize {
    let mut counter = Counter(0);
    match value.serialize(&mut counter) {
        Ok(()) => counter.0,
        Err(Refused) => size_of::<T>(),
    }
}

const WORD: usize = size_of::<usize>();

struct Counter(usize);

impl Counter {
    const fn add(&mut self, bytes: usize) {
        self.0 = self.0.saturating_add(bytes);
    }
}

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the type refuses to be serialized")
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! words {
    ($($method:ident: $type:ty)*) => {$(
        fn $method(self, _: $type) -> Result<(), Refused> {
            self.add(WORD);
            Ok(())
        }
    )*};
}

impl ser::Serializer for &mut Counter {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    words! {
        serialize_bool: bool serialize_char: char serialize_f32: f32 serialize_f64: f64
        serialize_i8: i8 serialize_i16: i16 serialize_i32: i32 serialize_i64: i64
        serialize_u8: u8 serialize_u16: u16 serialize_u32: u32 serialize_u64: u64
        serialize_unit_struct: &'static str
    }

    fn serialize_i128(self, _: i128) -> Result<(), Refused> {
        self.add(16);
        Ok(())
    }

    fn serialize_u128(self, _: u128) -> Result<(), Refused> {
        self.add(16);
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Refused> {
        self.add(3 * WORD + text.len());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Refused> {
        self.add(3 * WORD + bytes.len());
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.add(WORD);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &str, _: u32, _: &str) -> Result<(), Refused> {
        self.add(WORD);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &str,
        _: u32,
        _: &str,
        value: &T,
    ) -> Result<(), Refused> {
        self.add(WORD);
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Refused> {
        self.add(3 * WORD);
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &str, _: u32, _: &str, _: usize) -> Result<Self, Refused> {
        self.add(WORD);
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Refused> {
        self.add(3 * WORD);
        Ok(self)
    }

    fn serialize_struct(self, _: &str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &str, _: u32, _: &str, _: usize) -> Result<Self, Refused> {
        self.add(WORD);
        Ok(self)
    }
}

macro_rules! elements {
    ($($name:ident: $method:ident($($skip:ty)?);)*) => {$(
        impl ser::$name for &mut Counter {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $(_: $skip,)?
                value: &T,
            ) -> Result<(), Refused> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Refused> {
                Ok(())
            }
        }
    )*};
}

elements! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeStruct: serialize_field(&'static str);
    SerializeStructVariant: serialize_field(&'static str);
}

impl ser::SerializeMap for &mut Counter {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Refused> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::serialized_size;

    #[test]
    fn the_size_grows_with_the_content() {
        assert_eq!(serialized_size(&7_u64), 8);
        assert_eq!(serialized_size(&"seven"), 24 + 5);
        let rows: Vec<(i64, String)> = (0..100).map(|i| (i, "x".repeat(50))).collect();
        let size = serialized_size(&rows);
        assert!((8_000..10_000).contains(&size), "{size}");
    }
}
