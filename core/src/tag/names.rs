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

    /// Every read of any table: moved by a write that nobody could tell the tables of.
    pub fn all_tables() -> Self {
        Self::new("table:*")
    }

    /// Every entry of the region called `name`: its epoch.
    pub fn region(name: impl Display) -> Self {
        Self::new(format!("region:{name}"))
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
