//! The state of the tag model: small, `Copy`, hashed whole.

/// The most readers a scope may ask for.
pub(super) const READERS: usize = 3;
/// The most writers a scope may ask for.
pub(super) const WRITERS: usize = 2;
/// The register every read compares.
pub(super) const HARD: usize = 0;
/// The register that only regions with soft invalidation read.
pub(super) const SOFT: usize = 1;

/// A set of writers. A database value *is* the set of commits it shows, so "older than" needs no
/// clock in the model either.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct WriterSet(u8);

impl WriterSet {
    pub(super) fn only(writer: usize) -> Self {
        Self::default().with(writer)
    }

    pub(super) fn with(self, writer: usize) -> Self {
        Self(self.0 | 1 << writer)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn has(self, writer: usize) -> bool {
        self.0 & 1 << writer != 0
    }
}

/// A tag version. Only equality means anything, except to the wrong designs that count or
/// compare times.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Version(pub(super) u8);

impl Version {
    pub(super) const ABSENT: Self = Self(0);
    /// What the wrong designs with predictable versions create first.
    pub(super) const FIRST: Self = Self(1);

    pub(super) fn is_absent(self) -> bool {
        self == Self::ABSENT
    }
}

/// One tag's place in the store.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Register {
    pub(super) version: Version,
    /// Whether a soft invalidation wrote it: only the one-register design looks at this.
    pub(super) by_soft: bool,
}

/// A stored value.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Entry {
    /// The commits that the value shows.
    pub(super) value: WriterSet,
    /// The invalidations that had taken effect when the value's query began.
    pub(super) began: WriterSet,
    /// The observation stored with it.
    pub(super) obs: [Version; 2],
}

/// Where a reader is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum At {
    #[default]
    Lookup,
    Missed,
    Querying,
    Loaded,
    Checked,
    Done,
}

/// One reader: one lookup, and one load if it misses.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Reader {
    pub(super) at: At,
    pub(super) key: u8,
    /// Which parts of the lookup were read already.
    pub(super) parts: u8,
    /// The writers acknowledged when the lookup began.
    pub(super) acked: WriterSet,
    pub(super) entry: Option<Entry>,
    pub(super) seen: [Register; 2],
    pub(super) began: WriterSet,
    pub(super) value: WriterSet,
}

/// One writer: how many of its three acts are done, and the token that its bump wrote.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Writer {
    pub(super) acts: u8,
    pub(super) replayed: bool,
    pub(super) sent: Version,
}

/// What the environment may still do.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Budget {
    pub(super) evictions: u8,
    pub(super) flushes: u8,
    pub(super) late_creates: u8,
}

/// Everything at one instant.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct State {
    pub(super) committed: WriterSet,
    pub(super) bumped: WriterSet,
    pub(super) acked: WriterSet,
    pub(super) registers: [Register; 2],
    pub(super) entries: [Option<Entry>; 2],
    pub(super) readers: [Reader; READERS],
    pub(super) writers: [Writer; WRITERS],
    pub(super) budget: Budget,
    /// A create-if-absent that the network may deliver a second time.
    pub(super) late: Version,
    /// Ticks when somebody reads it: only the timestamp design does.
    pub(super) clock: u8,
}

impl State {
    /// Whether somebody still remembers this version of this tag.
    pub(super) fn remembers(&self, tag: usize, version: Version) -> bool {
        let entries = self.entries.iter().flatten();
        let copies = self.readers.iter().flat_map(|reader| &reader.entry);
        entries.chain(copies).any(|entry| entry.obs[tag] == version)
            || self.readers.iter().any(|reader| reader.seen[tag].version == version)
    }

    /// A token that is nowhere in the state. One that nobody remembers cannot be told from one
    /// that never was, so taking the smallest keeps the search finite and loses nothing.
    pub(super) fn fresh(&self, tag: usize) -> Version {
        let taken = |version| {
            self.remembers(tag, version)
                || self.registers[tag].version == version
                || self.late == version
                || self.writers.iter().any(|writer| writer.sent == version)
        };
        (2..).map(Version).find(|version| !taken(*version)).unwrap_or_default()
    }
}
