//! Entries compressed with zstd.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use zstd::bulk;

use super::Layer;
use super::transform::{Form, Transformed};
use crate::backend::Backend;
use crate::error::Result;
use crate::units::{kilobytes, megabytes};

/// The first byte of an entry that follows as it is.
const PLAIN: u8 = 0;
/// The first byte of a compressed entry; its length follows, then the zstd frame.
const ZSTD: u8 = 1;
const LENGTH: usize = size_of::<u32>();

/// Compresses entries with zstd.
///
/// Small entries, very large ones and those that do not shrink are stored as they are, behind one
/// byte that says so. Bytes that cannot be read (garbage, another version's, more than
/// [`max_entry`](Self::max_entry) when unpacked) are absent, never an error.
///
/// It runs on the task of the caller, who waits for it: keep the level low where entries are large.
///
/// Put it around `Encrypt`, so that it sees the entry first: what is encrypted
/// does not shrink. The length of what is stored then tells something about what is in it; leave
/// compression out where an attacker can choose a part of an entry and see its length.
///
/// ```
/// use dogpile::backend::layer::Compress;
/// use dogpile::backend::{BackendExt, MemoryBackend};
/// use dogpile::minutes;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> dogpile::Result<()> {
/// let memory = MemoryBackend::new();
/// let backend = memory.clone().layer(Compress::new());
/// backend.put("page", vec![b'a'; 100_000], minutes(5)).await?;
/// assert!(memory.weight() < 1_000);
/// assert_eq!(backend.get("page").await?.map(|page| page.len()), Some(100_000));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Compress {
    level: i32,
    min_entry: u64,
    max_entry: u64,
}

impl Compress {
    /// The layer, with the defaults below.
    pub const fn new() -> Self {
        Self { level: 3, min_entry: kilobytes(1), max_entry: megabytes(64) }
    }

    /// The level of zstd, 1 (fast) to 22 (small); more costs time when storing, not when reading.
    ///
    /// Default: 3.
    pub const fn level(mut self, level: i32) -> Self {
        self.level = level;
        self
    }

    /// Entries of fewer bytes are stored as they are.
    ///
    /// Default: 1 KiB.
    pub const fn min_entry(mut self, bytes: u64) -> Self {
        self.min_entry = bytes;
        self
    }

    /// Entries of more bytes are stored as they are, and what claims to have more is not unpacked.
    ///
    /// Lowering it makes larger entries that are stored already absent.
    ///
    /// Default: 64 MiB. At most 4 GiB.
    pub const fn max_entry(mut self, bytes: u64) -> Self {
        self.max_entry = bytes;
        self
    }

    /// The compressed form; `None` where the entry is better stored as it is.
    fn compressed(&self, entry: &[u8]) -> Option<Bytes> {
        let length = u32::try_from(entry.len()).ok()?;
        if !(self.min_entry..=self.max_entry).contains(&u64::from(length)) {
            return None;
        }
        // A level that zstd does not know costs the compression, not the entry.
        let frame = bulk::compress(entry, self.level).ok()?;
        if frame.len() + LENGTH >= entry.len() {
            return None;
        }
        let mut stored = BytesMut::with_capacity(1 + LENGTH + frame.len());
        stored.put_u8(ZSTD);
        stored.put_u32_le(length);
        stored.put_slice(&frame);
        Some(stored.freeze())
    }

    fn unpacked(&self, stored: &[u8]) -> Option<Bytes> {
        let (length, frame) = stored.split_first_chunk::<LENGTH>()?;
        let length = u32::from_le_bytes(*length);
        if u64::from(length) > self.max_entry {
            return None;
        }
        let length = usize::try_from(length).ok()?;
        // Takes the frame's own word for its length only where that is not above the limit given.
        let entry = bulk::decompress(frame, length).ok()?;
        (entry.len() == length).then(|| entry.into())
    }
}

impl Default for Compress {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for Compress {
    fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend {
        Transformed::new(inner, self)
    }
}

impl Form for Compress {
    const OVERHEAD: u64 = 1;

    fn encode(&self, _: &str, entry: &Bytes) -> Result<Bytes> {
        Ok(self.compressed(entry).unwrap_or_else(|| {
            let mut stored = BytesMut::with_capacity(1 + entry.len());
            stored.put_u8(PLAIN);
            stored.put_slice(entry);
            stored.freeze()
        }))
    }

    fn decode(&self, _: &str, stored: Bytes) -> Option<Bytes> {
        match *stored.first()? {
            PLAIN => Some(stored.slice(1..)),
            ZSTD => self.unpacked(&stored[1..]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{Compress, Form, PLAIN, ZSTD};

    fn round_trip(layer: Compress, entry: &Bytes) -> (Bytes, Option<Bytes>) {
        let stored = layer.encode("k", entry).unwrap();
        (stored.clone(), layer.decode("k", stored))
    }

    #[test]
    fn what_is_small_large_or_random_is_stored_as_it_is() {
        let small = Bytes::from(vec![0; 1023]);
        let large = Bytes::from(vec![0; 5_000]);
        let random = Bytes::from((0..4_000).map(|_| rand::random()).collect::<Vec<u8>>());
        for entry in [Bytes::new(), small, large, random] {
            let (stored, read) = round_trip(Compress::new().max_entry(4_999), &entry);
            assert_eq!((stored[0], stored.len()), (PLAIN, entry.len() + 1));
            assert_eq!(read, Some(entry));
        }
    }

    #[test]
    fn what_shrinks_is_compressed_from_the_smallest_size_on() {
        let entry = Bytes::from(vec![0; 1024]);
        let (stored, read) = round_trip(Compress::new(), &entry);
        assert_eq!(stored[0], ZSTD);
        assert!(stored.len() < 100, "{} bytes", stored.len());
        assert_eq!(read, Some(entry));
    }

    #[test]
    fn a_bomb_is_absent_and_costs_no_memory() {
        let bomb = Compress::new().encode("k", &vec![0; 8 << 20].into()).unwrap();
        assert!(bomb.len() < 1024);
        let wary = Compress::new().max_entry(1 << 20);
        assert_eq!(wary.decode("k", bomb.clone()), None);
        // The same bomb that lies about its length: what it unpacks to is more than it declares.
        let mut liar = bomb.to_vec();
        liar[1..5].copy_from_slice(&1_000_u32.to_le_bytes());
        let memory = allocation_counter::measure(|| {
            assert_eq!(wary.decode("k", liar.into()), None);
        });
        assert!(memory.bytes_max < 1 << 20, "{} bytes", memory.bytes_max);
    }

    #[test]
    fn an_unknown_marker_or_a_wrong_length_is_absent() {
        let stored = Compress::new().encode("k", &vec![0; 5_000].into()).unwrap();
        let mut longer = stored.to_vec();
        longer[1] += 1;
        let mut unknown = stored.to_vec();
        unknown[0] = 2;
        for bytes in [longer, unknown] {
            assert_eq!(Compress::new().decode("k", bytes.into()), None);
        }
    }

    #[test]
    fn a_level_that_zstd_does_not_know_loses_nothing() {
        let entry = Bytes::from(vec![0; 5_000]);
        for level in [i32::MIN, -7, 0, 22, i32::MAX] {
            assert_eq!(round_trip(Compress::new().level(level), &entry).1.as_ref(), Some(&entry));
        }
    }

    proptest! {
        #[test]
        fn what_is_stored_comes_back(entry: Vec<u8>, repeat in 1_usize..100) {
            let entry = Bytes::from(entry.repeat(repeat));
            let (_, read) = round_trip(Compress::new().min_entry(16), &entry);
            prop_assert_eq!(read, Some(entry));
        }

        #[test]
        fn garbage_never_panics(marker in 0_u8..3, garbage: Vec<u8>) {
            let stored: Vec<u8> = std::iter::once(marker).chain(garbage).collect();
            let _ = Compress::new().max_entry(4096).decode("k", stored.into());
        }

        #[test]
        fn a_truncated_entry_is_absent(cut in 1_usize..40) {
            let stored = Compress::new().encode("k", &vec![7; 5_000].into()).unwrap();
            prop_assume!(cut < stored.len());
            let read = Compress::new().decode("k", stored.slice(..stored.len() - cut));
            prop_assert_eq!(read, None);
        }
    }
}
