//! Canonical bytes as a name that people can read, and that stays injective.
//!
//! A name is made of tokens with `:` between them, one for every part. A text is a token without
//! `#`; every other token begins with `#` and a letter, a digit or a sign that says its type. The
//! mark of an outermost tuple of two or more is left out. That is unambiguous, because no part
//! begins with another whole one: a single part never reads like two. Only visible ASCII occurs.
//!
//! Names are what shared backends know entries by. A change here makes every cache cold, so a test
//! holds a dozen of them fast.

use std::fmt::{Display, Write as _};

use super::parts::kind;

/// The readable name of canonical bytes.
pub(super) fn name(bytes: &[u8]) -> String {
    let mut name = String::with_capacity(bytes.len());
    let mut rest = match split(bytes) {
        Some((kind::TUPLE, &[count], parts)) if count >= 2 => parts,
        _ => bytes,
    };
    while let Some((kind, part, parts)) = split(rest) {
        write_token(&mut name, kind, part);
        if !parts.is_empty() {
            name.push(':');
        }
        rest = parts;
    }
    name
}

fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (part, rest) = rest.split_at_checked(length)?;
    Some((kind, part, rest))
}

fn write_token(name: &mut String, kind: u8, part: &[u8]) {
    if kind == kind::TEXT {
        return write_text(name, part);
    }
    if token(name, kind, part).is_none() {
        write_hex(name, format_args!("x{kind:02x}"), part);
    }
}

/// Writes the token of a type that is known; `None` if the type or the part's form is not.
fn token(name: &mut String, kind: u8, part: &[u8]) -> Option<()> {
    match (kind, part) {
        (kind::SIGNED, _) => mark(name, i128::from_le_bytes(part.try_into().ok()?)),
        (kind::UNSIGNED, _) => {
            mark(name, format_args!("u{}", u128::from_le_bytes(part.try_into().ok()?)));
        }
        (kind::FLOAT, _) => {
            mark(name, format_args!("d{:016x}", u64::from_le_bytes(part.try_into().ok()?)));
        }
        (kind::DURATION, _) => {
            mark(name, format_args!("D{}", u128::from_le_bytes(part.try_into().ok()?)));
        }
        (kind::CHAR, _) => {
            let character = char::from_u32(u32::from_le_bytes(part.try_into().ok()?))?;
            mark(name, 'c');
            write_text(name, character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        (kind::LIST, _) => {
            mark(name, format_args!("[{}", u64::from_le_bytes(part.try_into().ok()?)));
        }
        (kind::TUPLE, [count]) => mark(name, format_args!("({count}")),
        (kind::BOOL, [0]) => mark(name, false),
        (kind::BOOL, [1]) => mark(name, true),
        (kind::NONE, []) => mark(name, "none"),
        (kind::SOME, []) => mark(name, "some"),
        (kind::BYTES, _) => write_hex(name, 'b', part),
        (kind::ADDRESS, _) => write_hex(name, 'a', part),
        _ => return None,
    }
    Some(())
}

fn mark(name: &mut String, what: impl Display) {
    // Writing to a `String` cannot fail.
    let _ = write!(name, "#{what}");
}

fn write_text(name: &mut String, part: &[u8]) {
    for &byte in part {
        if byte.is_ascii_graphic() && !matches!(byte, b'%' | b':' | b'#') {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02x}");
        }
    }
}

fn write_hex(name: &mut String, letter: impl Display, part: &[u8]) {
    mark(name, letter);
    for byte in part {
        let _ = write!(name, "{byte:02x}");
    }
}
