//! What a database says that a statement touches.

use std::collections::BTreeSet;

use dogpile_query::TableName;

/// A table that is touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Touched {
    /// For messages.
    pub(crate) name: String,
    /// The names that stand for it: its own, and where it is touched through others, such as views
    /// or the tables that it is a part of, theirs.
    pub(crate) covered_by: BTreeSet<TableName>,
}

/// The tables that one statement touches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    pub(crate) reads: BTreeSet<Touched>,
    pub(crate) writes: BTreeSet<Touched>,
    /// It reads what the database says about itself.
    pub(crate) catalog: bool,
}

impl Account {
    /// All that is in one or the other.
    pub(crate) fn extend(&mut self, other: Self) {
        self.reads.extend(other.reads);
        self.writes.extend(other.writes);
        self.catalog |= other.catalog;
    }

    /// Nothing is written after all, nor read for being written.
    pub(crate) fn forget_writes(&mut self) {
        for table in std::mem::take(&mut self.writes) {
            self.reads.remove(&table);
        }
    }
}
