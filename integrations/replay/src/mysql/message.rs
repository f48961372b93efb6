//! The messages of the protocol, as far as the endpoint needs them.
//!
//! A packet is `length u24 | number u8 | payload`. A payload of `LONGEST` bytes or more is cut, and
//! goes on in the next packet until one is shorter. The driver does not look at the numbers of the
//! packets it receives, so those of stored packets are 0.

use std::borrow::Cow;

use crate::error::Malformed;

/// A packet that is full, and goes on in the next one.
pub(super) const LONGEST: usize = 0xff_ff_ff;

/// What comes before the payload of a packet.
pub(super) const HEADER: usize = 4;

/// The only statement that the driver is ever asked to run here.
pub(super) const STATEMENT: &str = "REPLAY";

/// The end of the rows: an OK packet in the place of an EOF packet; committed by itself.
pub(super) const END: &[u8] = b"\x07\0\0\0\xfe\0\0\x02\0\0\0";

/// The answer to a response to the handshake: welcome.
pub(super) const WELCOME: &[u8] = b"\x07\0\0\x02\0\0\0\x02\0\0\0";

/// The driver's request to prepare [`STATEMENT`].
pub(super) const PREPARE: &[u8] = b"\x07\0\0\0\x16REPLAY";

/// The answer to it: the statement is number 1, without parameters, and its columns come with the
/// rows.
pub(super) const PREPARED: &[u8] = b"\x0c\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0";

/// The driver's request to run the statement.
pub(super) const EXECUTE: &[u8] = b"\x0a\0\0\0\x17\x01\0\0\0\0\x01\0\0\0";

/// The first packet of a connection: version 10 of the protocol, utf8mb4, committing by itself,
/// no way to authenticate, and of all that can be agreed on: the protocol of MySQL 4.1, and no EOF
/// packets.
pub(super) fn greeting() -> Vec<u8> {
    // `LONG_PASSWORD` (1) says that this is not MariaDB's own extension.
    const AGREED: u32 = 1 | 1 << 9 | 1 << 24;
    let [a, b, c, d] = AGREED.to_le_bytes();
    let mut payload = b"\x0a8.0.0-replay\0".to_vec();
    payload.extend([0; 13]); // connection, nonce, filler
    payload.extend([a, b, 45, 2, 0, c, d]);
    payload.extend([0; 11]); // length of the nonce, reserved
    packet(&payload)
}

/// One packet of a short payload.
pub(super) fn packet(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + payload.len());
    out.extend([0; HEADER]);
    out.extend(payload);
    close(&mut out, 0);
    out
}

/// The user in the payload of a response to the handshake.
pub(super) fn user(response: &[u8]) -> Option<&[u8]> {
    // What both can do, the longest packet, the character set, reserved.
    let rest = response.get(4 + 4 + 1 + 23..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    rest.get(..end)
}

/// Makes packets of what was written to `out` after the room for a header at `start`.
pub(super) fn close(out: &mut Vec<u8>, start: usize) {
    let mut header = start;
    while out.len() - header - HEADER >= LONGEST {
        out[header..header + 3].copy_from_slice(&[0xff; 3]);
        header += HEADER + LONGEST;
        // Moves what is left; rows of so many megabytes are rare.
        out.splice(header..header, [0; HEADER]);
    }
    if let Ok(rest) = u32::try_from(out.len() - header - HEADER) {
        out[header..header + 3].copy_from_slice(&rest.to_le_bytes()[..3]);
    }
}

/// Takes the payload of the next packets off `rest`.
pub(super) fn open<'b>(rest: &mut &'b [u8]) -> Result<Cow<'b, [u8]>, Malformed> {
    let first = part(rest)?;
    if first.len() < LONGEST {
        return Ok(Cow::Borrowed(first));
    }
    let mut whole = first.to_vec();
    loop {
        let next = part(rest)?;
        whole.extend(next);
        if next.len() < LONGEST {
            return Ok(Cow::Owned(whole));
        }
    }
}

/// Takes the payload of one packet that is not full off `rest`.
pub(super) fn single<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Malformed> {
    let payload = part(rest)?;
    if payload.len() < LONGEST { Ok(payload) } else { Err(Malformed::Damaged) }
}

fn part<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Malformed> {
    let (header, after) = rest.split_first_chunk::<HEADER>().ok_or(Malformed::Damaged)?;
    let [a, b, c, number] = *header;
    let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
    let found = after.split_at_checked(length).filter(|_| number == 0);
    let (payload, after) = found.ok_or(Malformed::Damaged)?;
    *rest = after;
    Ok(payload)
}

/// Writes a number in as few bytes as the protocol has for it.
pub(super) fn put_number(out: &mut Vec<u8>, n: usize) {
    let bytes = (n as u64).to_le_bytes();
    match n {
        ..=0xfa => out.push(bytes[0]),
        0xfb..=0xffff => {
            out.push(0xfc);
            out.extend(&bytes[..2]);
        }
        0x1_0000..=0xff_ffff => {
            out.push(0xfd);
            out.extend(&bytes[..3]);
        }
        _ => {
            out.push(0xfe);
            out.extend(bytes);
        }
    }
}

/// Takes a number off `rest` that was written in as few bytes as possible.
pub(super) fn take_number(rest: &mut &[u8]) -> Option<usize> {
    let (first, after) = rest.split_first()?;
    let (width, least) = match first {
        ..=0xfa => (0, 0),
        0xfc => (2, 0xfb),
        0xfd => (3, 0x1_0000),
        0xfe => (8, 0x100_0000),
        _ => return None,
    };
    let (digits, after) = after.split_at_checked(width)?;
    *rest = after;
    if width == 0 {
        return Some(usize::from(*first));
    }
    let n = digits.iter().rev().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    usize::try_from(n).ok().filter(|n| *n >= least)
}

/// Writes a text with its length.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len());
    out.extend(text.as_bytes());
}

/// Takes bytes with their length off `rest`.
pub(super) fn take_bytes<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = take_number(rest)?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{HEADER, LONGEST, close, open, put_number, take_number};

    #[test]
    fn a_number_is_read_as_it_was_written_and_only_so() {
        for n in [0, 1, 0xfa, 0xfb, 0xff, 0xffff, 0x1_0000, 0xff_ffff, 0x100_0000, usize::MAX] {
            let mut out = Vec::new();
            put_number(&mut out, n);
            assert_eq!(take_number(&mut out.as_slice()), Some(n));
            out.pop();
            assert_eq!(take_number(&mut out.as_slice()), None);
        }
        for longer in [&b"\xfc\xfa\0"[..], b"\xfd\xff\xff\0", b"\xfe\xff\xff\xff\0\0\0\0\0"] {
            assert_eq!(take_number(&mut &*longer), None);
        }
        for reserved in [b"\xfb", b"\xff"] {
            assert_eq!(take_number(&mut &reserved[..]), None);
        }
    }

    #[test]
    fn a_payload_is_cut_and_put_together_again() {
        for length in [0, 1, LONGEST - 1, LONGEST, LONGEST + 1, 2 * LONGEST, 2 * LONGEST + 7] {
            let payload: Vec<u8> = (0..=255_u8).cycle().take(length).collect();
            let mut out = b"before".to_vec();
            out.extend([0; HEADER]);
            out.extend(&payload);
            close(&mut out, 6);
            assert_eq!(out.len(), 6 + length + HEADER * (1 + length / LONGEST));
            let mut rest = &out[6..];
            assert!(open(&mut rest).expect("whole") == payload);
            assert!(rest.is_empty());
            assert!(open(&mut &out[6..out.len() - 1]).is_err());
        }
    }
}
