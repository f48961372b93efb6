//! One creation: a span, and an end that cannot be forgotten.

use tracing::Span;
use tracing::field::Empty;

use super::{Event, Reason, fields};
use crate::clock::{Clock, Tick};
use crate::region::Inner;

/// A creator that has begun. One that is dropped without a word was dropped or has panicked, and is
/// counted as failed.
pub(crate) struct CreationSpan<'r> {
    region: &'r Inner,
    clock: &'r dyn Clock,
    begun: Tick,
    span: Span,
    /// For how many keys.
    keys: usize,
    ended: bool,
}

impl<'r> CreationSpan<'r> {
    pub(crate) fn begin(region: &'r Inner, clock: &'r dyn Clock) -> Self {
        Self::begin_many(region, clock, 1)
    }

    /// A creation for several keys: it fails for each of them.
    pub(crate) fn begin_many(region: &'r Inner, clock: &'r dyn Clock, keys: usize) -> Self {
        let span = tracing::debug_span!(
            "dogpile.create",
            { fields::REGION } = region.name(),
            { fields::KIND } = "internal",
            { fields::STATUS } = Empty,
            { fields::ERROR } = Empty,
        );
        Self { region, clock, begun: clock.now(), span, keys, ended: false }
    }

    /// When it began.
    pub(crate) const fn begun(&self) -> Tick {
        self.begun
    }

    /// The span that the creator runs in.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// The creator returned a value, and it was weighed and judged. Whoever stores it says what
    /// became of it.
    pub(crate) fn succeeded(mut self) {
        self.ended = true;
    }

    /// The creator returned an error.
    pub(crate) fn failed(mut self) {
        self.end(Reason::CREATOR_ERROR);
    }

    fn end(&mut self, reason: Reason) {
        self.ended = true;
        self.span.record(fields::STATUS, "ERROR");
        self.span.record(fields::ERROR, reason.code());
        let after = self.clock.now().since(self.begun);
        for _ in 0..self.keys {
            self.region.emit(&Event::Failed { reason, after });
        }
    }
}

impl Drop for CreationSpan<'_> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let panicked = std::thread::panicking();
        self.end(if panicked { Reason::CREATOR_PANIC } else { Reason::CREATOR_DROPPED });
    }
}
