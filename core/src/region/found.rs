//! What a lookup finds: the one place that decides whether an entry may be served.

use std::sync::Arc;
use std::time::Duration;

use super::Inner;
use super::request::Request;
use crate::clock::Tick;
use crate::observe::{LookupSpan, Outcome, Reason};
use crate::tag::Standing;
use crate::value::{AnyEntry, Entry, Header, downcast};

/// The result of a lookup.
pub(super) enum Found<T> {
    Fresh(Arc<Entry<T>>),
    Stale(Arc<Entry<T>>, Reason),
    Missing(Reason),
}

impl<T> Found<T> {
    /// The entry, if one may be served.
    pub(super) fn servable(self) -> Option<Arc<Entry<T>>> {
        match self {
            Self::Fresh(entry) | Self::Stale(entry, _) => Some(entry),
            Self::Missing(_) => None,
        }
    }

    /// Says to `lookup` how it ended.
    pub(super) fn end(&self, lookup: LookupSpan<'_>, now: Tick) -> tracing::Span {
        match self {
            Self::Fresh(entry) => lookup.end(Outcome::Hit, Some(entry.header().age(now)), None),
            Self::Stale(entry, reason) => {
                lookup.end(Outcome::Stale, Some(entry.header().age(now)), Some(*reason))
            }
            Self::Missing(reason) => lookup.end(Outcome::Miss, None, Some(*reason)),
        }
    }
}

impl Inner {
    /// Looks `request` up and judges what is there.
    pub(super) fn find<T: Send + Sync + 'static>(
        &self,
        request: &Request<'_>,
        now: Tick,
    ) -> Found<T> {
        match self.tier.get(request.key.digest().lookup) {
            None => Found::Missing(Reason::ABSENT),
            Some(entry) => self.judge(request, entry, now),
        }
    }

    fn judge<T: Send + Sync + 'static>(
        &self,
        request: &Request<'_>,
        entry: Arc<dyn AnyEntry>,
        now: Tick,
    ) -> Found<T> {
        let verdict = verdict(entry.header(), request, now, request.stale_for(self));
        let Some(entry) = downcast(entry) else {
            return Found::Missing(Reason::OTHER_TYPE);
        };
        match verdict {
            Verdict::Fresh => Found::Fresh(entry),
            Verdict::Stale(reason) => Found::Stale(entry, reason),
            Verdict::Unservable(reason) => Found::Missing(reason),
        }
    }
}

/// How an entry may be served.
pub(super) enum Verdict {
    Fresh,
    Stale(Reason),
    Unservable(Reason),
}

/// Judges an entry by its header: identity first, then validity, then age.
#[inline]
pub(super) fn verdict(
    header: &Header,
    request: &Request<'_>,
    now: Tick,
    stale_for: Duration,
) -> Verdict {
    if header.check != request.key.digest().check {
        return Verdict::Unservable(Reason::COLLISION);
    }
    if !header.tags.same_as(&request.tags) {
        return Verdict::Unservable(Reason::OTHER_TAGS);
    }
    let reason = match header.observation.standing() {
        Standing::Moved => return Verdict::Unservable(Reason::INVALIDATED),
        Standing::Softened => Reason::SOFTLY_INVALIDATED,
        Standing::Current if now < header.fresh_until => return Verdict::Fresh,
        Standing::Current => Reason::EXPIRED,
    };
    if header.servable_as_stale(now, stale_for) {
        Verdict::Stale(reason)
    } else if reason == Reason::EXPIRED {
        Verdict::Unservable(Reason::EXPIRED)
    } else {
        Verdict::Unservable(Reason::INVALIDATED)
    }
}
