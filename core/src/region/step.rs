//! What a lookup says about who does what next.

use tracing::Span;

use super::Inner;
use super::creation::{Creation, Plan};
use super::found::Found;
use super::remote::Purpose;
use super::request::Request;
use crate::clock::Tick;
use crate::observe::{LookupSpan, Outcome, Reason, Tier};
use crate::shared::Shared;
use crate::tag::Observation;
use crate::value::Header;

/// What comes after a lookup.
pub(super) enum Step<T> {
    /// This value is the answer.
    Serve(Shared<T>),
    /// This value is the answer, unless the caller gets to refresh it.
    Refresh(Shared<T>, Task<T>),
    /// Nothing may be served.
    Create(Task<T>),
    /// The cache is not to be asked.
    Uncached,
    /// The cache cannot be asked, or not be trusted: nothing is stored.
    Apart,
}

/// What whoever creates needs to know of the lookup before.
pub(super) struct Task<T> {
    pub(super) span: Span,
    /// The versions that the lookup read, where it read them.
    pub(super) seen: Option<Observation>,
    /// A fresh value that is refreshed early.
    pub(super) early: Option<Shared<T>>,
    /// Whether there is an old value to fall back on.
    pub(super) falls_back: bool,
}

impl<P> Creation<'_, P> {
    /// The lookup in this process: all that happens on a hit.
    pub(super) fn step<T: Send + Sync + 'static>(&self) -> Step<T> {
        let region = self.region.inner();
        let lookup = LookupSpan::begin(region);
        if let Some(reason) = region.off() {
            lookup.end(Outcome::Bypass, reason);
            return Step::Uncached;
        }
        let now = region.clock.now();
        let found = region.find(&self.request, now);
        let Ok(seen) = region.seen_at_miss(&self.request, &found) else {
            lookup.end(Outcome::Bypass, Reason::TAINTED);
            return Step::Apart;
        };
        let span = found.end(lookup, Tier::Local, now);
        region.next_step(found, span, seen, now)
    }

    /// A hit that asks nobody, in a region that has a backend.
    #[inline]
    pub(super) fn step_near<T: Send + Sync + 'static>(&self) -> Option<Step<T>> {
        let region = self.region.inner();
        let entry = region.near(&self.request)?;
        if region.off().is_some() {
            return None;
        }
        let now = region.clock.now();
        let seen = Some(entry.header().observation.clone());
        let found = Found::Fresh(entry);
        let span = found.end(LookupSpan::begin(region), Tier::Local, now);
        Some(region.next_step(found, span, seen, now))
    }

    /// The lookup in a backend.
    pub(super) async fn step_afar<T>(&self) -> Step<T>
    where
        T: Send + Sync + 'static,
        P: Plan<T>,
    {
        let region = self.region.inner();
        let lookup = LookupSpan::begin(region);
        if let Some(reason) = region.off() {
            lookup.end(Outcome::Bypass, reason);
            return Step::Uncached;
        }
        let looked = region.look_afar(&self.request, &self.plan, Purpose::Create).await;
        let now = region.clock.now();
        match looked.end(lookup, now) {
            Some((found, seen, span)) => region.next_step(found, span, Some(seen), now),
            None => Step::Apart,
        }
    }
}

/// Nothing in the cache is of use to a reader while a writer is about to commit.
pub(super) struct IsTainted;

impl Inner {
    /// What whoever creates in place of what was not found depends on. A value that was found was
    /// not tainted when it was.
    #[inline]
    pub(super) fn seen_at_miss<T>(
        &self,
        request: &Request<'_>,
        found: &Found<T>,
    ) -> Result<Option<Observation>, IsTainted> {
        match found {
            Found::Fresh(_) | Found::Stale(..) => Ok(None),
            Found::Missing(..) => {
                let seen = self.observe(request);
                if seen.is_tainted() { Err(IsTainted) } else { Ok(Some(seen)) }
            }
        }
    }

    #[inline]
    fn next_step<T>(
        &self,
        found: Found<T>,
        span: Span,
        seen: Option<Observation>,
        now: Tick,
    ) -> Step<T> {
        let task = |early, falls_back| Task { span, seen, early, falls_back };
        match found {
            Found::Fresh(entry) if self.elects(entry.header(), now) => {
                let value = Shared::new(entry);
                Step::Refresh(value.clone(), task(Some(value), true))
            }
            Found::Fresh(entry) => Step::Serve(Shared::new(entry)),
            Found::Stale(entry, _) => Step::Refresh(Shared::new(entry), task(None, true)),
            Found::Missing(_, old) => Step::Create(task(None, old.is_some())),
        }
    }

    /// Whether this hit is the one that refreshes its value early.
    ///
    /// XFetch (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention,
    /// 2015): the closer the end and the longer the creation takes, the likelier. It only elects;
    /// flight and lease still let one through.
    #[inline]
    fn elects(&self, header: &Header, now: Tick) -> bool {
        let beta = self.policy.early_refresh;
        beta > 0.0 && early(header, now, beta)
    }
}

fn early(header: &Header, now: Tick, beta: f64) -> bool {
    let left = header.fresh_until.since(now).as_secs_f64();
    let reach = header.created_in.as_secs_f64() * beta;
    // Thirty times as far is a chance of one in ten to the thirteenth: not worth a random number.
    left < reach * 30.0 && left <= reach * -(1.0 - rand::random::<f64>()).ln()
}
