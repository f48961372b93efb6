//! A register: one version, and the writers who taint it.
//!
//! Its value is the version's sixteen bytes, followed by sixteen for each writer. What has another
//! length was not written by this crate, and counts as nothing.

mod change;

use dogpile::backend::{TagVersion, Writer};
use smallvec::SmallVec;

pub(crate) use change::{Change, Rule, Step};

/// The bytes of a version or of a writer.
const PART: usize = 16;
/// More writers than this do not taint a register at once; each makes it larger for every reader.
pub(crate) const MOST_WRITERS: usize = 255;
/// The longest value of a register, in bytes.
pub(crate) const LONGEST: usize = PART * (1 + MOST_WRITERS);

/// What is in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Register {
    pub(crate) version: TagVersion,
    /// Each once.
    writers: SmallVec<[Writer; 2]>,
}

impl Register {
    /// A register that nobody taints.
    pub(crate) fn clean(version: TagVersion) -> Self {
        Self { version, writers: SmallVec::new() }
    }

    /// Reads a value; `None` if it is none of a register.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let mut parts = value.chunks_exact(PART);
        if !parts.remainder().is_empty() || value.len() > LONGEST {
            return None;
        }
        let mut next =
            || parts.next().and_then(|part| part.try_into().ok()).map(u128::from_le_bytes);
        let version = TagVersion(next()?);
        let mut register = Self::clean(version);
        while let Some(writer) = next() {
            register.writers.push(Writer(writer));
        }
        Some(register)
    }

    pub(crate) fn value(&self) -> SmallVec<[u8; 3 * PART]> {
        let mut value = SmallVec::from_slice(&self.version.0.to_le_bytes());
        self.writers.iter().for_each(|writer| value.extend_from_slice(&writer.0.to_le_bytes()));
        value
    }

    pub(crate) fn is_tainted(&self) -> bool {
        !self.writers.is_empty()
    }

    pub(crate) fn is_tainted_by(&self, writer: Writer) -> bool {
        self.writers.contains(&writer)
    }

    /// The same writers under another version.
    pub(crate) fn moved(mut self, version: TagVersion) -> Self {
        self.version = version;
        self
    }

    /// With `writer` among the writers; `None` if there are too many.
    pub(crate) fn with(mut self, writer: Writer) -> Option<Self> {
        if !self.is_tainted_by(writer) {
            if self.writers.len() >= MOST_WRITERS {
                return None;
            }
            self.writers.push(writer);
        }
        Some(self)
    }

    /// Without `writer`.
    pub(crate) fn without(mut self, writer: Writer) -> Self {
        self.writers.retain(|other| *other != writer);
        self
    }
}

#[cfg(test)]
mod tests {
    use dogpile::backend::{TagVersion, Writer};

    use super::{LONGEST, MOST_WRITERS, Register};

    #[test]
    fn what_is_written_is_read() {
        let clean = Register::clean(TagVersion(7));
        assert_eq!(clean.value().as_slice(), 7_u128.to_le_bytes());
        let tainted = clean.clone().with(Writer(1)).unwrap().with(Writer(2)).unwrap();
        for register in [clean, tainted.clone(), tainted.clone().without(Writer(1))] {
            assert_eq!(Register::parse(&register.value()).as_ref(), Some(&register));
        }
        assert_eq!(tainted.clone().with(Writer(1)), Some(tainted), "a writer is there twice");
    }

    #[test]
    fn a_value_of_another_length_is_no_register() {
        let value = vec![0; LONGEST + 16];
        for length in 0..value.len() {
            let is_one = (16..=LONGEST).contains(&length) && length % 16 == 0;
            assert_eq!(Register::parse(&value[..length]).is_some(), is_one, "{length} bytes");
        }
        assert_eq!(Register::parse(&value), None);
    }

    #[test]
    fn writers_are_bounded() {
        let mut register = Register::clean(TagVersion(7));
        for n in 0..MOST_WRITERS {
            register = register.with(Writer(n as u128)).unwrap();
        }
        assert_eq!(register.value().len(), LONGEST);
        assert!(register.clone().with(Writer(0)).is_some());
        assert!(register.with(Writer(u128::MAX)).is_none());
    }
}
