//! Options of a call, in the types that the region wants.

use crate::error::Result;
use crate::key::Key;
use crate::region::EntryRef;
use crate::tag::{Invalidation, Tag};

/// Adds all `tags`.
pub fn tagged<'r>(
    entry: EntryRef<'r>,
    tags: impl IntoIterator<Item = impl Into<Tag>>,
) -> EntryRef<'r> {
    tags.into_iter().fold(entry, |entry, tag| entry.tag(tag))
}

/// Tells a closure its types.
pub const fn wanted<T, F: Fn(&Key, &T) -> bool>(wanted: F) -> F {
    wanted
}

/// Tells a weigher its type.
pub const fn weigher<T, F: Fn(&T) -> Option<usize>>(weigh: F) -> F {
    weigh
}

/// The weigher of a function that has none: nothing beyond `size_of`.
pub const fn size_of_only<T>(_: &T) -> Option<usize> {
    Some(0)
}

/// [`EntryRef::set`] for a value that never leaves the process; one that weighs `None` is not kept.
///
/// # Errors
///
/// None in a memory region.
pub async fn set_in_process<T: Send + Sync + 'static>(
    entry: EntryRef<'_>,
    weigh: impl Fn(&T) -> Option<usize>,
    value: T,
) -> Result<()> {
    let weight = weigh(&value);
    entry.clone().invalidate(Invalidation::Hard).await?;
    if let Some(weight) = weight {
        entry.in_process().observe().await.store_weighing(value, weight).await;
    }
    Ok(())
}
