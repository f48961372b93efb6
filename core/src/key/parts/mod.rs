//! Typed parts of a key and their canonical bytes.

mod composed;
mod scalars;

/// Something a key can be made of.
///
/// Implemented for strings, byte strings, integers, floats, `bool`, `char`, addresses of the
/// Internet, `Duration`, `Option`, lists, tuples of up to twelve parts, and references, boxes and
/// such to all of these.
///
/// A type of your own hands its fields on as one part: a tuple of them, or the only one.
///
/// ```
/// use dogpile::{Key, KeyPart, KeyWriter};
///
/// struct Slug {
///     tenant: u32,
///     path: String,
/// }
///
/// impl KeyPart for Slug {
///     fn write(&self, writer: &mut KeyWriter) {
///         (self.tenant, &self.path).write(writer);
///     }
/// }
///
/// let page = Slug { tenant: 7, path: "home".into() };
/// assert_eq!(Key::from(page), Key::from((7_u32, "home")));
/// ```
pub trait KeyPart {
    /// Writes the part; two parts that differ must write different bytes, and none of them the
    /// beginning of another's.
    fn write(&self, writer: &mut KeyWriter);

    /// Writes a list of such parts. Only bytes do it in a way of their own.
    #[doc(hidden)]
    fn write_list(parts: &[Self], writer: &mut KeyWriter)
    where
        Self: Sized,
    {
        writer.part(kind::LIST, &(parts.len() as u64).to_le_bytes());
        parts.iter().for_each(|part| part.write(writer));
    }
}

/// Collects the canonical bytes of a key: each part as a type byte, a length and its bytes.
#[derive(Debug, Default)]
pub struct KeyWriter(Vec<u8>);

impl KeyWriter {
    /// Writes one part of the type named by `kind`: from 128 for types of your own, the rest are
    /// dogpile's.
    pub fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.0.push(kind);
        self.0.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The type bytes. Never renumber them: they are part of what a shared backend's keys are made of.
pub(super) mod kind {
    pub(in crate::key) const TEXT: u8 = b't';
    pub(in crate::key) const BYTES: u8 = b'b';
    pub(in crate::key) const SIGNED: u8 = b'i';
    pub(in crate::key) const UNSIGNED: u8 = b'u';
    pub(in crate::key) const FLOAT: u8 = b'f';
    pub(in crate::key) const BOOL: u8 = b'?';
    pub(in crate::key) const CHAR: u8 = b'c';
    pub(in crate::key) const ADDRESS: u8 = b'a';
    pub(in crate::key) const DURATION: u8 = b'd';
    pub(in crate::key) const NONE: u8 = b'0';
    pub(in crate::key) const SOME: u8 = b'1';
    pub(in crate::key) const TUPLE: u8 = b'(';
    pub(in crate::key) const LIST: u8 = b'[';
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::net::{IpAddr, Ipv4Addr};
    use std::num::NonZeroU32;
    use std::sync::Arc;

    use crate::{Key, millis};

    #[test]
    fn parts_that_differ_give_keys_that_differ() {
        let keys = [
            Key::from("1"),
            Key::from(1),
            Key::from(1_u8),
            Key::from(1.0),
            Key::from(0.0),
            Key::from(-0.0),
            Key::from(true),
            Key::from('1'),
            Key::from(b"1"),
            Key::from(millis(1)),
            Key::from(IpAddr::from([0, 0, 0, 1])),
            Key::from(IpAddr::from([0, 0, 0, 0, 0, 0xffff, 0, 1])),
            Key::from(None::<&str>),
            Key::from(Some("1")),
            Key::from(Some(Some("1"))),
            Key::from(Some(None::<&str>)),
            Key::from(("1",)),
            Key::from(["1"]),
            Key::from(("a", "bc")),
            Key::from(("ab", "c")),
            Key::from(["ab", "c"]),
            Key::from((("a", "b"), "c")),
            Key::from(("a", ("b", "c"))),
            Key::from(("a", "b", "c")),
            Key::from(["a", "b", "c"]),
            Key::from((["a"], ["b", "c"])),
            Key::from((["a", "b"], ["c"])),
            Key::from(Vec::<&str>::new()),
            Key::from(""),
            Key::from(b""),
        ];
        for (i, a) in keys.iter().enumerate() {
            for b in &keys[i + 1..] {
                assert_ne!(a.canonical(), b.canonical());
                assert_ne!(a, b);
            }
        }
    }

    #[test]
    fn forms_of_one_value_are_one_key() {
        assert_eq!(Key::from(1_i32), Key::from(1_i64));
        assert_eq!(Key::from(7_usize), Key::from(7_u64));
        assert_eq!(Key::from(NonZeroU32::MIN), Key::from(1_u32));
        assert_eq!(Key::from(1.5_f32), Key::from(1.5_f64));
        assert_eq!(Key::from(f64::NAN), Key::from(-f64::NAN));
        assert_eq!(Key::from(f64::NAN), Key::from(f32::NAN));
        assert_eq!(Key::from(vec![1, 2]), Key::from([1, 2]));
        assert_eq!(Key::from(vec![1_u8, 2]), Key::from(&[1_u8, 2][..]));
        assert_eq!(Key::from([1_u8, 2]), Key::from(&[1_u8, 2][..]));
        assert_eq!(Key::from(IpAddr::from([127, 0, 0, 1])), Key::from(Ipv4Addr::LOCALHOST));
        for text in [
            Key::from(String::from("a")),
            Key::from(Cow::Borrowed("a")),
            Key::from(Arc::<str>::from("a")),
            Key::from(Box::<str>::from("a")),
            Key::from(&&"a"),
        ] {
            assert_eq!(text, Key::from("a"));
        }
    }

    #[test]
    fn twelve_parts_are_a_key() {
        let twelve = Key::from((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
        assert_ne!(twelve, Key::from((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
    }
}
