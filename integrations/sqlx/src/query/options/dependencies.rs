//! What a result depends on, beside the tables in the SQL.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use dogpile::{Tag, Tags};

use super::CachedQuery;
use crate::query::TypedQuery;

/// Finds tags in the rows of a result.
pub(in crate::query) type TagsFrom<O> = Arc<dyn Fn(&[O]) -> Tags + Send + Sync>;

/// [`TagsFrom`] of whatever rows: the type of a query that waits must not speak of the query's own
/// associated types, or the compiler cannot tell that its future may be sent to another thread.
#[derive(Clone)]
pub(in crate::query) struct AnyTagsFrom(Arc<dyn Any + Send + Sync>);

impl AnyTagsFrom {
    pub(in crate::query) fn of<O: 'static>(&self) -> Option<TagsFrom<O>> {
        self.0.downcast_ref::<TagsFrom<O>>().cloned()
    }
}

impl fmt::Debug for AnyTagsFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagsFrom")
    }
}

impl<Q, W> CachedQuery<Q, W> {
    /// Adds a tag to those of the tables.
    ///
    /// Default: none.
    pub fn tag(mut self, tag: impl Into<Tag>) -> Self {
        self.options.tags.insert(tag);
        self
    }

    /// Adds several tags to those of the tables.
    ///
    /// Default: none.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<Tag>>) -> Self {
        self.options.tags.extend(tags);
        self
    }

    /// Says that the result also depends on the table `name`, which may be `schema.name`.
    ///
    /// For what the SQL does not show: the tables behind a view, a trigger's, a function's.
    ///
    /// Default: the tables in the SQL.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.options.tables.push(name.into());
        self
    }

    /// Adds tags that are known only from the rows, such as `customer:7` of every customer found.
    ///
    /// Versions must be read before the query runs, and which ones is known only after it. So the
    /// first fetch of a query teaches the pool its tags and is not stored; from the second on, the
    /// result is stored with the tags that the one before had, as long as it has no others. A
    /// process that restarts learns anew.
    ///
    /// `find` must find the same tags in the same rows.
    ///
    /// Default: none.
    pub fn tags_from<T: Into<Tag>, I: IntoIterator<Item = T>>(
        mut self,
        find: impl Fn(&[Q::Output]) -> I + Send + Sync + 'static,
    ) -> Self
    where
        Q: TypedQuery,
    {
        let find: TagsFrom<Q::Output> = Arc::new(move |rows| find(rows).into_iter().collect());
        self.options.tags_from = Some(AnyTagsFrom(Arc::new(find)));
        self
    }
}
