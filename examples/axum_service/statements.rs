//! How many statements the database was really sent: what a cache is there to make fewer.
//!
//! The driver tells of each in an event of `tracing` with the target `sqlx::query`. A service with
//! logs of its own has a subscriber already, and hears of them there.

use std::sync::atomic::{AtomicU64, Ordering};

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Metadata, Subscriber};

static SENT: AtomicU64 = AtomicU64::new(0);

/// How many there were since the start.
pub(crate) fn sent() -> u64 {
    SENT.load(Ordering::SeqCst)
}

/// Counts from here on.
pub(crate) fn subscribe() {
    // Fails where there is a subscriber already, and nothing here sets another one.
    let _ = set_global_default(Driver);
}

/// Hears of the driver's statements and of nothing else.
struct Driver;

impl Subscriber for Driver {
    fn register_callsite(&self, callsite: &'static Metadata<'static>) -> Interest {
        if callsite.target() == "sqlx::query" { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, event: &Metadata<'_>) -> bool {
        event.target() == "sqlx::query"
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, _: &Event<'_>) {
        SENT.fetch_add(1, Ordering::SeqCst);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
