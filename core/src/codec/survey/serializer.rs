//! The serializer that writes nothing.

use std::fmt;

use serde::ser::{self, Serialize};

use super::compound::{Compound, Shape};
use super::digest::{self, kind};
use super::paths::{Paths, Step};
use crate::codec::{Codec, Hazard};

/// How deep a value may nest. A decoder follows some levels more: a type may be read with a level
/// that it is not written with.
const MAX_DEPTH: usize = crate::codec::guard::MAX_DEPTH - 7;

/// One walk over a value. Without `DIGEST` it only looks for hazards, and hashes nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'p, const DIGEST: bool> {
    /// Whose hazards to look for.
    codec: Option<Codec>,
    human: bool,
    depth: usize,
    paths: Option<&'p Paths>,
}

/// What the walk says of a part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) digest: u128,
    /// Whether the codec writes it as it writes `None`.
    null: bool,
}

/// Why a walk ended early, and where.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) hazard: Option<Hazard>,
    pub(super) at: String,
}

impl Stop {
    const fn hazard(hazard: Hazard) -> Self {
        Self { hazard: Some(hazard), at: String::new() }
    }

    fn below(mut self, step: Step) -> Self {
        self.at.insert_str(0, &step.to_string());
        self
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value is not walked further")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self { hazard: None, at: String::new() }
    }
}

impl<const DIGEST: bool> Walk<'static, DIGEST> {
    pub(super) const fn for_hazards(codec: Codec) -> Self {
        Self { codec: Some(codec), human: codec.is_human_readable(), depth: 0, paths: None }
    }
}

impl<'p, const DIGEST: bool> Walk<'p, DIGEST> {
    pub(super) const fn for_digest(human: bool, paths: Option<&'p Paths>) -> Self {
        Self { codec: None, human, depth: 0, paths }
    }

    pub(super) fn node(self, digest: impl FnOnce() -> u128) -> Node {
        Node { digest: if DIGEST { digest() } else { 0 }, null: false }
    }

    /// Walks on below, `levels` deeper, along `step`.
    pub(super) fn part<T: Serialize + ?Sized>(
        mut self,
        levels: usize,
        step: Step,
        value: &T,
    ) -> Result<Node, Stop> {
        self.depth += levels;
        if self.codec.is_some() && self.depth > MAX_DEPTH {
            return Err(Stop::hazard(Hazard::TooDeep));
        }
        let Some(paths) = self.paths else {
            return value.serialize(self).map_err(|stop| stop.below(step));
        };
        let before = paths.down(step);
        let node = value.serialize(self);
        paths.up(before, node.as_ref().map_or(0, |node| node.digest));
        node
    }

    /// Notes that a field is left out.
    pub(super) fn skip(self, field: &'static str) -> Result<(), Stop> {
        match self.codec {
            Some(codec) if !codec.describes_itself() => {
                Err(Stop::hazard(Hazard::SkippedField).below(Step::Field(field)))
            }
            _ => Ok(()),
        }
    }

    fn leaf(self, kind: u8, bytes: &[u8]) -> Result<Node, Stop> {
        Ok(self.node(|| digest::of(kind, &[bytes])))
    }

    /// bincode writes a byte before what an option holds, so that it always knows.
    fn null(self, kind: u8) -> Result<Node, Stop> {
        let null = self.codec.is_some_and(Codec::describes_itself);
        Ok(Node { null, ..self.leaf(kind, &[])? })
    }

    fn float(self, kind: u8, finite: bool, bits: &[u8]) -> Result<Node, Stop> {
        // Only JSON is for people, and only JSON has no such numbers.
        if !finite && self.codec.is_some_and(Codec::is_human_readable) {
            return Err(Stop::hazard(Hazard::NotANumber));
        }
        self.leaf(kind, bits)
    }

    const fn compound(self, shape: Shape, name: &'static str) -> Compound<'p, DIGEST> {
        Compound::new(self, shape, name, None)
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty => $kind:ident;)*) => {$(
        fn $method(self, value: $type) -> Result<Node, Stop> {
            self.leaf(kind::$kind, &value.to_le_bytes())
        }
    )*};
}

impl<'p, const DIGEST: bool> ser::Serializer for Walk<'p, DIGEST> {
    type Ok = Node;
    type Error = Stop;
    type SerializeSeq = Compound<'p, DIGEST>;
    type SerializeTuple = Compound<'p, DIGEST>;
    type SerializeTupleStruct = Compound<'p, DIGEST>;
    type SerializeTupleVariant = Compound<'p, DIGEST>;
    type SerializeMap = Compound<'p, DIGEST>;
    type SerializeStruct = Compound<'p, DIGEST>;
    type SerializeStructVariant = Compound<'p, DIGEST>;

    numbers! {
        serialize_i8: i8 => SIGNED;
        serialize_i16: i16 => SIGNED;
        serialize_i32: i32 => SIGNED;
        serialize_i64: i64 => SIGNED;
        serialize_i128: i128 => SIGNED;
        serialize_u8: u8 => UNSIGNED;
        serialize_u16: u16 => UNSIGNED;
        serialize_u32: u32 => UNSIGNED;
        serialize_u64: u64 => UNSIGNED;
        serialize_u128: u128 => UNSIGNED;
    }

    fn is_human_readable(&self) -> bool {
        self.human
    }

    fn serialize_bool(self, value: bool) -> Result<Node, Stop> {
        self.leaf(kind::BOOL, &[u8::from(value)])
    }

    fn serialize_f32(self, value: f32) -> Result<Node, Stop> {
        self.float(kind::F32, value.is_finite(), &value.to_bits().to_le_bytes())
    }

    fn serialize_f64(self, value: f64) -> Result<Node, Stop> {
        self.float(kind::F64, value.is_finite(), &value.to_bits().to_le_bytes())
    }

    fn serialize_char(self, value: char) -> Result<Node, Stop> {
        self.leaf(kind::CHAR, &u32::from(value).to_le_bytes())
    }

    fn serialize_str(self, value: &str) -> Result<Node, Stop> {
        self.leaf(kind::TEXT, value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Node, Stop> {
        self.leaf(kind::BYTES, value)
    }

    fn serialize_none(self) -> Result<Node, Stop> {
        self.null(kind::NONE)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, Stop> {
        let node = self.part(1, Step::Through, value)?;
        if node.null {
            return Err(Stop::hazard(Hazard::NestedNone));
        }
        Ok(self.node(|| digest::of(kind::SOME, &[&node.digest.to_le_bytes()])))
    }

    fn serialize_unit(self) -> Result<Node, Stop> {
        self.null(kind::UNIT)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Node, Stop> {
        let node = self.null(kind::UNIT_STRUCT)?;
        // MessagePack writes it as an empty array.
        let null = node.null && self.human;
        let digest = self.node(|| digest::of(kind::UNIT_STRUCT, &[name.as_bytes()])).digest;
        Ok(Node { digest, null })
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Node, Stop> {
        Ok(self.node(|| digest::of(kind::VARIANT, &[name.as_bytes(), variant.as_bytes()])))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Node, Stop> {
        let node = self.part(1, Step::Through, value)?;
        let digest = || digest::of(kind::NEWTYPE, &[name.as_bytes(), &node.digest.to_le_bytes()]);
        Ok(Node { null: node.null, ..self.node(digest) })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, Stop> {
        let node = self.part(1, Step::Variant(variant), value)?;
        Ok(self.node(|| {
            let content = node.digest.to_le_bytes();
            digest::of(kind::VARIANT, &[name.as_bytes(), variant.as_bytes(), &content])
        }))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'p, DIGEST>, Stop> {
        Ok(self.compound(Shape::Sequence, ""))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'p, DIGEST>, Stop> {
        Ok(self.compound(Shape::Tuple, ""))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Compound<'p, DIGEST>, Stop> {
        Ok(self.compound(Shape::Tuple, name))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'p, DIGEST>, Stop> {
        Ok(Compound::new(self, Shape::Tuple, name, Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'p, DIGEST>, Stop> {
        Ok(self.compound(Shape::Map, ""))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'p, DIGEST>, Stop> {
        Ok(self.compound(Shape::Struct, name))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'p, DIGEST>, Stop> {
        Ok(Compound::new(self, Shape::Struct, name, Some(variant)))
    }
}
