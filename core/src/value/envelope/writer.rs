//! From an entry to bytes.

use bytes::Bytes;

use super::{CHECKSUM, Envelope, FIXED, FLAGS, MAGIC, VERSION};

impl Envelope<'_> {
    /// The entry's bytes, in one allocation.
    pub(crate) fn write(&self) -> Bytes {
        let len = self.len();
        let mut out = Vec::with_capacity(len);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[VERSION, FLAGS, self.codec.id()]);
        out.extend_from_slice(&self.print.0.to_le_bytes());
        out.extend_from_slice(&self.check.to_le_bytes());
        for number in [self.created, self.fresh_for, self.created_in] {
            number_to(&mut out, number);
        }
        number_to(&mut out, self.tags.len() as u64);
        for tag in &self.tags {
            number_to(&mut out, tag.len() as u64);
            out.extend_from_slice(tag.as_bytes());
        }
        number_to(&mut out, self.versions.len() as u64);
        for version in &self.versions {
            out.extend_from_slice(&version.0.to_le_bytes());
        }
        number_to(&mut out, self.payload.len() as u64);
        out.extend_from_slice(self.payload);
        let checksum = crc32fast::hash(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        debug_assert_eq!(out.len(), len, "the length is known before anything is written");
        Bytes::from(out)
    }

    /// How many bytes [`write`](Self::write) makes.
    pub(crate) fn len(&self) -> usize {
        let numbers = [self.created, self.fresh_for, self.created_in, self.versions.len() as u64];
        let numbers: usize = numbers.into_iter().map(number_len).sum();
        let tags: usize = self.tags.iter().map(|tag| counted(tag.len())).sum();
        let versions = self.versions.len() * size_of::<u128>();
        let tags = number_len(self.tags.len() as u64) + tags;
        FIXED + numbers + tags + versions + counted(self.payload.len()) + CHECKSUM
    }
}

const fn counted(bytes: usize) -> usize {
    number_len(bytes as u64) + bytes
}

const fn number_len(number: u64) -> usize {
    (64 - (number | 1).leading_zeros()).div_ceil(7) as usize
}

/// Seven bits at a time, the lowest first; the eighth says that more follow.
fn number_to(out: &mut Vec<u8>, mut number: u64) {
    while let [low, ..] = number.to_le_bytes()
        && number > 0x7f
    {
        out.push(low | 0x80);
        number >>= 7;
    }
    let [low, ..] = number.to_le_bytes();
    out.push(low);
}
