//! The hash of the set of visited states.

use std::hash::Hasher;

/// A multiplicative hash: states are small and made by ourselves, and in a debug build the
/// standard one takes most of the time of a search.
#[derive(Default)]
pub(super) struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u8(*byte);
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    /// Which variant of an enum it is.
    fn write_isize(&mut self, variant: isize) {
        self.write_u64(variant.unsigned_abs() as u64);
    }

    /// Lengths of arrays, and cells.
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// The set looks at the top and the bottom bits; multiplying has mixed only the top ones.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}
