//! One lookup: a span, and an outcome that cannot be forgotten.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::{Event, Outcome, Reason, fields};
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
            { fields::REASON } = Empty,
            { fields::AGE } = Empty,
        );
        Self { region, span, ended: false }
    }

    /// Says how the lookup ended, to the counters, the span and the observer.
    #[inline]
    pub(crate) fn end(
        mut self,
        outcome: Outcome,
        age: Option<Duration>,
        reason: Option<Reason>,
    ) -> Span {
        if !self.span.is_disabled() {
            self.record(outcome, age, reason);
        }
        self.ended = true;
        self.region.emit(&Event::Lookup { outcome, age, reason });
        std::mem::replace(&mut self.span, Span::none())
    }

    #[cold]
    fn record(&self, outcome: Outcome, age: Option<Duration>, reason: Option<Reason>) {
        self.span.record(fields::OUTCOME, outcome.name());
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
            let reason = Some(Reason::DROPPED);
            self.record(Outcome::Bypass, None, reason);
            self.region.emit(&Event::Lookup { outcome: Outcome::Bypass, age: None, reason });
        }
    }
}
