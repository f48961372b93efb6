//! What holds other things.

use serde::ser::{self, Serialize};

use super::digest::{self, Elements, kind};
use super::paths::Step;
use super::serializer::{Node, Stop, Walk};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Sequence,
    Tuple,
    Map,
    Struct,
}

impl Shape {
    const fn kind(self) -> u8 {
        match self {
            Self::Sequence => kind::SEQUENCE,
            Self::Tuple => kind::TUPLE,
            Self::Map => kind::MAP,
            Self::Struct => kind::STRUCT,
        }
    }
}

/// A compound that is being walked, and what was found in it so far.
#[derive(Debug)]
pub(super) struct Compound<'p, const DIGEST: bool> {
    walk: Walk<'p, DIGEST>,
    shape: Shape,
    name: &'static str,
    variant: Option<&'static str>,
    elements: Elements,
    index: usize,
    key: u128,
}

impl<'p, const DIGEST: bool> Compound<'p, DIGEST> {
    pub(super) const fn new(
        walk: Walk<'p, DIGEST>,
        shape: Shape,
        name: &'static str,
        variant: Option<&'static str>,
    ) -> Self {
        Self { walk, shape, name, variant, elements: Elements::new(), index: 0, key: 0 }
    }

    fn walk<T: Serialize + ?Sized>(&self, step: Step, value: &T) -> Result<u128, Stop> {
        // A variant is a level of its own.
        let levels = 1 + usize::from(self.variant.is_some());
        Ok(self.walk.part(levels, step, value)?.digest)
    }

    fn in_order<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let digest = self.walk(Step::Index(self.index), value)?;
        self.index += 1;
        if DIGEST {
            self.elements.add_in_order(digest);
        }
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
        let digest = self.walk(Step::Field(name), value)?;
        if DIGEST {
            let field = digest::of(kind::FIELD, &[name.as_bytes(), &digest.to_le_bytes()]);
            self.elements.add_in_order(field);
        }
        Ok(())
    }

    fn finish(self) -> Result<Node, Stop> {
        Ok(self.walk.node(|| {
            let digest = self.elements.finish(self.shape.kind(), self.name);
            self.variant.map_or(digest, |variant| {
                digest::of(kind::VARIANT, &[variant.as_bytes(), &digest.to_le_bytes()])
            })
        }))
    }
}

impl<const DIGEST: bool> ser::SerializeSeq for Compound<'_, DIGEST> {
    type Ok = Node;
    type Error = Stop;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let digest = self.walk(Step::Element, value)?;
        self.elements.add_in_any_order(digest);
        Ok(())
    }

    fn end(self) -> Result<Node, Stop> {
        self.finish()
    }
}

impl<const DIGEST: bool> ser::SerializeMap for Compound<'_, DIGEST> {
    type Ok = Node;
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        self.key = self.walk(Step::Key, key)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let value = self.walk(Step::Value, value)?;
        if DIGEST {
            let pair = [&self.key.to_le_bytes()[..], &value.to_le_bytes()];
            self.elements.add_in_any_order(digest::of(kind::PAIR, &pair));
        }
        Ok(())
    }

    fn end(self) -> Result<Node, Stop> {
        self.finish()
    }
}

macro_rules! tuples {
    ($($name:ident: $method:ident;)*) => {$(
        impl<const DIGEST: bool> ser::$name for Compound<'_, DIGEST> {
            type Ok = Node;
            type Error = Stop;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.in_order(value)
            }

            fn end(self) -> Result<Node, Stop> {
                self.finish()
            }
        }
    )*};
}

macro_rules! structs {
    ($($name:ident)*) => {$(
        impl<const DIGEST: bool> ser::$name for Compound<'_, DIGEST> {
            type Ok = Node;
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Stop> {
                self.field(name, value)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), Stop> {
                self.walk.skip(name)
            }

            fn end(self) -> Result<Node, Stop> {
                self.finish()
            }
        }
    )*};
}

tuples! {
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

structs! { SerializeStruct SerializeStructVariant }
