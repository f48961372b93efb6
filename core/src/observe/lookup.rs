//! One lookup: a span, and an outcome that cannot be forgotten.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::{Event, Outcome, Reason, Tier, fields};
use crate::region::Inner;

/// A lookup that has begun. [`end`](Self::end) consumes it, so it ends once; one that is dropped
/// before there is an answer was a bypass (I11).
pub(crate) struct LookupSpan<'r> {
    region: &'r Inner,
    span: Span,
    ended: bool,
}

impl<'r> LookupSpan<'r> {
    #[inline]
    pub(crate) fn begin(region: &'r Inner) -> Self {
        let span = tracing::debug_span!(
            "dogpile.lookup",
            { fields::REGION } = region.name(),
            { fields::KIND } = "internal",
            { fields::OUTCOME } = Empty,
            { fields::TIER } = Empty,
            { fields::REASON } = Empty,
            { fields::AGE } = Empty,
        );
        Self { region, span, ended: false }
    }

    /// Says that the lookup found a value, to the counters, the span and the observer.
    #[inline]
    pub(crate) fn found(
        self,
        outcome: Outcome,
        tier: Tier,
        age: Duration,
        reason: Option<Reason>,
    ) -> Span {
        self.close(Event::Lookup { outcome, tier: Some(tier), age: Some(age), reason })
    }

    /// Says how the lookup ended that found nothing, to the counters, the span and the observer.
    #[inline]
    pub(crate) fn end(self, outcome: Outcome, reason: Reason) -> Span {
        self.close(Event::Lookup { outcome, tier: None, age: None, reason: Some(reason) })
    }

    #[inline]
    fn close(mut self, event: Event) -> Span {
        if !self.span.is_disabled() {
            self.record(&event);
        }
        self.ended = true;
        self.region.emit(&event);
        std::mem::replace(&mut self.span, Span::none())
    }

    #[cold]
    fn record(&self, event: &Event) {
        let Event::Lookup { outcome, tier, age, reason } = *event else { return };
        self.span.record(fields::OUTCOME, outcome.name());
        if let Some(tier) = tier {
            self.span.record(fields::TIER, tier.name());
        }
        if let Some(age) = age {
            self.span.record(fields::AGE, u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        }
        if let Some(reason) = reason {
            self.span.record(fields::REASON, reason.code());
        }
    }
}

impl Drop for LookupSpan<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let (outcome, reason) = (Outcome::Bypass, Some(Reason::DROPPED));
            let event = Event::Lookup { outcome, tier: None, age: None, reason };
            self.record(&event);
            self.region.emit(&event);
        }
    }
}
