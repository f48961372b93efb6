//! A hasher for keys that are hashes already.

use std::hash::{BuildHasher, Hasher};

/// Takes the low half of a 128-bit digest for the hash.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct IdentityHash;

impl BuildHasher for IdentityHash {
    type Hasher = Identity;

    fn build_hasher(&self) -> Identity {
        Identity(0)
    }
}

#[derive(Debug)]
pub(crate) struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
        }
    }

    fn write_u128(&mut self, digest: u128) {
        let [a, b, c, d, e, f, g, h, ..] = digest.to_le_bytes();
        self.0 = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
