//! A register: one version, and the writers who taint it.
//!
//! Its row has the version in two halves, and the writers as bytes: sixteen for who it is, eight for
//! when it ends, in milliseconds of the server's clock. `tainted` is when the last of them ends, and
//! the register with it; a register without writers ends at `ends`. Whatever else a row may hold was
//! not written by this crate, and counts as nothing.

use dogpile::backend::{TagVersion, Writer};
use smallvec::SmallVec;

/// The bytes of a writer.
const WRITER: usize = 24;
/// More writers than this do not taint a register at once: the column of MySQL is full then.
const MOST_WRITERS: usize = 256;

/// The row of a register, as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row {
    pub(crate) high: i64,
    pub(crate) low: i64,
    pub(crate) writers: Vec<u8>,
    pub(crate) ends: i64,
    pub(crate) tainted: i64,
}

/// What is in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Register {
    /// As it lies in the table: what readers see is masked, and tokens are in it.
    pub(crate) version: TagVersion,
    /// When it ends if nobody taints it.
    ends: i64,
    /// Each once, and when it ends.
    writers: SmallVec<[(Writer, i64); 2]>,
}

impl Register {
    /// A register that nobody taints.
    pub(crate) fn clean(version: TagVersion, ends: i64) -> Self {
        Self { version, ends, writers: SmallVec::new() }
    }

    /// What is left of a row at `now`; `None` if that is nothing.
    pub(crate) fn parse(row: &Row, now: i64) -> Option<Self> {
        let (writers, rest) = row.writers.as_chunks::<WRITER>();
        let is_one = rest.is_empty() && writers.is_empty() == (row.tainted == 0);
        let ends = if writers.is_empty() { row.ends } else { row.tainted };
        if !is_one || ends <= now {
            return None;
        }
        let mut register = Self::clean(whole(row.high, row.low), row.ends);
        for writer in writers {
            let (id, until) = writer.split_first_chunk()?;
            let until = i64::from_be_bytes(until.try_into().ok()?);
            if until > now {
                register.writers.push((Writer(u128::from_be_bytes(*id)), until));
            }
        }
        (writers.is_empty() || register.is_tainted()).then_some(register)
    }

    /// What is written.
    pub(crate) fn row(&self) -> Row {
        let (high, low) = halves(self.version);
        let mut writers = Vec::with_capacity(WRITER * self.writers.len());
        for (writer, until) in &self.writers {
            writers.extend_from_slice(&writer.0.to_be_bytes());
            writers.extend_from_slice(&until.to_be_bytes());
        }
        let tainted = self.writers.iter().map(|(_, until)| *until).max().unwrap_or(0);
        Row { high, low, writers, ends: self.ends, tainted }
    }

    pub(crate) fn is_tainted(&self) -> bool {
        !self.writers.is_empty()
    }

    /// Until when `writer` taints it.
    pub(crate) fn taint(&self, writer: Writer) -> Option<i64> {
        let mine = self.writers.iter().find(|(other, _)| *other == writer);
        mine.map(|(_, until)| *until)
    }

    /// The same writers under another version.
    pub(crate) const fn moved(mut self, version: TagVersion) -> Self {
        self.version = version;
        self
    }

    /// Ending no earlier than this, once nobody taints it.
    pub(crate) fn lasting(mut self, ends: i64) -> Self {
        self.ends = self.ends.max(ends);
        self
    }

    /// Tainted by `writer` until then at least; `None` if there are too many.
    pub(crate) fn with(mut self, writer: Writer, until: i64) -> Option<Self> {
        if let Some((_, before)) = self.writers.iter_mut().find(|(other, _)| *other == writer) {
            *before = until.max(*before);
        } else if self.writers.len() < MOST_WRITERS {
            self.writers.push((writer, until));
        } else {
            return None;
        }
        Some(self)
    }

    /// Without `writer`.
    pub(crate) fn without(mut self, writer: Writer) -> Self {
        self.writers.retain(|(other, _)| *other != writer);
        self
    }
}

/// The halves of a version: XOR-ed one by one they make the XOR of the whole.
pub(crate) fn halves(version: TagVersion) -> (i64, i64) {
    let bytes = version.0.to_be_bytes();
    let half = |from: usize| {
        let mut half = [0; 8];
        half.copy_from_slice(&bytes[from..from + 8]);
        i64::from_be_bytes(half)
    };
    (half(0), half(8))
}

/// The version that has these halves.
pub(crate) fn whole(high: i64, low: i64) -> TagVersion {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes());
    TagVersion(u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use dogpile::backend::{TagVersion, Writer};

    use super::{MOST_WRITERS, Register, Row, WRITER, halves, whole};

    const NOW: i64 = 1_000;

    fn clean() -> Register {
        Register::clean(TagVersion(u128::MAX / 3), 5_000)
    }

    #[test]
    fn what_is_written_is_read() {
        let two = clean().with(Writer(1), 1_030).unwrap().with(Writer(u128::MAX), 1_090).unwrap();
        for register in [clean(), two.clone(), two.without(Writer(1))] {
            assert_eq!(Register::parse(&register.row(), NOW), Some(register));
        }
    }

    #[test]
    fn halves_make_the_whole_and_their_xor_makes_its_xor() {
        let all = [0, 1, 1 << 63, 1 << 64, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210];
        for a in all {
            let (high, low) = halves(TagVersion(a));
            assert_eq!(whole(high, low), TagVersion(a));
            for b in all {
                let other = halves(TagVersion(b));
                assert_eq!(whole(high ^ other.0, low ^ other.1), TagVersion(a ^ b));
            }
        }
    }

    #[test]
    fn each_writer_ends_by_itself_and_the_register_with_the_last() {
        let register = clean().with(Writer(1), 1_030).unwrap().with(Writer(2), 1_090).unwrap();
        let row = register.row();
        assert_eq!((row.tainted, row.ends), (1_090, 5_000));
        let later = |now| Register::parse(&row, now);
        assert_eq!(later(1_029).unwrap().taint(Writer(1)), Some(1_030));
        let left = later(1_030).unwrap();
        assert_eq!(left.taint(Writer(1)), None, "a writer that died is kept by another one");
        assert_eq!(left.taint(Writer(2)), Some(1_090));
        assert_eq!(left.without(Writer(2)).lasting(2_000).row().ends, 5_000);
        assert_eq!(later(1_090), None, "a version outlived the taint of its register");
        assert_eq!(Register::parse(&clean().row(), 5_000), None);
    }

    #[test]
    fn a_writer_is_there_once_and_for_the_longest_that_it_was_promised() {
        let register = clean().with(Writer(1), 1_030).unwrap();
        for (until, expected) in [(1_020, 1_030), (1_040, 1_040)] {
            let again = register.clone().with(Writer(1), until).unwrap();
            assert_eq!(again.taint(Writer(1)), Some(expected));
            assert_eq!(again.row().writers.len(), WRITER);
        }
    }

    #[test]
    fn a_row_that_contradicts_itself_is_no_register() {
        for length in 0..100 {
            for tainted in [0, 2_000] {
                let row = Row { writers: vec![255; length], ends: 5_000, tainted, high: 0, low: 0 };
                let writers_end = Register::parse(&row, NOW);
                let clean = length == 0 && tainted == 0;
                assert_eq!(writers_end.is_some(), clean, "{length} bytes, tainted {tainted}");
                // A moment that all `255` writers reach.
                let until: Vec<u8> = (0..length).map(|n| (n % WRITER == 16).into()).collect();
                let row = Row { writers: until, ..row };
                let is_one = (tainted != 0) == (length > 0) && length % WRITER == 0;
                assert_eq!(Register::parse(&row, NOW).is_some(), is_one, "{length} {tainted}");
            }
        }
    }

    #[test]
    fn writers_are_bounded() {
        let mut register = clean();
        for n in 0..MOST_WRITERS {
            register = register.with(Writer(n as u128), 2_000).unwrap();
        }
        assert_eq!(register.row().writers.len(), 6144);
        assert!(register.clone().with(Writer(0), 3_000).is_some());
        assert!(register.with(Writer(u128::MAX), 2_000).is_none());
    }
}
