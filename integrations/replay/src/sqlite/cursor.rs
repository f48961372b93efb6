//! Reading numbers and byte strings off bytes that may be anybody's.

use crate::error::Malformed;

/// The next `length` bytes.
pub(super) fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Malformed> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Malformed::Damaged)?;
    *bytes = rest;
    Ok(taken)
}

/// The next `N` bytes.
pub(super) fn array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Malformed::Damaged)?;
    *bytes = rest;
    Ok(*taken)
}

/// The next byte string, behind its length.
pub(super) fn string<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let length = usize::try_from(u32::from_le_bytes(array(bytes)?));
    take(bytes, length.map_err(|_| Malformed::Damaged)?)
}
