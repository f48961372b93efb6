//! A list of tags, ready to be compared.

use std::fmt;
use std::sync::Arc;

use super::Tag;

/// The tags declared for one entry, in the order given, each once.
///
/// Where the same tags are declared at every call, keep them as one [prepared](Self::prepared)
/// list: cloning and comparing it then costs next to nothing.
///
/// ```
/// use dogpile::Tags;
///
/// let tags: Tags = ["pages", "authors", "pages"].into_iter().collect();
/// assert_eq!(tags.to_string(), "pages, authors");
/// ```
#[derive(Clone, Default)]
pub struct Tags {
    prepared: Option<Arc<[Tag]>>,
    added: Vec<Tag>,
}

impl Tags {
    /// No tags.
    pub const fn new() -> Self {
        Self { prepared: None, added: Vec::new() }
    }

    /// The same tags as one list that all clones share.
    #[must_use]
    pub fn prepared(self) -> Self {
        if self.added.is_empty() {
            return self;
        }
        Self { prepared: Some(self.iter().cloned().collect()), added: Vec::new() }
    }

    /// Adds a tag, unless it is there already.
    pub fn insert(&mut self, tag: impl Into<Tag>) {
        let tag = tag.into();
        if !self.contains(&tag) {
            self.added.push(tag);
        }
    }

    /// Whether `tag` is among them.
    pub fn contains(&self, tag: &Tag) -> bool {
        self.iter().any(|own| own == tag)
    }

    /// The tags in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.prepared.as_deref().unwrap_or_default().iter().chain(&self.added)
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.prepared.as_deref().map_or(0, <[Tag]>::len) + self.added.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// These, and for the tag of each [table](Tag::table) that of its [rows](Tag::rows): what somebody
    /// means who invalidates a table by hand.
    #[must_use]
    pub fn with_rows(mut self) -> Self {
        let rows: Vec<_> = self.iter().filter_map(Tag::rows_of_table).collect();
        self.extend(rows);
        self
    }

    /// Adds all tags of another list; an empty list takes over what the other one shares.
    pub(crate) fn join(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        } else {
            self.extend(other.iter());
        }
    }

    /// Whether both hold the same tags, in whatever order.
    ///
    /// The same call site declares its tags in the same order, and a prepared list is even the same
    /// list, so the first comparison is nearly always the only one.
    #[inline]
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        let same_list = match (&self.prepared, &other.prepared) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        (same_list && self.added == other.added)
            || (self.len() == other.len() && self.iter().all(|tag| other.contains(tag)))
    }
}

impl<T: Into<Tag>> Extend<T> for Tags {
    fn extend<I: IntoIterator<Item = T>>(&mut self, tags: I) {
        tags.into_iter().for_each(|tag| self.insert(tag));
    }
}

impl<T: Into<Tag>> FromIterator<T> for Tags {
    fn from_iter<I: IntoIterator<Item = T>>(tags: I) -> Self {
        let mut list = Self::new();
        list.extend(tags);
        list
    }
}

impl From<Tag> for Tags {
    fn from(tag: Tag) -> Self {
        [tag].into_iter().collect()
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, tag) in self.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{tag}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Tag, Tags};

    fn tags(names: &[&'static str]) -> Tags {
        names.iter().copied().collect()
    }

    #[test]
    fn lists_are_the_same_whatever_their_order_and_form() {
        let prepared = tags(&["a", "b", "c"]).prepared();
        assert!(prepared.same_as(&prepared.clone()));
        assert!(prepared.same_as(&tags(&["c", "a", "b"])));
        assert!(tags(&["c", "a", "b"]).same_as(&prepared));
        assert!(!prepared.same_as(&tags(&["a", "b"])));
        assert!(!prepared.same_as(&tags(&["a", "b", "d"])));
        let mut more = prepared.clone();
        more.insert("d");
        more.insert("a");
        assert!(!more.same_as(&prepared));
        assert!(more.same_as(&tags(&["a", "b", "c", "d"])));
    }
    #[test]
    fn a_tag_is_in_a_list_once() {
        let mut list = tags(&["a", "b", "a"]);
        assert_eq!((list.len(), list.is_empty()), (2, false));
        list = list.prepared();
        list.insert("b");
        list.insert("c");
        assert_eq!(list.len(), 3);
        assert!(list.contains(&"c".into()) && !list.contains(&"d".into()));
        assert!(Tags::new().is_empty() && Tags::new().prepared().is_empty());
        assert!(Tags::from(Tag::new("a")).same_as(&tags(&["a"])));
        assert_eq!((list.to_string(), format!("{list:?}")), ("a, b, c".into(), "[a, b, c]".into()));
    }

    #[test]
    fn an_empty_list_takes_over_what_another_shares() {
        let shared = tags(&["a", "b"]).prepared();
        let mut list = Tags::new();
        list.join(&shared);
        assert!(list.added.is_empty(), "the names were copied");
        list.join(&tags(&["b", "c"]));
        assert!(list.same_as(&tags(&["a", "b", "c"])));
    }
}
