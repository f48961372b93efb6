//! The visitor that stands between a codec and a type.

use std::fmt;

use serde::de::{self, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};

use super::access::Elements;
use super::refusal::Refusal;
use super::{Bounds, Guard};

pub(super) struct Watched<'b, V> {
    inner: V,
    bounds: &'b Bounds,
    /// Whether the bytes say how many elements there are.
    declared: bool,
}

impl<'b, V> Watched<'b, V> {
    /// What is visited has as many elements as the bytes say.
    pub(super) const fn declared(bounds: &'b Bounds, inner: V) -> Self {
        Self { inner, bounds, declared: true }
    }

    /// What is visited has as many elements as the type says.
    pub(super) const fn fixed(bounds: &'b Bounds, inner: V) -> Self {
        Self { inner, bounds, declared: false }
    }
}

macro_rules! leaves {
    ($($method:ident: $type:ty;)*) => {$(
        fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method::<Refusal>(value).map_err(|refusal| self.bounds.refuse(refusal))
        }
    )*};
}

/// What holds others: one level deeper, and all that it hands out is guarded again.
macro_rules! nested {
    ($($method:ident: $access:ident as $guard:ident($($more:ident)?);)*) => {$(
        fn $method<A: $access<'de>>(self, access: A) -> Result<V::Value, A::Error> {
            let access = $guard::new(access, self.bounds $(, self.$more)?);
            let Self { inner, bounds, .. } = self;
            bounds
                .enter(|| inner.$method(access))
                .map_err(|refusal| bounds.refuse(refusal))
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watched<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    leaves! {
        visit_bool: bool;
        visit_i8: i8;
        visit_i16: i16;
        visit_i32: i32;
        visit_i64: i64;
        visit_i128: i128;
        visit_u8: u8;
        visit_u16: u16;
        visit_u32: u32;
        visit_u64: u64;
        visit_u128: u128;
        visit_f32: f32;
        visit_f64: f64;
        visit_char: char;
        visit_str: &str;
        visit_borrowed_str: &'de str;
        visit_string: String;
        visit_bytes: &[u8];
        visit_borrowed_bytes: &'de [u8];
        visit_byte_buf: Vec<u8>;
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none::<Refusal>().map_err(|refusal| self.bounds.refuse(refusal))
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit::<Refusal>().map_err(|refusal| self.bounds.refuse(refusal))
    }

    nested! {
        visit_some: Deserializer as Guard();
        visit_newtype_struct: Deserializer as Guard();
        visit_seq: SeqAccess as Elements(declared);
        visit_map: MapAccess as Elements(declared);
        visit_enum: EnumAccess as Guard();
    }
}
