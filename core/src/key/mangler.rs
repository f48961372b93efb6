//! Manglers: from a key's canonical bytes to the name a backend sees.

use std::fmt::Debug;

use super::{Key, ProcessHasher, readable};

/// Turns a key into the name it has in a backend, in `explain` and in its tag `key:<name>`.
///
/// A mangler must be injective, or a hash that is as good as injective: two keys that share a
/// mangled name also share their tag.
pub trait KeyMangler: Debug + Send + Sync + 'static {
    /// The mangled name.
    fn mangle(&self, key: &Key) -> String;
}

/// A name that people can read: text parts as they are, other parts after a `#`, joined by `:`.
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
        key.canonical().map_or_else(|| key.digest().to_string(), readable::name)
    }
}

/// Names up to a limit by another mangler, longer ones by their hash.
///
/// The default of a region: [`Readable`] up to 200 bytes.
#[derive(Debug, Clone)]
pub struct HashLong<M = Readable> {
    inner: M,
    limit: usize,
}

impl<M: KeyMangler> HashLong<M> {
    /// Hashes what `inner` makes longer than `limit` bytes.
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
        ProcessHasher::digest(name.as_bytes()).to_string()
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

#[cfg(test)]
mod tests {
    use super::{HashLong, KeyMangler, Readable};
    use crate::Key;

    #[test]
    fn long_names_become_hashes_of_one_length() {
        let mangler = HashLong::new(Readable, 10);
        assert_eq!(mangler.mangle(&Key::from("short")), "short");
        let long = mangler.mangle(&Key::from("a name of more than ten bytes"));
        assert_eq!(long.len(), 32);
        assert_ne!(long, mangler.mangle(&Key::from("another name of more than ten bytes")));
    }
}
