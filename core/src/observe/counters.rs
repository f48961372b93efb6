//! What a region counts with.

use std::sync::atomic::{AtomicU64, Ordering};

use super::by_reason::{ByReason, ReasonKind};
use super::counter::Counter;
use super::histogram::Histogram;
use super::{Direction, Event, Outcome, Reason, ReasonCount, Stats, Tier};

/// The counters behind [`Stats`].
///
/// What has a reason is counted by its reason only; the sums are made when they are asked for.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// By tier.
    hits: [Counter; 3],
    stored: Counter,
    invalidated_tags: Counter,
    bytes_read: Counter,
    bytes_written: Counter,
    reasons: ByReason<AtomicU64>,
    load: Histogram,
    lock_wait: Histogram,
}

impl Counters {
    #[inline]
    pub(crate) fn count(&self, event: &Event) {
        match event {
            Event::Lookup { outcome: Outcome::Hit, tier, .. } => {
                tier.unwrap_or(Tier::Local).of(&self.hits).add_one();
            }
            event => self.count_rarer(event),
        }
    }

    fn count_rarer(&self, event: &Event) {
        match *event {
            Event::Stored { created_in, .. } => {
                self.stored.add_one();
                self.load.record(created_in);
            }
            Event::Refused { created_in, .. } => self.load.record(created_in),
            Event::Failed { after, .. } => self.load.record(after),
            Event::LeaseWaited { waited } => self.lock_wait.record(waited),
            Event::Invalidated { tags, .. } => self.invalidated_tags.add(tags as u64),
            Event::BackendBytes { direction: Direction::Read, bytes } => self.bytes_read.add(bytes),
            Event::BackendBytes { direction: Direction::Written, bytes } => {
                self.bytes_written.add(bytes);
            }
            _ => {}
        }
        if let Some((kind, reason)) = event.because() {
            let count = self.reasons.get(kind, reason, |_| AtomicU64::new(0));
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let mut reasons: Vec<_> = self.reasons.iter().map(ReasonCount::read).collect();
        reasons.sort_unstable_by_key(|held| (held.kind, std::cmp::Reverse(held.count)));
        let of =
            |kind| reasons.iter().filter(|held| held.kind == kind).map(|held| held.count).sum();
        let [local_hits, checked_hits, backend_hits] = self.hits.each_ref().map(Counter::sum);
        let hits = local_hits + checked_hits + backend_hits;
        let stale: u64 = of(ReasonKind::Stale);
        let (misses, bypasses): (u64, u64) = (of(ReasonKind::Miss), of(ReasonKind::Bypass));
        Stats {
            lookups: hits + stale + misses + bypasses,
            hits,
            local_hits,
            checked_hits,
            backend_hits,
            stale,
            misses,
            bypasses,
            stored: self.stored.sum(),
            refused: of(ReasonKind::Refused),
            failed: of(ReasonKind::Failed),
            unlocked: of(ReasonKind::Unlocked),
            fell_back: of(ReasonKind::FellBack),
            invalidated_tags: self.invalidated_tags.sum(),
            backend_failed: of(ReasonKind::BackendFailed),
            rejected: of(ReasonKind::Rejected),
            background_refused: of(ReasonKind::BackgroundRefused),
            degraded: of(ReasonKind::Degraded),
            bytes_read: self.bytes_read.sum(),
            bytes_written: self.bytes_written.sum(),
            load: self.load.timings(),
            lock_wait: self.lock_wait.timings(),
            reasons,
            ..Stats::default()
        }
    }
}

impl ReasonCount {
    fn read((kind, reason, count): (ReasonKind, Reason, &AtomicU64)) -> Self {
        Self { kind, reason, count: count.load(Ordering::Relaxed) }
    }
}

impl Event {
    /// The reason that comes with it, and what it is the reason for.
    pub(super) fn because(&self) -> Option<(ReasonKind, Reason)> {
        let (kind, reason) = match *self {
            Self::Lookup { outcome, reason, .. } => {
                let kind = match outcome {
                    Outcome::Hit => return None,
                    Outcome::Stale => ReasonKind::Stale,
                    Outcome::Miss => ReasonKind::Miss,
                    Outcome::Bypass => ReasonKind::Bypass,
                };
                (kind, reason.unwrap_or(Reason::NONE))
            }
            Self::Refused { reason, .. } => (ReasonKind::Refused, reason),
            Self::Failed { reason, .. } => (ReasonKind::Failed, reason),
            Self::FellBack { reason } => (ReasonKind::FellBack, reason),
            Self::Unlocked { reason } => (ReasonKind::Unlocked, reason),
            Self::BackendFailed { reason, .. } => (ReasonKind::BackendFailed, reason),
            Self::Rejected { reason } => (ReasonKind::Rejected, reason),
            Self::BackgroundRefused { reason } => (ReasonKind::BackgroundRefused, reason),
            Self::Degraded { reason } => (ReasonKind::Degraded, reason),
            Self::Stored { .. }
            | Self::LeaseWaited { .. }
            | Self::Invalidated { .. }
            | Self::BackendBytes { .. } => return None,
        };
        Some((kind, reason))
    }
}
