//! Canonical bytes as a name that people can read, and that stays injective.

use std::fmt::Write as _;

use super::parts::kind;

/// The readable name of canonical bytes.
pub(super) fn name(mut bytes: &[u8]) -> String {
    let mut name = String::with_capacity(bytes.len());
    let mut first = true;
    while let Some((kind, part, rest)) = split(bytes) {
        bytes = rest;
        // The parts of an outer tuple of two or more say all there is to say: no mark needed.
        if first && kind == kind::TUPLE && part != [1] {
            continue;
        }
        if !name.is_empty() || !first {
            name.push(':');
        }
        first = false;
        write_part(&mut name, kind, part);
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

fn write_part(name: &mut String, kind: u8, part: &[u8]) {
    match kind {
        kind::TEXT => write_text(name, part),
        kind::SIGNED => match part.try_into() {
            Ok(bytes) => drop(write!(name, "#{}", i128::from_le_bytes(bytes))),
            Err(_) => write_hex(name, kind, part),
        },
        kind::UNSIGNED => match part.try_into() {
            Ok(bytes) => drop(write!(name, "#u{}", u128::from_le_bytes(bytes))),
            Err(_) => write_hex(name, kind, part),
        },
        _ => write_hex(name, kind, part),
    }
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

fn write_hex(name: &mut String, kind: u8, part: &[u8]) {
    let _ = write!(name, "#{}", char::from(kind));
    for byte in part {
        let _ = write!(name, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::name;
    use crate::Key;

    fn readable(key: impl Into<Key>) -> String {
        name(key.into().canonical().unwrap())
    }

    #[test]
    fn names_are_readable_and_differ_where_keys_differ() {
        assert_eq!(readable(("page", "a b")), "page:a%20b");
        assert_eq!(readable(("a:b", "c")), "a%3ab:c");
        assert_eq!(readable(-5), "#-5");
        assert_eq!(readable(5_u8), "#u5");
        let names = [
            readable("a"),
            readable(("a",)),
            readable(("a", "b")),
            readable((("a", "b"), "c")),
            readable(("a", ("b", "c"))),
            readable("#5"),
            readable(""),
            readable(("", "")),
            readable(None::<i32>),
            readable(Some(5)),
            readable(true),
            readable(&b"a"[..]),
        ];
        for (i, a) in names.iter().enumerate() {
            assert!(!names[i + 1..].contains(a), "{a} stands for two keys");
        }
    }
}
