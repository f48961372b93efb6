//! The stored form of one entry: what is known of it, then its payload, in one piece.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `DGPL` |
//! | 1 | format version: 1 |
//! | 1 | flags: 0; nobody may ignore one that it does not know |
//! | 1 | codec: 1 MessagePack, 2 bincode, 3 JSON |
//! | 16 | print of the type |
//! | 16 | check: a digest of the key made another way than its name |
//! | n | created: milliseconds since 1970 |
//! | n | fresh for: milliseconds |
//! | n | created in: milliseconds |
//! | n | number of tags, then for each: its length and its name in UTF-8 |
//! | n | number of versions, then 16 bytes for each |
//! | n | length of the payload, then the payload |
//! | 4 | CRC-32 (IEEE) of everything before it |
//!
//! Whole numbers of fixed size are little-endian; `n` is LEB128, in its shortest form. So an entry
//! without tags takes about 56 bytes more than its payload, and the same entry has always
//! the same bytes. The files `tests/golden/envelope-v1-*.bin` hold the format to that for ever:
//! another layout is another format version.
//!
//! The checksum finds damage, not malice: whoever can write to the backend can write an entry.

mod reader;
mod writer;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;

use smallvec::SmallVec;

use crate::backend::TagVersion;
use crate::codec::Codec;
use crate::observe::Reason;
use crate::value::TypePrint;

const MAGIC: &[u8; 4] = b"DGPL";
const VERSION: u8 = 1;
const FLAGS: u8 = 0;
/// What comes before the first number of variable length.
const FIXED: usize = MAGIC.len() + 3 + 16 + 16;
const CHECKSUM: usize = 4;

/// Room for what most entries have, without an allocation.
pub(crate) type Versions = SmallVec<[TagVersion; 12]>;

/// One stored entry. Its parts belong to whoever stores it, or to the bytes that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    /// What the payload is written with.
    pub(crate) codec: Codec,
    /// The type of the value.
    pub(crate) print: TypePrint,
    /// The digest of the key: a name may collide, this one is compared (I9).
    pub(crate) check: u128,
    /// When the creation began, in milliseconds since 1970. For display and refresh only (I10).
    pub(crate) created: u64,
    /// How long the value is fresh from then on, in milliseconds, jitter included.
    pub(crate) fresh_for: u64,
    /// How long the creation took, in milliseconds.
    pub(crate) created_in: u64,
    /// The names of the declared tags, in the order declared.
    pub(crate) tags: Vec<&'a str>,
    /// The versions observed, in the region's order of registers.
    pub(crate) versions: Versions,
    /// The value.
    pub(crate) payload: &'a [u8],
}

/// What an envelope may hold at most; more is not even looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The most tags.
    pub(crate) tags: usize,
    /// The most versions: registers, so more than tags.
    pub(crate) versions: usize,
    /// The longest name of a tag, in bytes.
    pub(crate) tag_name: usize,
    /// The longest payload, in bytes.
    pub(crate) payload: usize,
}

/// Why bytes are not an entry that can be served. All of them are misses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rejected {
    /// They do not begin like an entry.
    NotAnEntry,
    /// Another format version, a flag or a codec that this build does not know.
    OtherVersion,
    /// They were changed or cut off since they were written.
    Damaged,
    /// They hold more than the limits allow.
    TooLarge,
}

impl Rejected {
    /// Why the bytes are a miss.
    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::NotAnEntry | Self::Damaged => Reason::MALFORMED,
            Self::OtherVersion => Reason::OTHER_FORMAT,
            Self::TooLarge => Reason::TOO_LARGE,
        }
    }
}
