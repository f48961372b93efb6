//! Entries encrypted, and bound to their names.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use chacha20poly1305::aead::{AeadInOut, Generate, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::Layer;
use super::transform::{Form, Transformed};
use crate::backend::Backend;
use crate::error::{Error, ErrorKind, Result};

/// The first byte: which form it is.
const FORM: u8 = 1;
const HEAD: usize = 1 + size_of::<u32>();
const NONCE: usize = 24;
const SEAL: usize = 16;

/// The keys of [`Encrypt`]: one that writes, and any number that still read.
///
/// A key is 32 random bytes, for this purpose only. It is stored under an id of your choice, which
/// is in the clear in front of every entry. To change the key, first make the new one readable
/// everywhere, then write with it everywhere, then drop the old one when its entries have ended:
///
/// ```
/// use dogpile::backend::layer::Keys;
///
/// # let (old, new) = ([1; 32], [2; 32]);
/// let first = Keys::new(1, old).also(2, new);
/// let then = Keys::new(2, new).also(1, old);
/// let at_last = Keys::new(2, new);
/// assert_eq!(format!("{then:?}"), "Keys { writes: 2, reads: [2, 1] }");
/// ```
///
/// The keys kept here are wiped from memory when the last copy is dropped; the array that was
/// passed in is the caller's to wipe.
#[derive(Clone)]
#[must_use]
pub struct Keys {
    writes: Key,
    others: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: u32,
    cipher: XChaCha20Poly1305,
}

impl Key {
    fn new(id: u32, key: &[u8; 32]) -> Self {
        Self { id, cipher: XChaCha20Poly1305::new(key.into()) }
    }
}

impl Keys {
    /// The key that writes, and reads what it wrote.
    pub fn new(id: u32, key: [u8; 32]) -> Self {
        Self { writes: Key::new(id, &key), others: Vec::new() }
    }

    /// A further key that reads.
    pub fn also(mut self, id: u32, key: [u8; 32]) -> Self {
        self.others.push(Key::new(id, &key));
        self
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.writes).chain(&self.others)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("writes", &self.writes.id)
            .field("reads", &self.all().map(|key| key.id).collect::<Vec<_>>())
            .finish()
    }
}

/// Encrypts entries with XChaCha20-Poly1305, under a random nonce of 24 bytes each.
///
/// The entry's name is authenticated with it, so whoever can write to the store cannot pass one
/// entry's bytes off as another's. What cannot be opened (a key that is not there, changed bytes,
/// an entry moved to another name) is absent, never an error.
///
/// What stays visible to whoever can read the store: the names of entries, registers and leases,
/// the versions of registers, lengths, times, and the ids of keys. Use a mangler that hashes where
/// names say too much. What such a writer can still do: put an older entry back under its own name,
/// which its versions then judge, and move the versions themselves. So a store that somebody else
/// can *write* to is not made safe against stale values by this.
///
/// An entry grows by 45 bytes. Put `Compress` around this layer, not inside it.
///
/// ```
/// use dogpile::backend::layer::{Encrypt, Keys};
/// use dogpile::backend::{BackendExt, MemoryBackend};
/// use dogpile::minutes;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> dogpile::Result<()> {
/// # let key = [7; 32];
/// let memory = MemoryBackend::new();
/// let backend = memory.clone().layer(Encrypt::new(Keys::new(1, key)));
/// backend.put("greeting", "hello", minutes(5)).await?;
/// assert_eq!(backend.get("greeting").await?.as_deref(), Some(&b"hello"[..]));
/// assert_ne!(memory.get("greeting").await?.as_deref(), Some(&b"hello"[..]));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Encrypt {
    keys: Keys,
}

impl Encrypt {
    /// The layer.
    pub const fn new(keys: Keys) -> Self {
        Self { keys }
    }
}

impl Layer for Encrypt {
    fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend {
        Transformed::new(inner, self)
    }
}

/// What is authenticated beside the entry: the head, whose length never changes, and the name.
fn bound_to(head: &[u8], name: &str) -> Vec<u8> {
    [head, name.as_bytes()].concat()
}

fn failed(message: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, "encrypt", message)
}

impl Form for Encrypt {
    const OVERHEAD: u64 = (HEAD + NONCE + SEAL) as u64;

    fn encode(&self, name: &str, entry: &Bytes) -> Result<Bytes> {
        let nonce = XNonce::try_generate().map_err(|error| {
            failed("the operating system gives no random bytes").caused_by(error.to_string())
        })?;
        let mut stored = Vec::with_capacity(HEAD + NONCE + entry.len() + SEAL);
        stored.push(FORM);
        stored.extend_from_slice(&self.keys.writes.id.to_le_bytes());
        let bound = bound_to(&stored, name);
        stored.extend_from_slice(&nonce);
        stored.extend_from_slice(entry);
        let cipher = &self.keys.writes.cipher;
        let seal = cipher
            .encrypt_inout_detached(&nonce, &bound, stored[HEAD + NONCE..].as_mut().into())
            .map_err(|_| failed("the entry is too long; store less under one name"))?;
        stored.extend_from_slice(&seal);
        Ok(stored.into())
    }

    fn decode(&self, name: &str, stored: Bytes) -> Option<Bytes> {
        let (head, rest) = stored.split_at_checked(HEAD)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
        let (sealed, seal) = rest.split_last_chunk::<SEAL>()?;
        let (form, id) = head.split_first()?;
        if *form != FORM {
            return None;
        }
        let id = u32::from_le_bytes(id.try_into().ok()?);
        let bound = bound_to(head, name);
        self.keys.all().filter(|key| key.id == id).find_map(|key| {
            let mut entry = sealed.to_vec();
            let opened = key.cipher.decrypt_inout_detached(
                nonce.into(),
                &bound,
                entry.as_mut_slice().into(),
                seal.into(),
            );
            opened.ok().map(|()| entry.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{Encrypt, Form, HEAD, Keys, NONCE, SEAL};

    const OLD: [u8; 32] = [1; 32];
    const NEW: [u8; 32] = [2; 32];

    fn layer(keys: Keys) -> Encrypt {
        Encrypt::new(keys)
    }

    fn sealed(name: &str, entry: &'static str) -> Bytes {
        layer(Keys::new(1, OLD)).encode(name, &entry.into()).unwrap()
    }

    #[test]
    fn an_entry_comes_back_under_its_name_only() {
        let stored = sealed("a", "secret");
        let keys = layer(Keys::new(1, OLD));
        assert_eq!(stored.len(), HEAD + NONCE + "secret".len() + SEAL);
        assert!(!stored.windows(6).any(|bytes| bytes == b"secret"));
        assert_eq!(keys.decode("a", stored.clone()).as_deref(), Some(&b"secret"[..]));
        assert_eq!(keys.decode("b", stored), None);
    }

    #[test]
    fn a_key_that_only_reads_opens_what_it_wrote_before() {
        let stored = sealed("a", "secret");
        let rotated = layer(Keys::new(2, NEW).also(1, OLD));
        assert!(rotated.decode("a", stored.clone()).is_some());
        let written = rotated.encode("a", &"new".into()).unwrap();
        assert!(layer(Keys::new(2, NEW)).decode("a", written).is_some());
        assert_eq!(layer(Keys::new(2, NEW)).decode("a", stored), None);
    }

    #[test]
    fn two_keys_under_one_id_both_read() {
        let stored = sealed("a", "secret");
        assert!(layer(Keys::new(1, NEW).also(1, OLD)).decode("a", stored).is_some());
    }

    #[test]
    fn no_nonce_is_used_twice() {
        let nonces: std::collections::HashSet<_> =
            (0..1_000).map(|_| sealed("a", "").slice(HEAD..HEAD + NONCE)).collect();
        assert_eq!(nonces.len(), 1_000);
    }

    #[test]
    fn keys_do_not_show_in_debug() {
        let shown = format!("{:?}", layer(Keys::new(7, [99; 32]).also(8, [98; 32])));
        assert_eq!(shown, "Encrypt { keys: Keys { writes: 7, reads: [7, 8] } }");
    }

    #[test]
    fn any_changed_byte_or_length_is_absent() {
        let stored = sealed("a", "secret");
        let keys = layer(Keys::new(1, OLD).also(0, OLD));
        for at in 0..stored.len() {
            let mut changed = stored.to_vec();
            changed[at] ^= 1;
            assert_eq!(keys.decode("a", changed.into()), None, "byte {at}");
            assert_eq!(keys.decode("a", stored.slice(..at)), None, "{at} bytes");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_absent(garbage: Vec<u8>) {
            prop_assert_eq!(layer(Keys::new(1, OLD)).decode("a", garbage.into()), None);
        }
    }
}
