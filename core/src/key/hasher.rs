//! Which hash a region's fingerprints are made with.

use std::fmt;

use super::{Digest, DigestHasher};

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

    /// Whether every process and every version makes the same digest of the same bytes, as a shared
    /// backend needs it.
    ///
    /// Default: `false`.
    fn is_stable(&self) -> bool {
        false
    }
}

/// The default: SipHash-1-3 with two random keys drawn once per process.
///
/// Keyed, so that nobody outside can craft two keys that collide. For a region in one process:
/// another process makes other digests.
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

/// SHA-256, for shared backends: the same digest in every process and in every version.
///
/// The first half looks an entry up, the second half checks it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sha256Hasher;

impl Sha256Hasher {
    /// The digest of `bytes` in one call.
    ///
    /// ```
    /// use dogpile::Sha256Hasher;
    ///
    /// let digest = Sha256Hasher::digest(b"abc");
    /// assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223");
    /// ```
    pub fn digest(bytes: &[u8]) -> Digest {
        let mut hasher = DigestHasher::stable();
        hasher.write(bytes);
        hasher.finish()
    }
}

impl KeyHasher for Sha256Hasher {
    fn hasher(&self) -> DigestHasher {
        DigestHasher::stable()
    }

    fn is_stable(&self) -> bool {
        true
    }
}
