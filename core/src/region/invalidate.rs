//! Invalidation: giving tags fresh versions.

use super::{Inner, Region, WriteGuard};
use crate::error::Result;
use crate::key::Key;
use crate::observe::Event;
use crate::tag::{Invalidation, Tag, Tags};

impl Region {
    /// Invalidates every entry that depends on one of `tags`, in all regions of the tag space.
    ///
    /// When this returns, no result of a read that began before the call is served any more.
    ///
    /// # Errors
    ///
    /// None in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tags are then invalidated or not.
    pub async fn invalidate(&self, tags: impl IntoIterator<Item = impl Into<Tag>>) -> Result<()> {
        self.invalidate_with(Invalidation::Hard, tags).await
    }

    /// [`invalidate`](Self::invalidate), saying how.
    ///
    /// After a soft invalidation entries are stale: calls with a `stale_for` are served them while
    /// one caller refreshes, other calls are not. A soft invalidation never revives what a hard one
    /// ended.
    ///
    /// # Errors
    ///
    /// None in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tags are then invalidated or not.
    pub async fn invalidate_with(
        &self,
        how: Invalidation,
        tags: impl IntoIterator<Item = impl Into<Tag>>,
    ) -> Result<()> {
        self.inner.bump(&tags.into_iter().collect(), how);
        Ok(())
    }

    /// Invalidates every entry of the region.
    ///
    /// # Errors
    ///
    /// None in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the region is then invalidated or not.
    pub async fn invalidate_all(&self, how: Invalidation) -> Result<()> {
        self.invalidate_with(how, [&self.inner.epoch]).await
    }

    /// A guard that owes an invalidation of `tags`: take it before a write is sent.
    pub fn write_guard(&self, tags: impl Into<Tags>) -> WriteGuard {
        WriteGuard::new(self.clone(), tags.into())
    }
}

impl Inner {
    pub(super) fn bump(&self, tags: &Tags, how: Invalidation) {
        self.tags.bump(tags.iter(), how);
        self.emit(&Event::Invalidated { tags: tags.len(), how });
    }

    pub(super) fn invalidate_key(&self, key: &Key, how: Invalidation) {
        match self.key_tag(key) {
            Some(tag) => self.bump(&[tag].into_iter().collect(), how),
            // A fingerprint has no tag of its own: taking the entry out is all there is to do.
            None => self.tier.remove(key.digest().lookup),
        }
    }
}
