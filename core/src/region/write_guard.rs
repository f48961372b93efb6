//! The debt of a writer: tags that must be invalidated, whatever happens to it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Region;
use super::fence::Fence;
use crate::backend::Debt;
#[cfg(doc)]
use crate::backend::Transactional;
use crate::error::Result;
use crate::observe::{Event, Reason, Source};
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
    freshness: Freshness,
    /// Whether the write's own transaction invalidates, or notes that it is to be done.
    carried: bool,
    /// Why it does not, where that is known.
    declined: Option<Reason>,
}

impl WriteGuard {
    pub(super) fn new(region: Region, tags: Tags) -> Self {
        let freshness = region.inner.policy.freshness;
        Self { region, tags, fence: None, freshness, carried: false, declined: None }
    }

    /// What this write does, where it is not what the writes of the region do.
    ///
    /// [`Freshness::Transactional`] takes a region that was built with it; in others the write is
    /// [`Freshness::Fenced`].
    ///
    /// Default: the region's.
    pub const fn at(mut self, freshness: Freshness) -> Self {
        self.freshness = freshness;
        self
    }

    /// The region whose guard it is.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// The tags that are owed.
    pub const fn tags(&self) -> &Tags {
        &self.tags
    }

    /// SQL that invalidates the tags inside of the write's own transaction, where the region is
    /// [`Freshness::Transactional`] and its backend can.
    ///
    /// For an adapter, which has [asked](Transactional::question) the connection before: it runs the
    /// script right before the COMMIT. Say [`carried`](Self::carried) when it has succeeded, and
    /// [`declined`](Self::declined) otherwise.
    pub fn script(&self) -> Option<String> {
        if self.freshness != Freshness::Transactional {
            return None;
        }
        let remote = self.region.inner.remote.as_ref()?;
        let transactional = remote.transactional.as_ref().filter(|_| !self.tags.is_empty())?;
        let registers = remote.registers(&self.tags, Invalidation::Hard);
        let registers: Vec<&str> = registers.iter().map(String::as_str).collect();
        catch_unwind(AssertUnwindSafe(|| transactional.script(&registers))).ok().flatten()
    }

    /// The transaction carries the tags, and nothing is tainted.
    ///
    /// With [`Freshness::Transactional`] it has run the [script](Self::script): it invalidates the tags
    /// if it commits, and there is nothing to invalidate if it does not. So from here on the guard only
    /// sees to it that this process believes nothing that it learnt before. With [`Freshness::Durable`] it
    /// has noted the tags in a log, and the guard still invalidates them.
    pub const fn carried(&mut self) {
        self.carried = true;
    }

    /// The transaction does not carry the tags: [`fence`](Self::fence) says so for this `reason`.
    pub const fn declined(&mut self, reason: Reason) {
        self.carried = false;
        self.declined = Some(reason);
    }

    /// Taints the tags, where the region is [`Freshness::Fenced`], or is
    /// [`Freshness::Transactional`] or [`Freshness::Durable`] and the transaction does not
    /// [carry](Self::carried) them: whoever reads what depends on them goes to the database until the
    /// guard ends. Returns the level at which the write goes on.
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
        match self.freshness {
            level if self.tags.is_empty() => return level,
            Freshness::Fenced => {}
            Freshness::Durable | Freshness::Transactional if !self.carried => {
                region.emit(&Event::Degraded { reason: self.why_not() });
            }
            level => return level,
        }
        match region.fence(&self.tags, &mut self.fence).await {
            Ok(()) => Freshness::Fenced,
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
        if self.moves_by_itself() && self.fence.is_none() {
            // Its drop does all there is to do.
            return Ok(());
        }
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
        if self.moves_by_itself() {
            self.region.inner.moved(&self.tags);
            return None;
        }
        self.region.inner.owe(&self.tags, Invalidation::Hard, Source::Write)
    }

    /// Why the transaction does not carry the tags.
    fn why_not(&self) -> Reason {
        self.declined.unwrap_or(match self.freshness {
            Freshness::Durable => Reason::NOT_NOTED,
            _ => Reason::NOT_TRANSACTIONAL,
        })
    }

    /// Whether the tags move with the COMMIT.
    fn moves_by_itself(&self) -> bool {
        self.carried && self.freshness == Freshness::Transactional
    }

    fn owes_nothing(&self) -> bool {
        self.freshness == Freshness::Ttl
    }

    /// Lets the tags go: the write is known not to have happened. Taints are lifted, in the
    /// background where they are in a backend.
    pub fn discard(mut self) {
        self.tags = Tags::new();
    }
}

impl<T: Into<Tag>> Extend<T> for WriteGuard {
    fn extend<I: IntoIterator<Item = T>>(&mut self, tags: I) {
        let before = self.tags.len();
        self.tags.extend(tags);
        // The script knows nothing of those that are new.
        self.carried &= self.tags.len() == before;
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
