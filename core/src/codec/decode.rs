//! From bytes to a value. The bytes are untrusted: see `guard/` for what is refused.

use std::io::ErrorKind::UnexpectedEof;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::guard::{Bounds, Seed};
use super::{Codec, CodecError, Problem};

/// The limit counts sizes in memory; the guard has seen to it that none of it is allocated before
/// its bytes are there.
#[cfg(feature = "bincode")]
pub(super) const BINCODE: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ 1 << 30 }>,
> = bincode::config::standard().with_limit::<{ 1 << 30 }>();

/// The value that `bytes` are, to the last byte.
///
/// # Errors
///
/// They are not a `T` written with this codec.
pub(crate) fn decode<T: DeserializeOwned>(codec: Codec, bytes: &[u8]) -> Result<T, CodecError> {
    let bounds = Bounds::new(bytes.len());
    let read = match codec {
        Codec::MessagePack => message_pack(bytes, &bounds),
        #[cfg(feature = "bincode")]
        Codec::Bincode => bincode(bytes, &bounds),
        #[cfg(feature = "json")]
        Codec::Json => json(bytes, &bounds),
    };
    read.map_err(|problem| CodecError::new::<T>(codec, problem))
}

fn message_pack<T: DeserializeOwned>(bytes: &[u8], bounds: &Bounds) -> Result<T, Problem> {
    let mut decoder = rmp_serde::Deserializer::from_read_ref(bytes);
    let value = bounds.read(Seed::of(), &mut decoder)?;
    // The decoder does not tell where it stands: it is at the end if there is no marker to be read.
    match IgnoredAny::deserialize(&mut decoder) {
        Err(rmp_serde::decode::Error::InvalidMarkerRead(end)) if end.kind() == UnexpectedEof => {
            Ok(value)
        }
        _ => Err(Problem::Trailing),
    }
}

#[cfg(feature = "bincode")]
fn bincode<T: DeserializeOwned>(bytes: &[u8], bounds: &Bounds) -> Result<T, Problem> {
    let seed = bounds.seed(Seed::of());
    match bincode::serde::seed_decode_from_slice(seed, bytes, BINCODE) {
        Ok((value, read)) if read == bytes.len() => Ok(value),
        Ok(_) => Err(Problem::Trailing),
        Err(_) => Err(bounds.problem()),
    }
}

#[cfg(feature = "json")]
fn json<T: DeserializeOwned>(bytes: &[u8], bounds: &Bounds) -> Result<T, Problem> {
    let mut decoder = serde_json::Deserializer::from_slice(bytes);
    let value = bounds.read(Seed::of(), &mut decoder)?;
    decoder.end().map_err(|_| Problem::Trailing)?;
    Ok(value)
}
