//! A register: one version, and the writers who taint it.
//!
//! Its value is the version's sixteen bytes, followed by twenty for each writer: sixteen for who it
//! is, four for how many seconds before the item it ends. The item ends with the last of them, and
//! what a server says is left of the item says what is left of each: no clock but the server's own
//! takes part. What has another length was not written by this crate, and counts as nothing.

mod change;

use dogpile::backend::{TagVersion, Writer};
use smallvec::SmallVec;

pub(crate) use change::{Change, Rule, Step};

use crate::life::Ttl;

/// The bytes of a version.
const VERSION: usize = 16;
/// The bytes of a writer.
const WRITER: usize = 20;
/// More writers than this do not taint a register at once; each makes it larger for every reader.
const MOST_WRITERS: usize = 255;
/// The longest value of a register, in bytes.
pub(crate) const LONGEST: usize = VERSION + WRITER * MOST_WRITERS;

/// What a register shows to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    Version(TagVersion),
    Tainted,
}

impl Shown {
    pub(crate) fn of(value: &[u8]) -> Self {
        match split(value) {
            None => Self::Nothing,
            Some((version, [])) => Self::Version(version),
            Some(_) => Self::Tainted,
        }
    }
}

/// What is in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Register {
    pub(crate) version: TagVersion,
    /// How long it lives; where it is tainted, its writers decide.
    left: Ttl,
    /// Each once, and how long it taints.
    writers: SmallVec<[(Writer, Ttl); 2]>,
}

impl Register {
    /// A register that nobody taints.
    pub(crate) fn clean(version: TagVersion, life: Ttl) -> Self {
        Self { version, left: life, writers: SmallVec::new() }
    }

    /// Reads a value that lives for so long; `None` if it is none of a register.
    pub(crate) fn parse(value: &[u8], left: Ttl) -> Option<Self> {
        let (version, writers) = split(value)?;
        if writers.is_empty() {
            return Some(Self::clean(version, left));
        }
        let mut register = Self::clean(version, Ttl::SHORTEST);
        for writer in writers {
            let (id, before) = writer.split_first_chunk()?;
            let before = u32::from_le_bytes(before.try_into().ok()?);
            if let Some(left) = left.without(before) {
                register.writers.push((Writer(u128::from_le_bytes(*id)), left));
            }
        }
        register.is_tainted().then_some(register)
    }

    /// How long it lives.
    pub(crate) fn ttl(&self) -> Ttl {
        self.writers.iter().map(|(_, left)| *left).max().unwrap_or(self.left)
    }

    /// What is written, together with that life.
    pub(crate) fn value(&self) -> SmallVec<[u8; VERSION + 2 * WRITER]> {
        let ttl = self.ttl();
        let mut value = SmallVec::from_slice(&self.version.0.to_le_bytes());
        for (writer, left) in &self.writers {
            value.extend_from_slice(&writer.0.to_le_bytes());
            value.extend_from_slice(&ttl.beyond(*left).to_le_bytes());
        }
        value
    }

    pub(crate) fn is_tainted(&self) -> bool {
        !self.writers.is_empty()
    }

    /// How long `writer` taints it.
    pub(crate) fn taint(&self, writer: Writer) -> Option<Ttl> {
        let mine = self.writers.iter().find(|(other, _)| *other == writer);
        mine.map(|(_, left)| *left)
    }

    /// The same writers under another version.
    pub(crate) const fn moved(mut self, version: TagVersion) -> Self {
        self.version = version;
        self
    }

    /// Living for no less than this, once nobody taints it.
    pub(crate) fn lasting(mut self, life: Ttl) -> Self {
        self.left = self.left.max(life);
        self
    }

    /// Tainted by `writer` for no less than this; `None` if there are too many.
    pub(crate) fn with(mut self, writer: Writer, life: Ttl) -> Option<Self> {
        if let Some((_, left)) = self.writers.iter_mut().find(|(other, _)| *other == writer) {
            *left = life.max(*left);
        } else if self.writers.len() < MOST_WRITERS {
            self.writers.push((writer, life));
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

/// The version and the writers in a value, if it is one of a register: with the last of its writers
/// it ends.
fn split(value: &[u8]) -> Option<(TagVersion, &[[u8; WRITER]])> {
    if value.len() > LONGEST {
        return None;
    }
    let (version, writers) = value.split_first_chunk()?;
    let (writers, rest) = writers.as_chunks::<WRITER>();
    let is_last = |writer: &[u8; WRITER]| writer.ends_with(&[0; 4]);
    let is_one = rest.is_empty() && (writers.is_empty() || writers.iter().any(is_last));
    is_one.then_some((TagVersion(u128::from_le_bytes(*version)), writers))
}

#[cfg(test)]
mod tests {
    use dogpile::backend::{TagVersion, Writer};
    use dogpile::secs;

    use super::{LONGEST, MOST_WRITERS, Register, Shown};
    use crate::life::Ttl;

    fn clean() -> Register {
        Register::clean(TagVersion(7), Ttl::left(500))
    }

    #[test]
    fn what_is_written_is_read() {
        let two = clean().with(Writer(1), Ttl::left(30)).unwrap();
        let two = two.with(Writer(2), Ttl::left(90)).unwrap();
        for (register, shown) in [
            (clean(), Shown::Version(TagVersion(7))),
            (two.clone(), Shown::Tainted),
            (two.clone().without(Writer(2)), Shown::Tainted),
            (two.without(Writer(1)).without(Writer(2)), Shown::Version(TagVersion(7))),
        ] {
            let value = register.value();
            assert_eq!(Shown::of(&value), shown);
            let read = Register::parse(&value, register.ttl()).unwrap();
            assert_eq!((read.version, &read.writers), (register.version, &register.writers));
            assert_eq!(read.ttl(), register.ttl());
        }
        assert_eq!(clean().value().as_slice(), 7_u128.to_le_bytes());
    }

    #[test]
    fn each_writer_ends_by_itself_and_the_register_with_the_last() {
        let register = clean().with(Writer(1), Ttl::left(30)).unwrap();
        let register = register.with(Writer(2), Ttl::left(90)).unwrap();
        assert_eq!(register.ttl(), Ttl::left(90));
        let value = register.value();
        let later = |seconds| Register::parse(&value, Ttl::left(seconds)).unwrap();
        assert_eq!(later(61).taint(Writer(1)), Some(Ttl::left(1)));
        assert_eq!(later(60).taint(Writer(1)), None, "a writer that died is kept by another one");
        assert_eq!(later(60).taint(Writer(2)), Some(Ttl::left(60)));
        assert_eq!(later(60).without(Writer(2)).lasting(Ttl::left(500)).ttl(), Ttl::left(500));
        let unlikely = [&7_u128.to_le_bytes()[..], &[0; 16], &[255; 4]].concat();
        assert_eq!(Register::parse(&unlikely, Ttl::left(90)), None, "all its writers have ended");
        assert_eq!(Shown::of(&unlikely), Shown::Nothing, "readers wait for nobody");
    }

    #[test]
    fn a_writer_is_there_once_and_for_the_longest_that_it_was_promised() {
        let register = clean().with(Writer(1), Ttl::left(30)).unwrap();
        for (life, ttl) in [(20, 30), (40, 40)] {
            let again = register.clone().with(Writer(1), Ttl::left(life)).unwrap();
            assert_eq!((again.writers.len(), again.ttl()), (1, Ttl::left(ttl)));
        }
    }

    #[test]
    fn a_value_of_another_length_is_no_register() {
        let value = vec![0; LONGEST + 20];
        for length in 0..value.len() {
            let is_one = (16..=LONGEST).contains(&length) && (length - 16) % 20 == 0;
            let value = &value[..length];
            assert_eq!(Shown::of(value) != Shown::Nothing, is_one, "{length} bytes");
            assert_eq!(Register::parse(value, Ttl::left(9)).is_some(), is_one, "{length} bytes");
        }
    }

    #[test]
    fn writers_are_bounded() {
        let mut register = clean();
        let life = Ttl::finite(secs(60));
        for n in 0..MOST_WRITERS {
            register = register.with(Writer(n as u128), life).unwrap();
        }
        assert_eq!(register.value().len(), LONGEST);
        assert!(register.clone().with(Writer(0), life).is_some());
        assert!(register.with(Writer(u128::MAX), life).is_none());
    }
}
