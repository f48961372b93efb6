//! Manglers: from a key's canonical bytes to the name a backend sees.

use std::fmt::Debug;

use super::{Digest, Key, Sha256Hasher, readable};

/// Turns a key into the name it has in a backend, in `explain` and in its tag `key:<name>`.
///
/// A mangler must be injective, or a hash that is as good as injective: two keys that share a
/// mangled name also share their tag. In a region with a shared backend it must also give the same
/// name in every process; all manglers here do, today and in every later version.
///
/// Manglers compose, the outer one saying what becomes of the name of the inner:
///
/// ```
/// use dogpile::{HashLong, Key, KeyMangler, Prefix, Readable, Region, minutes};
///
/// // `v2:` before names of up to 100 bytes, and before the hash of longer ones.
/// let mangler = Prefix::new("v2:", HashLong::new(Readable, 100));
/// assert_eq!(mangler.mangle(&Key::from(("user", 42))), "v2:user:#42");
/// assert_eq!(mangler.mangle(&Key::from("x".repeat(200))).len(), "v2:#h".len() + 32);
///
/// let region = Region::builder("shop").ttl(minutes(5)).mangler(mangler).build()?;
/// # Ok::<(), dogpile::Error>(())
/// ```
pub trait KeyMangler: Debug + Send + Sync + 'static {
    /// The mangled name.
    fn mangle(&self, key: &Key) -> String;
}

/// A name that people can read: text parts as they are, other parts after a `#`, joined by `:`.
///
/// A fingerprint is `#q` and its digest. Only visible ASCII occurs; what else a text holds is
/// escaped as `%` and two hex digits.
///
/// ```
/// use dogpile::{Key, KeyMangler, Readable};
///
/// assert_eq!(Readable.mangle(&Key::from(("user", 42))), "user:#42");
/// assert_eq!(Readable.mangle(&Key::from("user:42")), "user%3a42");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Readable;

impl KeyMangler for Readable {
    fn mangle(&self, key: &Key) -> String {
        key.canonical().map_or_else(|| fingerprint(key.digest()), readable::name)
    }
}

/// The SHA-256 of a key: names of one length that tell nothing about the key.
///
/// ```
/// use dogpile::{Hashed, Key, KeyMangler};
///
/// let name = Hashed.mangle(&Key::from(("user", "ada@example.org")));
/// assert_eq!(name, "#hf2053e6460c304187c888a8ee476cdbd");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Hashed;

impl KeyMangler for Hashed {
    fn mangle(&self, key: &Key) -> String {
        match key.canonical() {
            Some(_) => hashed(key.stable_digest()),
            None => fingerprint(key.digest()),
        }
    }
}

/// Names up to a limit by another mangler, longer ones by their SHA-256.
///
/// The default of a region: [`Readable`] up to 200 bytes.
#[derive(Debug, Clone)]
pub struct HashLong<M = Readable> {
    inner: M,
    limit: usize,
}

impl<M: KeyMangler> HashLong<M> {
    /// Hashes what `inner` makes longer than `limit` bytes. The hash itself is 34 bytes long.
    pub const fn new(inner: M, limit: usize) -> Self {
        Self { inner, limit }
    }
}

impl Default for HashLong {
    fn default() -> Self {
        Self::new(Readable, 200)
    }
}

impl<M: KeyMangler> KeyMangler for HashLong<M> {
    fn mangle(&self, key: &Key) -> String {
        let name = self.inner.mangle(key);
        if name.len() <= self.limit {
            return name;
        }
        hashed(Sha256Hasher::digest(name.as_bytes()))
    }
}

/// Puts a text before the name of another mangler.
///
/// ```
/// use dogpile::{Key, KeyMangler, Prefix, Readable};
///
/// assert_eq!(Prefix::new("v2:", Readable).mangle(&Key::from("seven")), "v2:seven");
/// ```
#[derive(Debug, Clone)]
pub struct Prefix<M> {
    prefix: String,
    inner: M,
}

impl<M: KeyMangler> Prefix<M> {
    /// `prefix` and then what `inner` says.
    pub fn new(prefix: impl Into<String>, inner: M) -> Self {
        Self { prefix: prefix.into(), inner }
    }
}

impl<M: KeyMangler> KeyMangler for Prefix<M> {
    fn mangle(&self, key: &Key) -> String {
        format!("{}{}", self.prefix, self.inner.mangle(key))
    }
}

/// A hash as a name. No readable name begins like it, so nobody can choose a key that is called
/// like another one's hash.
fn hashed(digest: Digest) -> String {
    format!("#h{digest}")
}

/// A fingerprint as a name, which no user's key can have.
fn fingerprint(digest: Digest) -> String {
    format!("#q{digest}")
}
