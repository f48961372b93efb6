//! Messages of PostgreSQL's protocol, version 3, as a server sees them.

use super::reader::Reader;
use crate::error::Malformed;

pub(super) const AUTHENTICATED: &[u8] = b"R\0\0\0\x08\0\0\0\0";
pub(super) const READY: &[u8] = b"Z\0\0\0\x05I";
pub(super) const PARSED: &[u8] = b"1\0\0\0\x04";
pub(super) const BOUND: &[u8] = b"2\0\0\0\x04";
pub(super) const CLOSED: &[u8] = b"3\0\0\0\x04";
pub(super) const NO_PARAMETERS: &[u8] = b"t\0\0\0\x06\0\0";
pub(super) const NO_ROWS: &[u8] = b"n\0\0\0\x04";
pub(super) const COMPLETE: &[u8] = b"C\0\0\0\x0bSELECT\0";

/// Begins a message, of which [`end`] fills in the length.
pub(super) fn begin(kind: u8, out: &mut Vec<u8>) -> usize {
    out.push(kind);
    let begun = out.len();
    out.extend_from_slice(&[0; 4]);
    begun
}

/// Ends the message that began there, if it is not too long for one.
pub(super) fn end(begun: usize, out: &mut [u8]) -> Option<()> {
    let (_, message) = out.split_at_mut_checked(begun)?;
    let len = i32::try_from(message.len()).ok()?;
    message.first_chunk_mut::<4>()?.copy_from_slice(&len.to_be_bytes());
    Some(())
}

/// The contents of the next message, which must be of this kind.
pub(super) fn read<'a>(kind: u8, from: &mut Reader<'a>) -> Result<Reader<'a>, Malformed> {
    if from.u8()? != kind {
        return Err(Malformed::Damaged);
    }
    let len = from.count()?.checked_sub(4).ok_or(Malformed::Damaged)?;
    from.bytes(len).map(Reader::new)
}
