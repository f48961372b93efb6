//! What a lookup finds: the one place that decides whether an entry may be served.

use std::sync::Arc;

use super::Inner;
use super::request::Request;
use crate::clock::Tick;
use crate::observe::{LookupSpan, Outcome, Reason, Tier};
use crate::tag::Standing;
use crate::value::{AnyEntry, Entry, Header, downcast};

/// The result of a lookup.
pub(super) enum Found<T> {
    Fresh(Arc<Entry<T>>),
    Stale(Arc<Entry<T>>, Reason),
    /// Nothing to serve, but perhaps something to fall back on should the creation fail.
    Missing(Reason, Option<Arc<Entry<T>>>),
}

impl<T> Found<T> {
    /// Nothing, not even to fall back on.
    pub(super) const fn nothing(reason: Reason) -> Self {
        Self::Missing(reason, None)
    }

    /// The entry, servable or to fall back on.
    pub(super) const fn entry(&self) -> Option<&Arc<Entry<T>>> {
        match self {
            Self::Fresh(entry) | Self::Stale(entry, _) => Some(entry),
            Self::Missing(_, old) => old.as_ref(),
        }
    }

    /// The better of two, this one where they are alike.
    pub(super) fn or(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.rank() > self.rank() => other,
            _ => self,
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Fresh(_) => 3,
            Self::Stale(..) => 2,
            Self::Missing(_, Some(_)) => 1,
            Self::Missing(_, None) => 0,
        }
    }

    /// The entry, if one may be served.
    pub(super) fn servable(self) -> Option<Arc<Entry<T>>> {
        match self {
            Self::Fresh(entry) | Self::Stale(entry, _) => Some(entry),
            Self::Missing(..) => None,
        }
    }

    /// Says to `lookup` how it ended.
    pub(super) fn end(&self, lookup: LookupSpan<'_>, tier: Tier, now: Tick) -> tracing::Span {
        match self {
            Self::Fresh(entry) => lookup.found(Outcome::Hit, tier, entry.header().age(now), None),
            Self::Stale(entry, reason) => {
                lookup.found(Outcome::Stale, tier, entry.header().age(now), Some(*reason))
            }
            Self::Missing(reason, _) => lookup.end(Outcome::Miss, *reason),
        }
    }
}

impl Inner {
    /// Looks `request` up in this process and judges what is there.
    pub(super) fn find<T: Send + Sync + 'static>(
        &self,
        request: &Request<'_>,
        now: Tick,
    ) -> Found<T> {
        match self.tier.get(request.key.digest().lookup) {
            None => Found::nothing(Reason::ABSENT),
            Some(entry) => {
                let standing = entry.header().observation.standing();
                self.judge(request, entry, standing, now)
            }
        }
    }

    /// Judges an entry of the local tier.
    pub(super) fn judge<T: Send + Sync + 'static>(
        &self,
        request: &Request<'_>,
        entry: Arc<dyn AnyEntry>,
        standing: Standing,
        now: Tick,
    ) -> Found<T> {
        let verdict = self.verdict(entry.header(), request, standing, now);
        let Some(entry) = downcast(entry) else {
            return Found::nothing(Reason::OTHER_TYPE);
        };
        verdict.of(entry)
    }
}

/// How an entry may be served.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    Fresh,
    Stale(Reason),
    /// Only if its successor cannot be created.
    OnError(Reason),
    Unservable(Reason),
}

impl Verdict {
    /// The verdict with the entry that it is about.
    pub(super) fn of<T>(self, entry: Arc<Entry<T>>) -> Found<T> {
        match self {
            Self::Fresh => Found::Fresh(entry),
            Self::Stale(reason) => Found::Stale(entry, reason),
            Self::OnError(reason) => Found::Missing(reason, Some(entry)),
            Self::Unservable(reason) => Found::nothing(reason),
        }
    }
}

impl Inner {
    /// Judges an entry by its header: identity first, then validity, then age.
    #[inline]
    pub(super) fn verdict(
        &self,
        header: &Header,
        request: &Request<'_>,
        standing: Standing,
        now: Tick,
    ) -> Verdict {
        if header.check != request.key.digest().check {
            return Verdict::Unservable(Reason::COLLISION);
        }
        if !header.tags.same_as(&request.tags) {
            return Verdict::Unservable(Reason::OTHER_TAGS);
        }
        let reason = match standing {
            Standing::Moved => return Verdict::Unservable(Reason::INVALIDATED),
            Standing::Softened => Reason::SOFTLY_INVALIDATED,
            Standing::Current if now < header.fresh_until => return Verdict::Fresh,
            Standing::Current => Reason::EXPIRED,
        };
        self.past_freshness(header, request, reason, now)
    }

    /// Judges a valid entry that is not fresh any more, by its age alone.
    fn past_freshness(
        &self,
        header: &Header,
        request: &Request<'_>,
        reason: Reason,
        now: Tick,
    ) -> Verdict {
        if header.servable_as_stale(now, request.stale_for(self)) {
            return Verdict::Stale(reason);
        }
        let missing = if reason == Reason::EXPIRED { reason } else { Reason::INVALIDATED };
        if header.age(now) < request.stale_on_error(self) {
            Verdict::OnError(missing)
        } else {
            Verdict::Unservable(missing)
        }
    }
}
