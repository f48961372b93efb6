//! Elements, pairs and variants, each guarded like the whole.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::refusal::Refusal;
use super::visitor::Watched;
use super::{Bounds, Guard};

/// The elements of a sequence or a map.
pub(super) struct Elements<'b, A> {
    inner: A,
    bounds: &'b Bounds,
    declared: bool,
}

impl<'b, A> Elements<'b, A> {
    pub(super) const fn new(inner: A, bounds: &'b Bounds, declared: bool) -> Self {
        Self { inner, bounds, declared }
    }

    fn count(&self) -> Result<(), Refusal> {
        if self.declared { self.bounds.count_element() } else { Ok(()) }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        self.count()?;
        let seed = self.bounds.seed(seed);
        self.inner.next_element_seed(seed).map_err(|error| self.bounds.refusal(error))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(self.bounds.input))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Elements<'_, A> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        self.count()?;
        let seed = self.bounds.seed(seed);
        self.inner.next_key_seed(seed).map_err(|error| self.bounds.refusal(error))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        let seed = self.bounds.seed(seed);
        self.inner.next_value_seed(seed).map_err(|error| self.bounds.refusal(error))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(self.bounds.input))
    }
}

impl<'de, 'b, A: EnumAccess<'de>> EnumAccess<'de> for Guard<'b, A> {
    type Error = Refusal;
    type Variant = Guard<'b, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Refusal> {
        let bounds = self.bounds;
        self.inner
            .variant_seed(bounds.seed(seed))
            .map(|(value, variant)| (value, Guard::new(variant, bounds)))
            .map_err(|error| bounds.refusal(error))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Guard<'_, A> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        self.inner.unit_variant().map_err(|error| self.bounds.refusal(error))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refusal> {
        self.inner
            .newtype_variant_seed(self.bounds.seed(seed))
            .map_err(|error| self.bounds.refusal(error))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.inner
            .tuple_variant(len, Watched::fixed(self.bounds, visitor))
            .map_err(|error| self.bounds.refusal(error))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.inner
            .struct_variant(fields, Watched::fixed(self.bounds, visitor))
            .map_err(|error| self.bounds.refusal(error))
    }
}
