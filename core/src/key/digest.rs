//! Digests: 128 bits to look a key up, and 128 independent bits to be sure.

use std::fmt;
use std::hash::Hasher;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};
use siphasher::sip128::{Hasher128, SipHasher13};

/// Two independent 128-bit hashes of the same bytes.
///
/// `lookup` finds an entry. `check` is stored in the entry and compared at every hit, so that an
/// entry whose `lookup` happens to collide is a miss and never another key's value (invariant I9).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    /// What the local tier is keyed by.
    pub lookup: u128,
    /// What the entry is compared with.
    pub check: u128,
}

impl Digest {
    /// The two halves of a SHA-256, so that `lookup` prints as its first 32 hex digits.
    fn halves(hash: [u8; 32]) -> Self {
        let (mut lookup, mut check) = ([0; 16], [0; 16]);
        lookup.copy_from_slice(&hash[..16]);
        check.copy_from_slice(&hash[16..]);
        Self { lookup: u128::from_be_bytes(lookup), check: u128::from_be_bytes(check) }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.lookup)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Takes bytes in, in as many pieces as one likes, and gives their [`Digest`].
///
/// It also implements [`fmt::Write`], so that a `Debug` output can be streamed into it without ever
/// being a string.
#[derive(Clone)]
pub struct DigestHasher(Form);

#[derive(Clone)]
enum Form {
    /// Two SipHash-1-3 with keys of this process: quick, and of no meaning to another process.
    Process { lookup: SipHasher13, check: SipHasher13 },
    /// SHA-256: the same everywhere and for ever.
    Stable(Sha256),
}

impl DigestHasher {
    /// A hasher whose digests are the same in every process and in every version: SHA-256.
    pub fn stable() -> Self {
        Self(Form::Stable(Sha256::new()))
    }

    /// Takes in `bytes` as they are.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Form::Process { lookup, check } => {
                lookup.write(bytes);
                check.write(bytes);
            }
            Form::Stable(hash) => hash.update(bytes),
        }
    }

    /// Takes in `bytes` after their length, so that neighbours cannot run into each other.
    pub fn write_part(&mut self, bytes: &[u8]) {
        self.write(&(bytes.len() as u64).to_le_bytes());
        self.write(bytes);
    }

    /// The digest of all that was taken in.
    #[inline]
    pub fn finish(self) -> Digest {
        match self.0 {
            Form::Process { lookup, check } => {
                Digest { lookup: lookup.finish128().into(), check: check.finish128().into() }
            }
            Form::Stable(hash) => Digest::halves(hash.finalize().into()),
        }
    }
}

impl Default for DigestHasher {
    /// A hasher keyed for this process: SipHash-1-3 with keys drawn at random, once.
    #[inline]
    fn default() -> Self {
        static KEYS: OnceLock<[u64; 4]> = OnceLock::new();
        let [a, b, c, d] = *KEYS.get_or_init(rand::random);
        Self(Form::Process {
            lookup: SipHasher13::new_with_keys(a, b),
            check: SipHasher13::new_with_keys(c, d),
        })
    }
}

impl fmt::Debug for DigestHasher {
    /// Shows nothing of its state: that would tell the process's secret keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestHasher")
    }
}

impl fmt::Write for DigestHasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::DigestHasher;

    /// The digest of `abc` is known from the standard.
    #[test]
    fn a_stable_digest_is_the_sha_256_in_two_halves() {
        let mut hasher = DigestHasher::stable();
        hasher.write(b"a");
        hasher.write(b"bc");
        let digest = hasher.finish();
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223");
        assert_eq!(digest.check, 0xb003_61a3_9617_7a9c_b410_ff61_f200_15ad);
    }

    #[test]
    fn a_process_digest_is_one_digest_whatever_the_pieces() {
        let digest = |pieces: &[&[u8]]| {
            let mut hasher = DigestHasher::default();
            pieces.iter().for_each(|piece| hasher.write(piece));
            hasher.finish()
        };
        assert_eq!(digest(&[b"ab", b"c"]), digest(&[b"abc"]));
        assert_ne!(digest(&[b"abc"]), digest(&[b"abd"]));
        assert_ne!(digest(&[b"abc"]).lookup, digest(&[b"abc"]).check);
    }
}
