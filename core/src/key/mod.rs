//! What a value is stored under.
//!
//! A [`Key`] is made of typed parts. Every part is written with its type and its length, so that
//! `("a", "bc")` and `("ab", "c")`, `1` and `"1"` never meet. What a backend sees is the key after
//! the region's [`KeyMangler`].

mod digest;
mod fit;
mod hasher;
mod mangler;
mod parts;
mod readable;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub use digest::{Digest, DigestHasher};
pub use hasher::{KeyHasher, ProcessHasher, Sha256Hasher};
pub use mangler::{HashLong, Hashed, KeyMangler, Prefix, Readable};
pub use parts::{KeyPart, KeyWriter};

use crate::lent::Lent;

/// The name of a value in a region: canonical bytes and their digest, made once.
///
/// A `Key` that is used often is worth keeping: a look-up with `&key` neither hashes nor allocates.
///
/// ```
/// use dogpile::Key;
///
/// assert_ne!(Key::from(("a", "bc")), Key::from(("ab", "c")));
/// assert_ne!(Key::from(1), Key::from("1"));
/// assert_eq!(Key::from(("user", 42)), Key::from(("user", 42)));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    digest: Digest,
    form: Form,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    /// A user's key: its canonical bytes can be shown and mangled.
    User(Arc<[u8]>),
    /// A fingerprint: what went into it (SQL, parameters) is known to its maker only.
    Fingerprint,
}

impl Key {
    /// A key of one part, or of the parts of a tuple.
    pub fn new(parts: impl KeyPart) -> Self {
        let mut writer = KeyWriter::default();
        parts.write(&mut writer);
        let bytes = writer.into_bytes();
        Self { digest: ProcessHasher::digest(&bytes), form: Form::User(bytes.into()) }
    }

    /// A key that is nothing but a digest, made by an adapter from SQL, parameters and scope.
    ///
    /// Such a key has no tag of its own: it is invalidated through the tags of its entry.
    pub const fn fingerprint(digest: Digest) -> Self {
        Self { digest, form: Form::Fingerprint }
    }

    /// The digest that the local tier looks up and the independent one that it compares.
    #[inline]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// A digest that is the same in every process and in every version, which is what an entry in a
    /// shared backend is checked by: the SHA-256 of the canonical bytes, made anew at every call.
    ///
    /// For a fingerprint it is the digest itself, and as stable as the
    /// [`KeyHasher`] it was made with.
    pub fn stable_digest(&self) -> Digest {
        self.canonical().map_or(self.digest, Sha256Hasher::digest)
    }

    /// The canonical bytes of a user's key; `None` for a fingerprint.
    pub fn canonical(&self) -> Option<&[u8]> {
        match &self.form {
            Form::User(bytes) => Some(bytes),
            Form::Fingerprint => None,
        }
    }
}

/// A key for one call: one that is kept elsewhere, or one made for the call.
///
/// Whatever a [`Key`] can be made of converts into it, and so does `&Key`.
#[derive(Debug, Clone)]
pub struct KeyRef<'k>(pub(crate) Lent<'k, Key>);

impl fmt::Debug for Key {
    /// Shows the digest only: keys can hold personal data and stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.digest)
    }
}

impl<P: KeyPart> From<P> for Key {
    fn from(parts: P) -> Self {
        Self::new(parts)
    }
}

impl<P: KeyPart> From<P> for KeyRef<'_> {
    fn from(parts: P) -> Self {
        Self(Lent::Made(Box::new(Key::new(parts))))
    }
}

impl From<Key> for KeyRef<'_> {
    fn from(key: Key) -> Self {
        Self(Lent::Made(Box::new(key)))
    }
}

impl<'k> From<&'k Key> for KeyRef<'k> {
    #[inline]
    fn from(key: &'k Key) -> Self {
        Self(Lent::Kept(key))
    }
}
