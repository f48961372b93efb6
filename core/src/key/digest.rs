//! Digests: 128 bits to look a key up, and 128 independent bits to be sure.

use std::fmt;
use std::hash::Hasher;
use std::sync::OnceLock;

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

/// Makes the hashers that adapters feed their fingerprints to.
///
/// Tests replace it to force collisions.
pub trait KeyHasher: fmt::Debug + Send + Sync + 'static {
    /// A fresh hasher.
    fn hasher(&self) -> DigestHasher;

    /// Turns what a hasher took in into the digest.
    fn finish(&self, hasher: DigestHasher) -> Digest {
        hasher.finish()
    }
}

/// The default: SipHash-1-3 with two random keys drawn once per process.
///
/// Keyed, so that nobody outside can craft two keys that collide.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessHasher;

impl ProcessHasher {
    /// The digest of `bytes` in one call.
    pub fn digest(bytes: &[u8]) -> Digest {
        let mut hasher = DigestHasher::default();
        hasher.write(bytes);
        hasher.finish()
    }
}

impl KeyHasher for ProcessHasher {
    fn hasher(&self) -> DigestHasher {
        DigestHasher::default()
    }
}

/// Takes bytes in, in as many pieces as one likes, and gives their [`Digest`].
///
/// It also implements [`fmt::Write`], so that a `Debug` output can be streamed into it without ever
/// being a string.
#[derive(Clone)]
pub struct DigestHasher {
    lookup: SipHasher13,
    check: SipHasher13,
}

impl DigestHasher {
    /// Takes in `bytes` as they are.
    pub fn write(&mut self, bytes: &[u8]) {
        self.lookup.write(bytes);
        self.check.write(bytes);
    }

    /// Takes in `bytes` after their length, so that neighbours cannot run into each other.
    pub fn write_part(&mut self, bytes: &[u8]) {
        self.write(&(bytes.len() as u64).to_le_bytes());
        self.write(bytes);
    }

    /// The digest of all that was taken in.
    pub fn finish(self) -> Digest {
        Digest { lookup: self.lookup.finish128().into(), check: self.check.finish128().into() }
    }
}

impl Default for DigestHasher {
    fn default() -> Self {
        static KEYS: OnceLock<[u64; 4]> = OnceLock::new();
        let [a, b, c, d] = *KEYS.get_or_init(rand::random);
        Self { lookup: SipHasher13::new_with_keys(a, b), check: SipHasher13::new_with_keys(c, d) }
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
