//! The fingerprint of a type: equal prints mean that bytes of one are bytes of the other.
//!
//! serde has no description of a type, but a type's `Deserialize` says what it wants when it is run.
//! So it is run on invented data (`recorder.rs`), as often as it takes to see every variant of every
//! enum (`choices.rs`), and what it asked for is hashed together with the type's name. Data that
//! a type refuses is replaced by other data (`answers.rs`).
//!
//! What such a run cannot see makes the type *opaque*: it asks the codec what comes next
//! (`deserialize_any`, so `serde_json::Value`, `flatten`, and enums with any `tag` or `untagged`), it
//! accepts nothing that is invented, it makes errors and swallows them, or it is too large. The print
//! of an opaque type has the identity of the build in it (`build_id.rs`): another build never reads
//! its entries. A hand-written `Deserialize` that reads one thing or another depending on a value is
//! seen only as far as the invented value leads.

mod access;
mod answers;
mod build_id;
mod choices;
mod recorder;
mod refusal;
mod trace;

#[cfg(test)]
mod tests;

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::codec::Codec;
use trace::Seen;

/// The fingerprint of a type as one codec sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TypePrint(pub(crate) u128);

static SEEN: RwLock<Option<HashMap<(TypeId, Codec), Known>>> = RwLock::new(None);

/// What was found out about a type, once per process.
#[derive(Debug, Clone, Copy)]
struct Known {
    print: TypePrint,
    asks_what_comes_next: bool,
}

impl TypePrint {
    /// The print of `T`, made at the first call in this process.
    ///
    /// Where `T` is opaque, the first such call reads the file of this program: do not make it where
    /// nothing may block.
    pub(crate) fn of<T: DeserializeOwned + 'static>(codec: Codec) -> Self {
        known::<T>(codec).print
    }

    /// The print of the same type in the user's own version of it.
    pub(crate) fn in_version(self, version: u64) -> Self {
        if version == 0 {
            return self;
        }
        let mut hasher = Sha256::new();
        hasher.update(self.0.to_le_bytes());
        hasher.update(version.to_le_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        Self(u128::from_le_bytes(std::array::from_fn(|i| digest[i])))
    }

    /// Whether `T` can only be read from bytes that describe themselves.
    pub(crate) fn asks_what_comes_next<T: DeserializeOwned + 'static>(codec: Codec) -> bool {
        known::<T>(codec).asks_what_comes_next
    }

    fn with(type_name: &str, codec: Codec, seen: &Seen, build: impl FnOnce() -> [u8; 32]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([codec.id()]);
        hasher.update((type_name.len() as u64).to_le_bytes());
        hasher.update(type_name);
        match seen {
            Seen::Everything(trace) => {
                hasher.update([0]);
                hasher.update(trace);
            }
            Seen::AsksWhatComesNext | Seen::TooLittle => {
                hasher.update([1]);
                hasher.update(build());
            }
        }
        let digest: [u8; 32] = hasher.finalize().into();
        let (print, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
        Self(u128::from_le_bytes(*print))
    }
}

fn known<T: DeserializeOwned + 'static>(codec: Codec) -> Known {
    let key = (TypeId::of::<T>(), codec);
    let seen = SEEN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = seen.as_ref().and_then(|seen| seen.get(&key)) {
        return *known;
    }
    drop(seen);
    let seen = trace::trace::<T>(codec.is_human_readable());
    let known = Known {
        print: TypePrint::with(std::any::type_name::<T>(), codec, &seen, build_id::get),
        asks_what_comes_next: matches!(seen, Seen::AsksWhatComesNext),
    };
    let mut seen = SEEN.write().unwrap_or_else(PoisonError::into_inner);
    seen.get_or_insert_default().insert(key, known);
    known
}
