//! The names of the tags that dogpile itself gives out.
//!
//! A table's tag carries no database address, so that two spellings of one host meet: two databases
//! that have a table of the same name share its tag, and a write to one costs the other hits.

use std::fmt::Display;

use super::Tag;

impl Tag {
    /// Every read of the table `name`, without its schema and as the database spells it.
    ///
    /// Any write to a table of that name moves it, and so does a write that nobody could tell the
    /// tables of.
    pub fn table(name: impl Display) -> Self {
        Self::new(format!("table:{name}"))
    }

    /// The rows of the table `name`, as far as nobody could tell which of them were written.
    ///
    /// What depends on a [row](Self::row) depends on this too. Moved by a write whose rows are not
    /// known, and by an [invalidation](crate::Region::invalidate) of the [table](Self::table) by hand;
    /// not by a write that is known to have touched certain rows alone.
    pub fn rows(name: impl Display) -> Self {
        Self::new(format!("rows:{name}"))
    }

    /// The row `key` of the table `name`: moved by a write that is known to touch it.
    ///
    /// Alone it says little: a write whose rows are not known moves [`rows`](Self::rows) instead.
    pub fn row(name: impl Display, key: impl Display) -> Self {
        Self::new(format!("row:{name}:{key}"))
    }

    /// Every read of any table: moved by a write that nobody could tell the tables of.
    pub fn all_tables() -> Self {
        Self::new("table:*")
    }

    /// Every entry of the region called `name`: its epoch.
    pub fn region(name: impl Display) -> Self {
        Self::new(format!("region:{name}"))
    }

    /// What is to be moved beside this tag where it is invalidated by hand: whoever names a table
    /// means all of its rows.
    pub(crate) fn rows_of_table(&self) -> Option<Self> {
        let table = self.name().strip_prefix("table:")?;
        (table != "*").then(|| Self::rows(table))
    }

    /// The entry under one key, by the key's mangled name.
    pub(crate) fn key(mangled: &str) -> Self {
        Self::new(Self::name_of_key(["", mangled]))
    }

    /// What the tag of a key is called, whose mangled name is given in two parts.
    pub(crate) fn name_of_key([scope, mangled]: [&str; 2]) -> String {
        ["key:", scope, mangled].concat()
    }
}
