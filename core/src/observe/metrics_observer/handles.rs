//! The series of one region, registered once.

use std::sync::OnceLock;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::Invalidation;
use crate::observe::by_reason::{ByReason, ReasonKind};
use crate::observe::series::{self, Series};
use crate::observe::{Direction, Event, Outcome, Reason, Stats, Tier};

pub(super) struct Handles {
    /// By tier: a region sends of those only that it has.
    hits: [OnceLock<Counter>; 3],
    stored: Counter,
    stored_bytes: Histogram,
    load_stored: Histogram,
    load_refused: Histogram,
    load_failed: Histogram,
    lock_wait: Histogram,
    read: Counter,
    written: Counter,
    entries: Gauge,
    weight: Gauge,
    flights: Gauge,
    reasons: ByReason<Counter>,
}

impl Handles {
    pub(super) fn new(region: &str) -> Self {
        let load = |result| histogram(&series::LOAD, region, &[("result", result)]);
        let bytes = |direction: Direction| {
            counter(&series::BACKEND_BYTES, region, &[("direction", direction.name())])
        };
        Self {
            hits: Default::default(),
            stored: result(region, "stored", Reason::NONE),
            stored_bytes: histogram(&series::STORED_BYTES, region, &[]),
            load_stored: load("stored"),
            load_refused: load("refused"),
            load_failed: load("failed"),
            lock_wait: histogram(&series::LOCK_WAIT, region, &[]),
            read: bytes(Direction::Read),
            written: bytes(Direction::Written),
            entries: gauge(&series::ENTRIES, region),
            weight: gauge(&series::WEIGHT, region),
            flights: gauge(&series::FLIGHTS, region),
            reasons: ByReason::default(),
        }
    }

    #[inline]
    pub(super) fn record(&self, region: &str, event: &Event) {
        match event {
            Event::Lookup { outcome: Outcome::Hit, tier, .. } => {
                self.hit(region, tier.unwrap_or(Tier::Local)).increment(1);
            }
            event => self.record_rarer(region, event),
        }
    }

    #[inline]
    fn hit(&self, region: &str, tier: Tier) -> &Counter {
        tier.of(&self.hits).get_or_init(|| lookups(region, Outcome::Hit, tier.name(), Reason::NONE))
    }

    fn record_rarer(&self, region: &str, event: &Event) {
        match *event {
            Event::Stored { created_in, weight } => {
                self.stored.increment(1);
                self.stored_bytes.record(weight as f64);
                self.load_stored.record(created_in);
            }
            Event::Refused { created_in, .. } => self.load_refused.record(created_in),
            Event::Failed { after, .. } => self.load_failed.record(after),
            Event::LeaseWaited { waited } => self.lock_wait.record(waited),
            Event::Invalidated { tags, how, source } => {
                let how = match how {
                    Invalidation::Hard => "hard",
                    Invalidation::Soft => "soft",
                };
                let labels = [("source", source.name()), ("how", how)];
                counter(&series::INVALIDATIONS, region, &labels).increment(1);
                counter(&series::INVALIDATED_TAGS, region, &labels).increment(tags as u64);
            }
            Event::BackendFailed { operation, reason } => {
                let labels = [("operation", operation), ("reason", reason.code())];
                return counter(&series::BACKEND_FAILURES, region, &labels).increment(1);
            }
            Event::BackendBytes { direction: Direction::Read, bytes } => self.read.increment(bytes),
            Event::BackendBytes { direction: Direction::Written, bytes } => {
                self.written.increment(bytes);
            }
            _ => {}
        }
        if let Some((kind, reason)) = event.because() {
            let make = |reason| by_reason(region, kind, reason);
            self.reasons.get(kind, reason, make).increment(1);
        }
    }

    pub(super) fn sample(&self, stats: &Stats) {
        self.entries.set(stats.entries as f64);
        self.weight.set(stats.weight as f64);
        self.flights.set(stats.flights as f64);
    }
}

/// The counter of what has this reason.
fn by_reason(region: &str, kind: ReasonKind, reason: Reason) -> Counter {
    let only = |series| counter(series, region, &[("reason", reason.code())]);
    match kind {
        ReasonKind::Stale => outcome(region, Outcome::Stale, reason),
        ReasonKind::Miss => outcome(region, Outcome::Miss, reason),
        ReasonKind::Bypass => outcome(region, Outcome::Bypass, reason),
        ReasonKind::Refused | ReasonKind::Failed => result(region, kind.name(), reason),
        ReasonKind::FellBack => only(&series::FELL_BACK),
        ReasonKind::Unlocked => only(&series::UNLOCKED),
        ReasonKind::Rejected => only(&series::REJECTED),
        ReasonKind::BackgroundRefused => only(&series::BACKGROUND_REFUSED),
        ReasonKind::Degraded => only(&series::DEGRADED),
        // Counted by operation as well, where the event is at hand.
        ReasonKind::BackendFailed => Counter::noop(),
    }
}

fn outcome(region: &str, outcome: Outcome, reason: Reason) -> Counter {
    lookups(region, outcome, "none", reason)
}

fn lookups(region: &str, outcome: Outcome, tier: &'static str, reason: Reason) -> Counter {
    let labels = [("outcome", outcome.name()), ("tier", tier), ("reason", reason.code())];
    counter(&series::LOOKUPS, region, &labels)
}

fn result(region: &str, result: &'static str, reason: Reason) -> Counter {
    counter(&series::CREATIONS, region, &[("result", result), ("reason", reason.code())])
}

type Labels<'l> = &'l [(&'static str, &'static str)];

fn labels(region: &str, labels: Labels<'_>) -> Vec<metrics::Label> {
    let of_region = metrics::Label::new("region", region.to_owned());
    let others = labels.iter().map(|(name, value)| metrics::Label::from_static_parts(name, value));
    std::iter::once(of_region).chain(others).collect()
}

fn counter(series: &Series, region: &str, others: Labels<'_>) -> Counter {
    counter!(series.name, labels(region, others))
}

fn histogram(series: &Series, region: &str, others: Labels<'_>) -> Histogram {
    histogram!(series.name, labels(region, others))
}

fn gauge(series: &Series, region: &str) -> Gauge {
    gauge!(series.name, labels(region, &[]))
}
