//! From a value to bytes.

use serde::Serialize;

use super::{Codec, CodecError, Problem, survey};

/// The value's bytes.
///
/// # Errors
///
/// The type cannot be written with this codec, or the bytes would be those of another value.
pub(crate) fn encode<T: Serialize>(codec: Codec, value: &T) -> Result<Vec<u8>, CodecError> {
    survey::hazards(codec, value).map_err(|problem| CodecError::new::<T>(codec, problem))?;
    write(codec, value).ok_or_else(|| CodecError::new::<T>(codec, Problem::Unencodable))
}

/// What the codec itself says is dropped: it may quote the value.
fn write<T: Serialize>(codec: Codec, value: &T) -> Option<Vec<u8>> {
    match codec {
        Codec::MessagePack => rmp_serde::to_vec_named(value).ok(),
        #[cfg(feature = "bincode")]
        Codec::Bincode => bincode::serde::encode_to_vec(value, super::decode::BINCODE).ok(),
        #[cfg(feature = "json")]
        Codec::Json => serde_json::to_vec(value).ok(),
    }
}
