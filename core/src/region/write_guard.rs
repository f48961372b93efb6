//! The debt of a writer: tags that must be invalidated, whatever happens to it.

use super::Region;
use super::fence::Fence;
use crate::backend::Debt;
use crate::error::Result;
use crate::observe::{Event, Source};
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
/// let mut guard = region.write_guard(Tag::table("orders"));
/// guard.fence().await; // with `Freshness::Fenced`: readers go to the database from here on
/// // ... send the write, wait for its answer ...
/// guard.bump().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a guard that is dropped invalidates at once"]
pub struct WriteGuard {
    region: Region,
    tags: Tags,
    fence: Option<Fence>,
}

impl WriteGuard {
    pub(super) const fn new(region: Region, tags: Tags) -> Self {
        Self { region, tags, fence: None }
    }

    /// The region whose guard it is.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// The tags that are owed.
    pub const fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Taints the tags, where the region is [`Freshness::Fenced`]: whoever reads what depends on them
    /// goes to the database until the guard ends. Returns the level at which the write goes on.
    ///
    /// Await it right before anything is sent that may commit. Called again it taints the tags that
    /// came in since, and renews the taints if a third of their life is over, or places them anew if
    /// they were lost. Where that cannot be done the level is [`Freshness::AfterCommit`]; it is
    /// counted in [`Stats::degraded`](crate::Stats::degraded), and no reason not to write.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await. What was tainted is lifted with the guard.
    pub async fn fence(&mut self) -> Freshness {
        let region = &self.region.inner;
        let level = region.policy.freshness;
        if level != Freshness::Fenced || self.tags.is_empty() {
            return level;
        }
        match region.fence(&self.tags, &mut self.fence).await {
            Ok(()) => level,
            Err(reason) => {
                region.emit(&Event::Degraded { reason });
                Freshness::AfterCommit
            }
        }
    }

    /// Invalidates the tags, and lifts their taints: the write is done, or its outcome is unknown.
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
        // The fence stays with the guard meanwhile: dropped here, it is lifted by the guard's drop.
        let bumped = self.region.inner.bump_and_lift(&owed, self.fence.as_ref()).await;
        self.fence = None;
        bumped
    }

    /// Invalidates the tags now and goes on owing them: for a write that may still be running. What
    /// is tainted stays so.
    pub fn bump_now(&self) {
        // What a backend must be told is delivered in the background.
        drop(self.owe());
    }

    fn owe(&self) -> Option<Debt> {
        if self.tags.is_empty() || self.owes_nothing() {
            return None;
        }
        self.region.inner.owe(&self.tags, Invalidation::Hard, Source::Write)
    }

    fn owes_nothing(&self) -> bool {
        self.region.inner.policy.freshness == Freshness::Ttl
    }

    /// Lets the tags go: the write is known not to have happened. Taints are lifted, in the
    /// background where they are in a backend.
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
        let debt = self.owe();
        match self.fence.take() {
            Some(Fence::Afar(tainted)) => self.region.lift_later(tainted, debt),
            // Cells of this process are lifted when they are dropped, after they were bumped.
            here @ (Some(Fence::Here(_)) | None) => drop((debt, here)),
        }
    }
}
