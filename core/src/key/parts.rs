//! Typed parts of a key and their canonical bytes.

/// Something a key can be made of.
///
/// Implemented for strings, integers, `bool`, `char`, byte slices, `Option`, references and tuples
/// of up to six parts.
pub trait KeyPart {
    /// Writes the part; two parts that differ must write different bytes.
    fn write(&self, writer: &mut KeyWriter);
}

/// Collects the canonical bytes of a key: each part as a type byte, a length and its bytes.
#[derive(Debug, Default)]
pub struct KeyWriter(Vec<u8>);

impl KeyWriter {
    /// Writes one part of the type named by `kind`.
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
    pub(in crate::key) const BOOL: u8 = b'?';
    pub(in crate::key) const CHAR: u8 = b'c';
    pub(in crate::key) const NONE: u8 = b'0';
    pub(in crate::key) const SOME: u8 = b'1';
    pub(in crate::key) const TUPLE: u8 = b'(';
}

impl KeyPart for str {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::TEXT, self.as_bytes());
    }
}

impl KeyPart for String {
    fn write(&self, writer: &mut KeyWriter) {
        self.as_str().write(writer);
    }
}

impl KeyPart for [u8] {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::BYTES, self);
    }
}

impl KeyPart for Vec<u8> {
    fn write(&self, writer: &mut KeyWriter) {
        self.as_slice().write(writer);
    }
}

impl KeyPart for bool {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::BOOL, &[u8::from(*self)]);
    }
}

impl KeyPart for char {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::CHAR, &u32::from(*self).to_le_bytes());
    }
}

impl<P: KeyPart> KeyPart for Option<P> {
    fn write(&self, writer: &mut KeyWriter) {
        match self {
            None => writer.part(kind::NONE, &[]),
            Some(part) => {
                writer.part(kind::SOME, &[]);
                part.write(writer);
            }
        }
    }
}

impl<P: KeyPart + ?Sized> KeyPart for &P {
    fn write(&self, writer: &mut KeyWriter) {
        (**self).write(writer);
    }
}

macro_rules! integers {
    ($kind:expr, $wide:ty: $($int:ty)*) => {$(
        impl KeyPart for $int {
            /// Integers of one sign are equal across widths: `1_i32` and `1_i64` are one key.
            fn write(&self, writer: &mut KeyWriter) {
                writer.part($kind, &<$wide>::from(*self).to_le_bytes());
            }
        }
    )*};
}

integers!(kind::SIGNED, i128: i8 i16 i32 i64 i128);
integers!(kind::UNSIGNED, u128: u8 u16 u32 u64 u128);

impl KeyPart for usize {
    fn write(&self, writer: &mut KeyWriter) {
        // No supported platform has pointers wider than 64 bits.
        (*self as u64).write(writer);
    }
}

impl KeyPart for isize {
    fn write(&self, writer: &mut KeyWriter) {
        (*self as i64).write(writer);
    }
}

macro_rules! tuples {
    ($($count:literal: $($part:ident)*;)*) => {$(
        impl<$($part: KeyPart),*> KeyPart for ($($part,)*) {
            #[expect(non_snake_case, reason = "the macro names values after their types")]
            fn write(&self, writer: &mut KeyWriter) {
                writer.part(kind::TUPLE, &[$count]);
                let ($($part,)*) = self;
                $($part.write(writer);)*
            }
        }
    )*};
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}

#[cfg(test)]
mod tests {
    use crate::Key;

    #[test]
    fn parts_that_differ_give_keys_that_differ() {
        let keys = [
            Key::from("1"),
            Key::from(1),
            Key::from(1_u8),
            Key::from(true),
            Key::from('1'),
            Key::from(&b"1"[..]),
            Key::from(None::<&str>),
            Key::from(Some("1")),
            Key::from(("1",)),
            Key::from(("a", "bc")),
            Key::from(("ab", "c")),
            Key::from((("a", "b"), "c")),
            Key::from(("a", ("b", "c"))),
            Key::from(("a", "b", "c")),
        ];
        for (i, a) in keys.iter().enumerate() {
            for b in &keys[i + 1..] {
                assert_ne!(a.canonical(), b.canonical());
                assert_ne!(a, b);
            }
        }
    }

    #[test]
    fn widths_of_one_sign_are_one_key() {
        assert_eq!(Key::from(1_i32), Key::from(1_i64));
        assert_eq!(Key::from(7_usize), Key::from(7_u64));
    }
}
