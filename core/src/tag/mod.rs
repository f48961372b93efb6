//! Tags: the names that entries depend on, and the versions that decide whether they still hold.
//!
//! A tag has a *version*, a token that is never used twice. Whoever creates a value reads the
//! versions of its tags first (the *observation*), then creates, then stores the value together
//! with what was observed. An entry is served only while every one of its tags still has the
//! observed version, and an invalidation gives a tag a fresh one. So a value whose creation began
//! before an invalidation can never be served after it, whichever way the two interleave; the
//! model in `model/` searches all of them.

mod cell;
mod known;
mod names;
mod observation;
mod set;
mod space;
mod taint;

#[cfg(test)]
mod model;

use std::fmt;
use std::sync::Arc;

pub(crate) use cell::Cell;
pub(crate) use known::{Belief, Known, Since, Watched};
pub(crate) use observation::{Observation, Standing, compare};
pub use set::Tags;
pub use space::TagSpace;
pub(crate) use taint::Taint;

use crate::key::ProcessHasher;

/// How the tags of tables and of their rows begin.
const OF_TABLES: [&str; 3] = ["table:", "rows:", "row:"];

/// A name that entries depend on: `table:orders`, `customer:7`, or anything of your own.
///
/// ```
/// use dogpile::Tag;
///
/// assert_eq!(Tag::new("customer:7").name(), "customer:7");
/// assert_eq!(Tag::table("orders").name(), "table:orders");
/// ```
#[derive(Clone)]
pub struct Tag {
    id: u128,
    /// Whether it is the tag of a table, or of rows of one: what depends on those also depends on
    /// [`Tag::all_tables`].
    of_table: bool,
    name: Arc<str>,
}

impl Tag {
    /// The tag called `name`. Two tags are the same if their names are.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        let id = Self::id_of(&name);
        let of_table = OF_TABLES.iter().any(|prefix| name.starts_with(prefix));
        Self { id, of_table, name }
    }

    /// The tag's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn id(&self) -> u128 {
        self.id
    }

    /// The id of the tag of that name.
    pub(crate) fn id_of(name: &str) -> u128 {
        ProcessHasher::digest(name.as_bytes()).lookup
    }

    pub(crate) const fn is_of_table(&self) -> bool {
        self.of_table
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Tag {}

impl std::hash::Hash for Tag {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(&other.name)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl From<&str> for Tag {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Tag {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl From<&Self> for Tag {
    fn from(tag: &Self) -> Self {
        tag.clone()
    }
}

/// What an invalidation leaves of the entries it hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Invalidation {
    /// Never served again, not even as stale. The default.
    #[default]
    Hard,
    /// Stale from now on: served, where a region has a `stale_for`, while one creator refreshes it.
    Soft,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Tag;

    #[test]
    fn a_tag_is_its_name() {
        let tag = Tag::new("customer:7");
        assert_eq!(tag.name(), "customer:7");
        assert_eq!((tag.to_string(), format!("{tag:?}")), (tag.name().into(), tag.name().into()));
        assert_eq!(tag, Tag::from(String::from("customer:7")));
        assert_ne!(tag, Tag::from("customer:8"));
        assert!(tag < Tag::from("customer:8") && tag.partial_cmp(&tag).is_some());
    }

    #[test]
    fn equal_tags_are_one_in_a_set() {
        let tags: HashSet<_> = (0..1_000).map(|i| Tag::new(format!("{}", i % 10))).collect();
        assert_eq!(tags.len(), 10);
    }

    #[test]
    fn the_tags_of_tables_know_that_they_are() {
        assert!(Tag::table("orders").is_of_table() && Tag::all_tables().is_of_table());
        assert!(Tag::rows("orders").is_of_table() && Tag::row("orders", 7).is_of_table());
        assert!(!Tag::new("orders").is_of_table() && !Tag::region("table:").is_of_table());
    }

    #[test]
    fn a_table_named_by_hand_means_its_rows() {
        assert_eq!(Tag::table("a.b").rows_of_table(), Some(Tag::new("rows:a.b")));
        assert_eq!(Tag::all_tables().rows_of_table(), None);
        assert_eq!(Tag::row("a", 7), Tag::new("row:a:7"));
        assert_eq!((Tag::row("a", 7).rows_of_table(), Tag::new("a").rows_of_table()), (None, None));
    }

    #[test]
    fn the_tag_of_a_key_holds_its_scope_and_its_name() {
        assert_eq!(Tag::name_of_key(["a/", "b"]), "key:a/b");
        assert_eq!(Tag::key("a/b"), Tag::new(Tag::name_of_key(["a/", "b"])));
    }
}
