//! A deserializer around a deserializer that refuses what is not worth its bytes.
//!
//! The codecs trust lengths and nesting to different degrees: bincode follows nesting to the end of
//! the stack and reads 2^64 empty elements if told to, MessagePack does not count the nesting of
//! enums. Around each of them this keeps one rule: at most [`MAX_DEPTH`] levels, no size hint larger
//! than the input, no more elements than the input has bytes (and a few that take none), and
//! no buffer that is allocated before its bytes are there. What has its length from the type, such
//! as a struct, is not counted: bincode spends no byte on it.
//!
//! It also replaces the texts of errors, which quote values, by texts that do not.

mod access;
mod refusal;
mod visitor;

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, Visitor};

use super::Problem;
use refusal::Refusal;
use visitor::Watched;

/// How deep values nest at most: structs, sequences, maps, enums and `Some` each count one.
///
/// As many as serde_json follows, and a worker's stack of 2 MiB has room for them in debug builds.
pub(super) const MAX_DEPTH: usize = 127;

/// Elements that take no bytes, such as `()`, are free up to this number.
const EMPTY_ELEMENTS: usize = 65_536;

/// What is left of one decoding's allowances.
#[derive(Debug)]
pub(super) struct Bounds {
    input: usize,
    depth: Cell<usize>,
    elements: Cell<usize>,
    met: RefCell<Option<Problem>>,
}

impl Bounds {
    /// The bounds for an input of so many bytes.
    pub(super) const fn new(input: usize) -> Self {
        Self {
            input,
            depth: Cell::new(MAX_DEPTH),
            elements: Cell::new(input.saturating_add(EMPTY_ELEMENTS)),
            met: RefCell::new(None),
        }
    }

    /// A seed that keeps to these bounds.
    pub(super) const fn seed<S>(&self, seed: S) -> Guard<'_, S> {
        Guard::new(seed, self)
    }

    /// Reads what `seed` says from `decoder`, within these bounds.
    ///
    /// # Errors
    ///
    /// What was met first.
    pub(super) fn read<'de, S: DeserializeSeed<'de>, D: Deserializer<'de>>(
        &self,
        seed: S,
        decoder: D,
    ) -> Result<S::Value, Problem> {
        self.seed(seed).deserialize(decoder).map_err(|_| self.problem())
    }

    /// What was met first; without a word from the type it was the codec that refused the bytes.
    pub(super) fn problem(&self) -> Problem {
        self.met.take().unwrap_or(Problem::Malformed)
    }

    fn enter<T>(&self, read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
        let depth = self.depth.get();
        self.depth.set(depth.checked_sub(1).ok_or(Refusal(Problem::TooDeep))?);
        let value = read();
        self.depth.set(depth);
        value
    }

    /// One element of a sequence or map whose length the bytes declare.
    fn count_element(&self) -> Result<(), Refusal> {
        let left = self.elements.get().checked_sub(1).ok_or(Refusal(Problem::TooMany))?;
        self.elements.set(left);
        Ok(())
    }

    /// Keeps the refusal, and gives the codec an error of its own kind to hand up.
    fn refuse<E: de::Error>(&self, refusal: Refusal) -> E {
        self.met.borrow_mut().get_or_insert(refusal.0);
        E::custom("refused")
    }

    /// The refusal that the codec's error stands for.
    fn refusal<E>(&self, _: E) -> Refusal {
        Refusal(self.problem())
    }
}

/// Something of serde's and the bounds that it is to keep.
pub(super) struct Guard<'b, T> {
    inner: T,
    bounds: &'b Bounds,
}

impl<'b, T> Guard<'b, T> {
    const fn new(inner: T, bounds: &'b Bounds) -> Self {
        Self { inner, bounds }
    }
}

/// The seed of a plain `T`.
pub(super) struct Seed<T>(PhantomData<T>);

impl<T> Seed<T> {
    pub(super) const fn of() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, decoder: D) -> Result<T, D::Error> {
        T::deserialize(decoder)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Guard<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, decoder: D) -> Result<S::Value, D::Error> {
        let guarded = Guard::new(decoder, self.bounds);
        self.inner.deserialize(guarded).map_err(|refusal| self.bounds.refuse(refusal))
    }
}

macro_rules! forward {
    ($watch:ident: $($method:ident => $target:ident($($name:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $($name: $type,)*
            visitor: V,
        ) -> Result<V::Value, Refusal> {
            let bounds = self.bounds;
            self.inner
                .$target($($name,)* Watched::$watch(bounds, visitor))
                .map_err(|error| bounds.refusal(error))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Guard<'_, D> {
    type Error = Refusal;

    forward! { declared:
        deserialize_any => deserialize_any();
        deserialize_bool => deserialize_bool();
        deserialize_i8 => deserialize_i8();
        deserialize_i16 => deserialize_i16();
        deserialize_i32 => deserialize_i32();
        deserialize_i64 => deserialize_i64();
        deserialize_i128 => deserialize_i128();
        deserialize_u8 => deserialize_u8();
        deserialize_u16 => deserialize_u16();
        deserialize_u32 => deserialize_u32();
        deserialize_u64 => deserialize_u64();
        deserialize_u128 => deserialize_u128();
        deserialize_f32 => deserialize_f32();
        deserialize_f64 => deserialize_f64();
        deserialize_char => deserialize_char();
        deserialize_str => deserialize_str();
        // An owned string or buffer is one that bincode allocates by its declared length. A borrowed
        // one is compared with the input first, and its visitor copies it.
        deserialize_string => deserialize_str();
        deserialize_bytes => deserialize_bytes();
        deserialize_byte_buf => deserialize_bytes();
        deserialize_option => deserialize_option();
        deserialize_unit => deserialize_unit();
        deserialize_unit_struct => deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct => deserialize_newtype_struct(name: &'static str);
        deserialize_seq => deserialize_seq();
        deserialize_map => deserialize_map();
        deserialize_identifier => deserialize_identifier();
        deserialize_ignored_any => deserialize_ignored_any();
        deserialize_enum => deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }

    forward! { fixed:
        deserialize_tuple => deserialize_tuple(len: usize);
        deserialize_tuple_struct => deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_struct => deserialize_struct(name: &'static str, fields: &'static [&'static str]);
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
