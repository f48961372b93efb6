//! What a region needs to know of a type to send its values elsewhere.

use std::fmt;

use super::{Codec, CodecError, decode, encode, trial};
use crate::value::{TypePrint, Value};

/// A table of functions for the values of one type, so that what works with bytes needs no `T`.
pub(crate) struct Wire<T> {
    /// The value's bytes; see [`encode()`].
    pub(crate) encode: fn(Codec, &T) -> Result<Vec<u8>, CodecError>,
    /// The value that the bytes are; see [`decode()`].
    pub(crate) decode: fn(Codec, &[u8]) -> Result<T, CodecError>,
    /// The fingerprint of the type, memoised; see [`TypePrint`].
    pub(crate) print: fn(Codec) -> TypePrint,
    /// Whether the bytes, decoded, are the same value.
    pub(crate) trial: fn(Codec, &T, &[u8]) -> Result<(), CodecError>,
}

impl<T: Value> Wire<T> {
    /// The table for `T`.
    pub(crate) const fn new() -> Self {
        Self {
            encode: encode::<T>,
            decode: decode::<T>,
            print: TypePrint::of::<T>,
            trial: trial::trial::<T>,
        }
    }
}

impl<T> Clone for Wire<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Wire<T> {}

impl<T> fmt::Debug for Wire<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire<{}>", std::any::type_name::<T>())
    }
}
