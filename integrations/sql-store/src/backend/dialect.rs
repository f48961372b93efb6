//! What one kind of database does in its own words: statements, and no decision about anything.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use dogpile::backend::{Listener, Listening, Put, TagVersion};
use dogpile::{BoxFuture, Owner};
use tokio::runtime::Handle;

use super::register::{Row, halves, whole};
use crate::error::{Done, Failure};

/// A call to the database.
pub(crate) type Call<'a, T> = BoxFuture<'a, Done<T>>;

/// A kind of database, and the tables in it.
///
/// Names are at most as long as their column; a name is there once in each of the slices that are
/// written, and they are sorted, so that two calls never wait for each other in a circle.
pub(crate) trait Dialect: fmt::Debug + Send + Sync + 'static {
    /// What it is called in logs and metrics.
    fn kind(&self) -> &'static str;

    /// The largest entry, in bytes.
    fn max_entry(&self) -> usize;

    /// Lets go of connections that nobody uses, for they may be dead: those of a pool of our own.
    fn drop_idle(&self);

    /// Makes a connection, however long it takes.
    fn connect(&self) -> Call<'_, ()>;

    /// Reads entries and registers, each name at one moment, all in one statement.
    fn read<'a>(&'a self, keys: &'a [&'a str], registers: &'a [&'a str]) -> Call<'a, Seen>;

    /// Gives a version to registers that have none, and a longer life to those that nobody taints.
    fn create<'a>(&'a self, lying: &'a [Lying<'a>], life: i64) -> Call<'a, ()>;

    /// Gives registers a version whatever they have; writers stay.
    fn bump<'a>(&'a self, lying: &'a [Lying<'a>], life: i64) -> Call<'a, ()>;

    /// Reads whole registers, to be [swapped](Self::swap).
    fn look<'a>(&'a self, registers: &'a [&'a str]) -> Call<'a, Looked>;

    /// Writes a register if it is still what it was (`None`: nothing that counts); says whether it did.
    fn swap<'a>(&'a self, name: &'a str, from: Option<&'a Row>, to: &'a Row) -> Call<'a, bool>;

    /// Stores entries, each if its lease is held; says of each whether it did. Registers that end
    /// before `life.least` live for `life.generous` then.
    fn store<'a>(
        &'a self,
        puts: &'a [&'a Put<'a>],
        extend: &'a [&'a str],
        life: Life,
    ) -> Call<'a, Vec<bool>>;

    /// Removes entries.
    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> Call<'a, ()>;

    /// Takes a lease that is free.
    fn acquire<'a>(&'a self, name: &'a str, owner: Owner, life: i64) -> Call<'a, bool>;

    /// Lets a lease last that is held.
    fn renew<'a>(&'a self, name: &'a str, owner: Owner, life: i64) -> Call<'a, bool>;

    /// Gives a lease back.
    fn release<'a>(&'a self, name: &'a str, owner: Owner) -> Call<'a, ()>;

    /// Removes what has ended from one part of a table, the one that begins at `from`.
    fn sweep(&self, table: Table, from: Place) -> Call<'_, Chunk>;

    /// Whether everybody is told of registers that move.
    fn pushes(&self) -> bool {
        false
    }

    /// Tells `listener` of registers that move, if anybody is told.
    fn listen(&self, _: &Handle, _: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        None
    }

    /// Resolves when a lease is given back, if anybody is told.
    fn freed(&self, _: &Handle, _: &str) -> Option<BoxFuture<'static, ()>> {
        None
    }

    /// How the table of tokens is called by whoever may look for tables elsewhere.
    fn locate(&self) -> Call<'_, String>;

    /// Inserts a token.
    fn token<'a>(&'a self, token: Lying<'a>) -> Call<'a, ()>;

    /// Names behind `after` that have tokens, in order: some of them, and none if there are none.
    fn tokened<'a>(&'a self, after: &'a [u8]) -> Call<'a, Vec<Vec<u8>>>;

    /// Replaces some tokens of a register by their XOR in it, as one; of one that is absent removes
    /// them.
    fn fold<'a>(&'a self, name: &'a [u8]) -> Call<'a, Part>;

    /// Bytes, as they stand in a statement.
    fn literal(&self, bytes: &[u8]) -> String;

    /// A condition on the row `t` of a table, with its `AND`: that rows may be inserted into the table.
    fn may_insert(&self) -> &'static str {
        ""
    }
}

/// What became of some tokens of a register.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) tokens: u64,
    /// Whether there may be more of them.
    pub(crate) more: bool,
}

/// How long registers are to live, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    pub(crate) least: i64,
    pub(crate) generous: i64,
}

/// What is to lie in a register.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lying<'a> {
    pub(crate) name: &'a str,
    pub(crate) high: i64,
    pub(crate) low: i64,
}

impl<'a> Lying<'a> {
    pub(crate) fn new(name: &'a str, version: TagVersion) -> Self {
        let (high, low) = halves(version);
        Self { name, high, low }
    }
}

/// What a register shows, before it is unmasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    Version(TagVersion),
    Tainted,
}

/// What a read brought back.
#[derive(Debug)]
pub(crate) struct Seen {
    /// What tells the server that answered from others; empty where there can be no other.
    pub(crate) server: Vec<u8>,
    pub(crate) entries: Vec<Option<Bytes>>,
    pub(crate) registers: Vec<Shown>,
}

impl Seen {
    /// Nothing found under so many names.
    pub(crate) fn nothing(keys: usize, registers: usize) -> Self {
        Self {
            server: Vec::new(),
            entries: vec![None; keys],
            registers: vec![Shown::Nothing; registers],
        }
    }

    /// Takes in one row of an answer.
    pub(crate) fn take(&mut self, found: Found, places: impl Iterator<Item = usize>) -> Done<()> {
        match found {
            Found::Entry(bytes) => {
                let bytes = Bytes::from(bytes);
                for place in places {
                    *self.entries.get_mut(place).ok_or(Failure::unexpected())? =
                        Some(bytes.clone());
                }
            }
            Found::Register(shown) => {
                for place in places {
                    *self.registers.get_mut(place).ok_or(Failure::unexpected())? = shown;
                }
            }
            #[cfg(any(feature = "mysql", feature = "sqlite"))]
            Found::Tokens(TagVersion(tokens)) => {
                for place in places {
                    let shown = self.registers.get_mut(place).ok_or(Failure::unexpected())?;
                    if let Shown::Version(TagVersion(version)) = shown {
                        *version ^= tokens;
                    }
                }
            }
        }
        Ok(())
    }
}

/// One row of an answer.
#[derive(Debug)]
pub(crate) enum Found {
    Entry(Vec<u8>),
    Register(Shown),
    /// The XOR of tokens of a register; they come after it.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    Tokens(TagVersion),
}

impl Found {
    /// What a row of a register shows.
    pub(crate) fn register(high: i64, low: i64, tainted: bool) -> Self {
        let shown = if tainted { Shown::Tainted } else { Shown::Version(whole(high, low)) };
        Self::Register(shown)
    }
}

/// Whole registers, and the moment at which they were read.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) now: i64,
    pub(crate) rows: Vec<Option<Row>>,
}

/// A table that is swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Entry,
    Register,
    Lease,
}

/// Where a part of a table begins: a block, or a name. Empty: at the begin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place(pub(crate) Vec<u8>);

/// What became of one part of a table.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) removed: u64,
    /// The next part, if there is one.
    pub(crate) next: Option<Place>,
}

#[cfg(test)]
mod tests {
    use dogpile::backend::TagVersion;

    use super::{Found, Seen, Shown};

    #[test]
    fn tokens_turn_a_version_and_give_none_to_what_has_none() {
        let mut seen = Seen::nothing(0, 3);
        let register = |tainted| Found::register(0, 7, tainted);
        seen.take(register(false), [0].into_iter()).unwrap();
        seen.take(register(true), [1].into_iter()).unwrap();
        for token in [1, 8] {
            seen.take(Found::Tokens(TagVersion(token)), 0..3).unwrap();
        }
        let expected = [Shown::Version(TagVersion(14)), Shown::Tainted, Shown::Nothing];
        assert_eq!(seen.registers, expected);
    }

    #[test]
    fn a_place_that_nobody_asked_for_is_an_error() {
        let mut seen = Seen::nothing(1, 1);
        assert!(seen.take(Found::Entry(vec![]), 1..2).is_err());
        assert!(seen.take(Found::register(0, 0, false), 1..2).is_err());
    }
}
