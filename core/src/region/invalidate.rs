//! Invalidation: giving tags fresh versions.

use std::sync::Arc;

use super::{Inner, Region, WriteGuard};
use crate::backend::{Debt, Transactional};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::observe::{Event, Reason, Source};
use crate::tag::{Invalidation, Tag, Tags};

impl Region {
    /// Invalidates every entry that depends on one of `tags`, in all regions of the tag space.
    ///
    /// When this returns, no result of a read that began before the call is served any more. The tag
    /// of a [table](Tag::table) takes that of its [rows](Tag::rows) with it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] if the backend did not acknowledge it: the invalidation is owed, and
    /// until it is delivered this process reads past the cache. Never in a memory region.
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
    /// [`ErrorKind::Unavailable`] if the backend did not acknowledge it: the invalidation is owed, and
    /// until it is delivered this process reads past the cache. Never in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the tags are then invalidated or not.
    pub async fn invalidate_with(
        &self,
        how: Invalidation,
        tags: impl IntoIterator<Item = impl Into<Tag>>,
    ) -> Result<()> {
        let tags = tags.into_iter().collect::<Tags>().with_rows();
        self.inner.bump(&tags, how, Source::Call).await
    }

    /// Invalidates every entry of the region.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] if the backend did not acknowledge it: the invalidation is owed, and
    /// until it is delivered this process reads past the cache. Never in a memory region.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the region is then invalidated or not.
    pub async fn invalidate_all(&self, how: Invalidation) -> Result<()> {
        self.inner.bump(&Tags::from(self.inner.epoch.clone()), how, Source::Region).await
    }

    /// What invalidates inside of transactions, for an adapter: where the region is
    /// [`Freshness::Transactional`](crate::Freshness::Transactional) and its backend can.
    pub fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        self.inner.remote.as_ref()?.transactional.clone()
    }

    /// A guard that owes an invalidation of `tags`, and of no others: take it before a write is sent.
    ///
    /// A write to a table whose rows are not known moves [`Tag::rows`] beside [`Tag::table`].
    ///
    /// With [`Freshness::Ttl`](crate::Freshness::Ttl) it owes nothing.
    pub fn write_guard(&self, tags: impl Into<Tags>) -> WriteGuard {
        WriteGuard::new(self.clone(), tags.into())
    }
}

impl Inner {
    /// Gives tags fresh versions; in a backend, waits until it has acknowledged them.
    pub(super) async fn bump(&self, tags: &Tags, how: Invalidation, source: Source) -> Result<()> {
        match self.owe(tags, how, source) {
            None => Ok(()),
            Some(debt) => debt.deliver().await.map_err(|down| self.owed(tags, down.reason())),
        }
    }

    /// Gives tags fresh versions at once, as far as this process goes; what a backend must still be
    /// told comes back as a debt, which is delivered in the background if it is dropped.
    pub(super) fn owe(&self, tags: &Tags, how: Invalidation, source: Source) -> Option<Debt> {
        let debt = match &self.remote {
            Some(remote) => Some(remote.owe(tags, how)),
            None => {
                self.tags.bump(tags.iter(), how);
                None
            }
        };
        self.emit(&Event::Invalidated { tags: tags.len(), how, source });
        debt
    }

    /// What a transaction has given fresh versions, or will if it commits: nothing that this process
    /// has learnt of them before is believed any more. The backend is told nothing.
    pub(super) fn moved(&self, tags: &Tags) {
        if let Some(remote) = &self.remote {
            let registers = remote.registers(tags, Invalidation::Hard);
            registers.iter().for_each(|register| remote.link.known().moved(register));
        }
        let (how, source) = (Invalidation::Hard, Source::Write);
        self.emit(&Event::Invalidated { tags: tags.len(), how, source });
    }

    pub(super) fn owed(&self, tags: &Tags, reason: Reason) -> Error {
        let message = "the backend did not acknowledge the invalidation; it is remembered and \
            delivered later, and until then this process reads past the cache what depends on it";
        Error::new(ErrorKind::Unavailable, "invalidate", message)
            .with("region", self.name())
            .with("tags", tags.len())
            .with("reason", reason)
    }

    pub(super) async fn invalidate_key(&self, key: &Key, how: Invalidation) -> Result<()> {
        if let Some(tag) = self.key_tag(key) {
            return self.bump(&Tags::from(tag), how, Source::Key).await;
        }
        // A fingerprint has no tag of its own: taking the entry out is all there is to do.
        self.tier.remove(key.digest().lookup);
        match &self.remote {
            Some(remote) => self.remove_afar(remote, key).await,
            None => Ok(()),
        }
    }
}
