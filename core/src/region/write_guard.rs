//! The debt of a writer: tags that must be invalidated, whatever happens to it.

use super::Region;
use crate::error::Result;
use crate::observe::Source;
use crate::policy::Freshness;
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
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the backend did not acknowledge
    /// it: the invalidation is owed, and until it is delivered this process reads past the cache.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future invalidates just the same.
    pub async fn bump(mut self) -> Result<()> {
        let owed = std::mem::take(&mut self.tags);
        if owed.is_empty() || self.owes_nothing() {
            return Ok(());
        }
        self.region.inner.bump(&owed, Invalidation::Hard, Source::Write).await
    }

    /// Invalidates the tags now and goes on owing them: for a write that may still be running.
    pub fn bump_now(&self) {
        if !self.tags.is_empty() && !self.owes_nothing() {
            // What a backend must be told is delivered in the background.
            drop(self.region.inner.owe(&self.tags, Invalidation::Hard, Source::Write));
        }
    }

    fn owes_nothing(&self) -> bool {
        self.region.inner.policy.freshness == Freshness::Ttl
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
