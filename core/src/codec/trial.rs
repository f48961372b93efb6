//! Whether a value survives its codec.

use super::{Codec, CodecError, Problem, decode, survey};
use crate::value::{TypePrint, Value};

/// Decodes `bytes` and compares what comes out with `value`.
///
/// `Eq` is not asked for: what is compared is what the value shows to a serializer, in its
/// human-readable form and in the other. A field that is never serialized is not seen.
///
/// # Errors
///
/// They differ, or the bytes cannot be decoded.
pub(super) fn trial<T: Value>(codec: Codec, value: &T, bytes: &[u8]) -> Result<(), CodecError> {
    let refuse = |problem| Err(CodecError::new::<T>(codec, problem));
    if !codec.describes_itself() && TypePrint::asks_what_comes_next::<T>(codec) {
        return refuse(Problem::NotSelfDescribing);
    }
    let back = decode::<T>(codec, bytes)?;
    match survey::difference(value, &back) {
        None => Ok(()),
        Some(at) => refuse(Problem::Changed { at }),
    }
}
