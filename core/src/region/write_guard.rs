//! The debt of a writer: tags that must be invalidated, whatever happens to it.

use super::Region;
use crate::error::Result;
use crate::tag::{Invalidation, Tag, Tags};

/// Owns the tags of a write from before it is sent until they are invalidated (invariant I16).
///
/// The write may have happened even though its future was dropped or its connection was lost. So a
/// guard that is dropped invalidates at once; only [`discard`](Self::discard) lets the tags go.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
/// use dogpile::{Region, Tag, minutes};
///
/// let region = Region::builder("shop").ttl(minutes(5)).build()?;
/// let guard = region.write_guard(Tag::table("orders"));
/// // ... send the write, wait for its answer ...
/// guard.bump().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a guard that is dropped invalidates at once"]
pub struct WriteGuard {
    region: Region,
    tags: Tags,
}

impl WriteGuard {
    pub(super) const fn new(region: Region, tags: Tags) -> Self {
        Self { region, tags }
    }

    /// The region whose guard it is.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// The tags that are owed.
    pub const fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Invalidates the tags: the write is done, or its outcome is unknown.
    ///
    /// # Errors
    ///
    /// None in a memory region.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future invalidates just the same.
    pub async fn bump(self) -> Result<()> {
        drop(self);
        Ok(())
    }

    /// Invalidates the tags now and goes on owing them: for a write that may still be running.
    pub fn bump_now(&self) {
        if !self.tags.is_empty() {
            self.region.inner.bump(&self.tags, Invalidation::Hard);
        }
    }

    /// Lets the tags go: the write is known not to have happened.
    pub fn discard(mut self) {
        self.tags = Tags::new();
    }
}

impl<T: Into<Tag>> Extend<T> for WriteGuard {
    fn extend<I: IntoIterator<Item = T>>(&mut self, tags: I) {
        self.tags.extend(tags);
    }
}

impl Drop for WriteGuard {
    fn drop(&mut self) {
        self.bump_now();
    }
}
