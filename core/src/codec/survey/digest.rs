//! Digests of parts, and how they are put together.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

/// What kind of thing a digest is of: equal bytes of another kind differ.
pub(super) mod kind {
    pub(in crate::codec::survey) const BOOL: u8 = 0;
    pub(in crate::codec::survey) const SIGNED: u8 = 1;
    pub(in crate::codec::survey) const UNSIGNED: u8 = 2;
    pub(in crate::codec::survey) const F32: u8 = 3;
    pub(in crate::codec::survey) const F64: u8 = 4;
    pub(in crate::codec::survey) const CHAR: u8 = 5;
    pub(in crate::codec::survey) const TEXT: u8 = 6;
    pub(in crate::codec::survey) const BYTES: u8 = 7;
    pub(in crate::codec::survey) const NONE: u8 = 8;
    pub(in crate::codec::survey) const SOME: u8 = 9;
    pub(in crate::codec::survey) const UNIT: u8 = 10;
    pub(in crate::codec::survey) const UNIT_STRUCT: u8 = 11;
    pub(in crate::codec::survey) const NEWTYPE: u8 = 12;
    pub(in crate::codec::survey) const VARIANT: u8 = 13;
    pub(in crate::codec::survey) const SEQUENCE: u8 = 14;
    pub(in crate::codec::survey) const TUPLE: u8 = 15;
    pub(in crate::codec::survey) const MAP: u8 = 16;
    pub(in crate::codec::survey) const PAIR: u8 = 17;
    pub(in crate::codec::survey) const STRUCT: u8 = 18;
    pub(in crate::codec::survey) const FIELD: u8 = 19;
}

/// The digest of parts, each after its length. Not keyed: it never leaves the comparison.
pub(super) fn of(kind: u8, parts: &[&[u8]]) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write_u8(kind);
    for part in parts {
        hasher.write_u64(part.len() as u64);
        hasher.write(part);
    }
    hasher.finish128().into()
}

/// The digests of elements, one after the other or in any order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements {
    count: u64,
    sum: u128,
}

impl Elements {
    pub(super) const fn new() -> Self {
        Self { count: 0, sum: 0 }
    }

    pub(super) fn add_in_any_order(&mut self, digest: u128) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(digest);
    }

    pub(super) fn add_in_order(&mut self, digest: u128) {
        self.count += 1;
        self.sum = of(kind::PAIR, &[&self.sum.to_le_bytes(), &digest.to_le_bytes()]);
    }

    /// The digest of all of them, under a name.
    pub(super) fn finish(self, kind: u8, name: &str) -> u128 {
        of(kind, &[name.as_bytes(), &self.count.to_le_bytes(), &self.sum.to_le_bytes()])
    }
}
