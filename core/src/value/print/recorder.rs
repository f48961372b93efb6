//! The deserializer that invents what it is asked for, and notes what that was.

use serde::de::{DeserializeSeed, Deserializer, Visitor};

use super::access::{Chosen, Elements, Fields};
use super::answers;
use super::refusal::Refusal;
use super::trace::Trace;

/// The place of one value in a run.
pub(super) struct Recorder<'t>(&'t mut Trace);

impl<'t> Recorder<'t> {
    pub(super) const fn new(trace: &'t mut Trace) -> Self {
        Self(trace)
    }

    /// Notes that something of `kind` is asked for, and answers with what the type accepts.
    fn leaf<A: Copy, T>(
        self,
        kind: &str,
        answers: &[A],
        visit: impl FnOnce(A) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.0.step(kind, &[])?;
        let answer = self.0.answer(answers);
        visit(answer)
    }

    /// Lets the visitor ask for `count` elements, one after the other.
    pub(super) fn elements<'de, V: Visitor<'de>>(
        self,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_seq(Elements::new(&mut *self.0, count))
    }

    /// Fills the container that `V` reads, or leaves it empty.
    fn container<'de, V: Visitor<'de>>(
        self,
        kind: &str,
        visitor: V,
        fill: impl FnOnce(Recorder<'_>, V, usize) -> Result<V::Value, Refusal>,
    ) -> Result<V::Value, Refusal> {
        self.0.step(kind, &[])?;
        let id = self.0.id::<V>(size_of::<V::Value>());
        let open = self.0.open(id);
        let result = fill(Recorder(&mut *self.0), visitor, usize::from(open));
        if open {
            self.0.choices.close(id);
        }
        result
    }

    fn below<T>(
        trace: &mut Trace,
        part: usize,
        read: impl FnOnce(Recorder<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let place = trace.enter(part)?;
        let result = read(Recorder(&mut *trace));
        trace.leave(place);
        result
    }

    pub(super) fn seed<'de, S: DeserializeSeed<'de>>(
        trace: &mut Trace,
        part: usize,
        seed: S,
    ) -> Result<S::Value, Refusal> {
        Self::below(trace, part, |recorder| seed.deserialize(recorder))
    }
}

macro_rules! leaves {
    ($($method:ident($kind:literal, $answers:ident) => $visit:ident($type:ty);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            self.leaf($kind, answers::$answers, |answer| visitor.$visit(<$type>::from(answer)))
        }
    )*};
}

impl<'de> Deserializer<'de> for Recorder<'_> {
    type Error = Refusal;

    leaves! {
        deserialize_bool("bool", BOOLEANS) => visit_bool(bool);
        deserialize_i16("i16", INTEGERS) => visit_i16(i16);
        deserialize_i32("i32", INTEGERS) => visit_i32(i32);
        deserialize_i64("i64", INTEGERS) => visit_i64(i64);
        deserialize_i128("i128", INTEGERS) => visit_i128(i128);
        deserialize_u8("u8", INTEGERS) => visit_u8(u8);
        deserialize_u16("u16", INTEGERS) => visit_u16(u16);
        deserialize_u32("u32", INTEGERS) => visit_u32(u32);
        deserialize_u64("u64", INTEGERS) => visit_u64(u64);
        deserialize_u128("u128", INTEGERS) => visit_u128(u128);
        deserialize_f32("f32", FLOATS) => visit_f32(f32);
        deserialize_f64("f64", FLOATS) => visit_f64(f64);
        deserialize_char("char", CHARACTERS) => visit_char(char);
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.leaf("i8", answers::INTEGERS, |answer| visitor.visit_i8(answer.cast_signed()))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.leaf("str", answers::TEXTS, |answer| visitor.visit_str(answer))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.leaf("bytes", answers::BYTES, |answer| visitor.visit_bytes(answer))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.leaf("unit", &[()], |()| visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.0.step("unit struct", &[name])?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.0.step("newtype", &[name])?;
        Self::below(self.0, 0, |recorder| visitor.visit_newtype_struct(recorder))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.container("option", visitor, |recorder, visitor, count| match count {
            0 => visitor.visit_none(),
            _ => Self::below(recorder.0, 0, |recorder| visitor.visit_some(recorder)),
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.container("sequence", visitor, |recorder, visitor, count| {
            recorder.elements(count, visitor)
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.container("map", visitor, |recorder, visitor, count| {
            visitor.visit_map(Elements::new(recorder.0, count))
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.0.step("tuple", &[])?;
        self.0.note_number(len);
        self.elements(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.0.step("tuple struct", &[name])?;
        self.0.note_number(len);
        self.elements(len, visitor)
    }

    /// By sequence, which every derived `Deserialize` understands: by name, the other names that
    /// a field may have would be fields that are there twice.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.0.step("struct", &[name])?;
        self.0.step("fields", fields)?;
        let id = self.0.id::<V>(size_of::<V::Value>());
        if self.0.choices.by_name(id) {
            return visitor.visit_map(Fields::new(&mut *self.0, fields));
        }
        let before = self.0.steps();
        let result = Recorder(&mut *self.0).elements(fields.len(), visitor);
        if result.is_err() && self.0.steps() == before {
            self.0.wants_names(id);
        }
        result
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.0.step("enum", &[name])?;
        self.0.step("variants", variants)?;
        if variants.is_empty() {
            return Err(Refusal::new());
        }
        let id = self.0.id::<V>(size_of::<V::Value>());
        let steps = self.0.steps();
        let index = self.0.choices.take(id, variants.len(), steps);
        self.0.note_number(index);
        let result = Self::below(&mut *self.0, index, |recorder| {
            visitor.visit_enum(Chosen::new(recorder.0, variants[index]))
        });
        let steps = self.0.steps();
        self.0.choices.leave(steps, result.is_ok());
        result
    }

    /// Asked for outside a struct or an enum: `flatten`, or a struct read as a map by hand. Which
    /// names it knows is not to be found out.
    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refusal> {
        Err(self.0.asked_what_comes_next())
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refusal> {
        Err(self.0.asked_what_comes_next())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refusal> {
        Err(self.0.asked_what_comes_next())
    }

    fn is_human_readable(&self) -> bool {
        self.0.human_readable
    }
}
