//! What a statement does to the rows of the tables it writes.

use std::ops::{BitOr, BitOrAssign};

/// The ways in which rows are written: what triggers and foreign keys follow.
///
/// ```
/// use dogpile_query::{Analyzer, Changes, Dialect};
///
/// let analyzer = Analyzer::new(Dialect::Postgres);
/// let write = analyzer.analyze("INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET b = 2");
/// assert_eq!(write.changes(), Changes::INSERT | Changes::UPDATE);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Changes(u8);

impl Changes {
    /// None.
    pub const NONE: Self = Self(0);
    /// Rows are added.
    pub const INSERT: Self = Self(1);
    /// Rows are changed.
    pub const UPDATE: Self = Self(2);
    /// Rows are removed.
    pub const DELETE: Self = Self(4);
    /// All rows are removed at once.
    pub const TRUNCATE: Self = Self(8);
    /// Any of these.
    pub const ALL: Self = Self(15);

    /// Whether the two have one in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether `other` has none that this has not.
    pub(crate) const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Changes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Changes {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}
