//! What is inside of what is asked for: elements, pairs, fields, and the content of a variant.

use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::recorder::Recorder;
use super::refusal::Refusal;
use super::trace::Trace;

/// The elements of a sequence or tuple, or the pairs of a map.
pub(super) struct Elements<'t> {
    trace: &'t mut Trace,
    count: usize,
    next: usize,
}

impl<'t> Elements<'t> {
    pub(super) const fn new(trace: &'t mut Trace, count: usize) -> Self {
        Self { trace, count, next: 0 }
    }

    fn next(&mut self) -> bool {
        let more = self.next < self.count;
        self.next += 1;
        more
    }
}

impl<'de> de::SeqAccess<'de> for Elements<'_> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        if !self.next() {
            return Ok(None);
        }
        Recorder::seed(self.trace, self.next, seed).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for Elements<'_> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        de::SeqAccess::next_element_seed(self, seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        Recorder::seed(self.trace, 0, seed)
    }
}

/// The fields of a struct that wants their names.
pub(super) struct Fields<'t> {
    trace: &'t mut Trace,
    fields: &'static [&'static str],
    next: usize,
}

impl<'t> Fields<'t> {
    pub(super) const fn new(trace: &'t mut Trace, fields: &'static [&'static str]) -> Self {
        Self { trace, fields, next: 0 }
    }
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        let Some(field) = self.fields.get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize((*field).into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        Recorder::seed(self.trace, self.next, seed)
    }
}

/// The variant of an enum that was chosen.
pub(super) struct Chosen<'t> {
    trace: &'t mut Trace,
    variant: &'static str,
}

impl<'t> Chosen<'t> {
    pub(super) const fn new(trace: &'t mut Trace, variant: &'static str) -> Self {
        Self { trace, variant }
    }
}

impl<'de> de::EnumAccess<'de> for Chosen<'_> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refusal> {
        let variant = seed.deserialize(self.variant.into_deserializer())?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for Chosen<'_> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        self.trace.step("unit variant", &[])
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refusal> {
        self.trace.step("newtype variant", &[])?;
        Recorder::seed(self.trace, 0, seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.trace.step("tuple variant", &[])?;
        Recorder::new(self.trace).elements(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.trace.step("struct variant", fields)?;
        Recorder::new(self.trace).elements(fields.len(), visitor)
    }
}
